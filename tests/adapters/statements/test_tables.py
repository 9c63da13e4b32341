"""R20: a table of any bank is understood by looking at it; what stays open is asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.statements import (
    DateOrder,
    DecimalSign,
    Meaning,
    Problem,
    Statement,
    StatementProblem,
    TableReading,
    read_preview,
    read_statement,
)
from tests.adapters.statements.files import table

HEADER = "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;Betrag;Währung"
ROWS = (
    "20.11.2026;20.11.2026;Ada Muster;L-1001;59,50;EUR",
    "21.11.2026;21.11.2026;Strom AG;Abschlag;-1.059,50;EUR",
)


def read(*rows: str, currency: str | None = None) -> Statement:
    return read_statement(table(*rows), currency=currency)


def amounts(*rows: str, currency: str | None = None) -> list[str]:
    return [str(line.amount) for line in read(*rows, currency=currency).lines]


def refused(*rows: str, reading: TableReading | None = None) -> StatementProblem:
    with pytest.raises(StatementProblem) as raised:
        read_statement(table(*rows), reading=reading)
    return raised.value


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_r20_the_separator_is_found(separator: str) -> None:
    quoted = [separator.join(f'"{cell}"' for cell in row.split(";")) for row in (HEADER, *ROWS)]

    assert amounts(*quoted) == ["59.50", "-1059.50"]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_r20_the_quote_is_found(quote: str) -> None:
    rows = [row.replace("L-1001", f"{quote}L-1001; zweite Rate{quote}") for row in ROWS]

    assert read(HEADER, *rows).lines[0].text == "L-1001; zweite Rate"


def test_r20_what_stands_above_the_header_is_left_out_but_its_account_is_told() -> None:
    preamble = (
        "Umsatzanzeige;Datei erstellt am: 21.11.2026 10:11",
        "",
        "IBAN;DE89 3704 0044 0532 0130 00",
        "Saldo;1.059,50;EUR",
        "Zeitraum;01.11.2026 - 21.11.2026",
        "",
    )

    statement = read(*preamble, HEADER, *ROWS)

    assert len(statement.lines) == 2
    assert {line.account for line in statement.lines} == {"DE89370400440532013000"}
    assert statement.reading is not None
    assert statement.reading.header_row == 7


def test_r20_the_account_may_stand_in_the_name_of_the_file() -> None:
    statement = read_statement(table(HEADER, *ROWS), "umsaetze_DE89370400440532013000.csv")

    assert statement.lines[0].account == "DE89370400440532013000"


@pytest.mark.parametrize(
    "header",
    [
        "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;Betrag;Währung",
        "Booking Date;Value Date;Payer;Payment Reference;Amount;Currency",
        "Fecha contable;Fecha valor;Ordenante;Concepto;Importe;Divisa",
        "Date comptable;Date valeur;Donneur d'ordre;Libellé;Montant;Devise",
        "Data contabile;Data valuta;Ordinante;Causale;Importo;Divisa",
        "Boekdatum;Rentedatum;Naam tegenpartij;Omschrijving;Bedrag;Munt",
        "Bokföringsdag;Valutadag;Avsändare;Meddelande;Belopp;Valuta",
    ],
)
def test_r20_the_header_is_understood_in_many_languages(header: str) -> None:
    line = read(header, *ROWS).lines[0]

    assert (str(line.booked_on), str(line.value_on)) == ("2026-11-20", "2026-11-20")
    assert (str(line.amount), line.currency) == ("59.50", "EUR")
    assert line.text.endswith("L-1001")


def test_r20_without_a_header_the_columns_are_known_by_what_stands_in_them() -> None:
    statement = read(
        "20261120;59,50;EUR;DE02120300000000202051;Ada Muster;Rechnung L-1001",
        "20261121;-3,00;EUR;DE44500105175407324931;Strom AG;Abschlag fuer Strom",
    )

    line = statement.lines[0]
    assert (str(line.booked_on), str(line.amount), line.currency) == ("2026-11-20", "59.50", "EUR")
    assert line.counterparty_iban == "DE02120300000000202051"
    assert (line.counterparty, line.text) == ("Ada Muster", "Rechnung L-1001")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["59,50", "-1.059,50"], ["59.50", "-1059.50"]),
        (["59.50", "-1,059.50"], ["59.50", "-1059.50"]),
        (["59.50", "-1'059.50"], ["59.50", "-1059.50"]),
        (["59,50", "-1 059,50"], ["59.50", "-1059.50"]),
        (["59,50 EUR", "1.059,50- EUR"], ["59.50", "-1059.50"]),
        (["59,50", "1.059,50-"], ["59.50", "-1059.50"]),
        (["59,50 €", "-1.059,50 €"], ["59.50", "-1059.50"]),
        (["€59.50", "(€1,059.50)"], ["59.50", "-1059.50"]),
        (["+59,50", "\u22121.059,50"], ["59.50", "-1059.50"]),
        (["59,5", "-1059"], ["59.50", "-1059.00"]),
        (["59,50 H", "1.059,50 S"], ["59.50", "-1059.50"]),
    ],
    ids=str,
)
def test_r20_amounts_are_read_as_people_write_them(cells: list[str], expected: list[str]) -> None:
    rows = [f"20.11.2026;Text;{cell}" for cell in cells]

    assert amounts("Datum;Text;Betrag EUR", *rows) == expected


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("Datum;Text;Soll;Haben", ["20.11.2026;a;;59,50", "20.11.2026;b;1.059,50;"]),
        ("Datum;Text;Soll;Haben", ["20.11.2026;a;;59,50", "20.11.2026;b;-1.059,50;"]),
        ("Datum;Text;Soll;Haben", ["20.11.2026;a;0,00;59,50", "20.11.2026;b;1.059,50;0,00"]),
        ("Datum;Text;Betrag;S/H", ["20.11.2026;a;59,50;H", "20.11.2026;b;1.059,50;S"]),
        ("Datum;Text;Umsatz;", ["20.11.2026;a;59,50;H", "20.11.2026;b;1.059,50;S"]),
        ("Datum;Tekst;Bedrag;Af Bij", ["20.11.2026;a;59,50;Bij", "20.11.2026;b;1.059,50;Af"]),
        ("Fecha;Concepto;Cargo;Abono", ["20/11/2026;a;;59,50", "20/11/2026;b;1.059,50;"]),
        ("Date;Libellé;Débit;Crédit", ["20/11/2026;a;;59,50", "20/11/2026;b;1 059,50;"]),
        ("Date;Text;Paid out;Paid in", ["20/11/2026;a;;59.50", "20/11/2026;b;1,059.50;"]),
        ("Date;Text;Amount;Dr/Cr", ["20/11/2026;a;59.50;CR", "20/11/2026;b;1,059.50;DR"]),
    ],
)
def test_r20_the_way_of_the_money_is_found(header: str, rows: list[str]) -> None:
    assert amounts(header, *rows, currency="EUR") == ["59.50", "-1059.50"]


def test_r20_two_columns_of_amounts_without_words_are_asked_about() -> None:
    problem = refused("Datum;Text;X;Y", "20.11.2026;a;;59,50", "20.11.2026;b;1.059,50;")

    assert problem.problem is Problem.COLUMNS_UNCLEAR
    assert problem.reading is not None


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["20.11.2026", "01.12.2026"], ["2026-11-20", "2026-12-01"]),
        (["20.11.26", "01.12.26"], ["2026-11-20", "2026-12-01"]),
        (["20/11/2026", "01/12/2026"], ["2026-11-20", "2026-12-01"]),
        (["11/20/2026", "12/01/2026"], ["2026-11-20", "2026-12-01"]),
        (["11/20/26", "12/1/26"], ["2026-11-20", "2026-12-01"]),
        (["2026-11-20", "2026-12-01"], ["2026-11-20", "2026-12-01"]),
        (["20261120", "20261201"], ["2026-11-20", "2026-12-01"]),
        (["20-Nov-2026", "01-Dec-2026"], ["2026-11-20", "2026-12-01"]),
        (["20. November 2026", "1. Dezember 2026"], ["2026-11-20", "2026-12-01"]),
        (["20 de noviembre de 2026", "1 de diciembre de 2026"], ["2026-11-20", "2026-12-01"]),
        (["2026-11-20T08:15:00Z", "2026-12-01 23:59:59"], ["2026-11-20", "2026-12-01"]),
        (["20.11.2026 08:15", "01.12.2026 09:00"], ["2026-11-20", "2026-12-01"]),
    ],
    ids=str,
)
def test_r20_the_order_of_days_is_decided_by_the_whole_column(
    days: list[str], expected: list[str]
) -> None:
    rows = [f"{day};Text;1.50" for day in days]

    lines = read("Date;Description;Amount", *rows, currency="USD").lines

    assert [str(line.booked_on) for line in lines] == expected


@pytest.mark.parametrize(
    ("header", "first", "second", "order"),
    [
        ("Fecha;Concepto;Importe", "05/04/2026", "06/04/2026", DateOrder.DAY_MONTH_YEAR),
        ("Date;Details;Amount GBP", "05/04/2026", "06/04/2026", DateOrder.DAY_MONTH_YEAR),
        ("Date;Details;Amount", "05.04.2026", "06.04.2026", DateOrder.DAY_MONTH_YEAR),
    ],
)
def test_r20_days_that_exist_in_both_orders_are_read_as_the_language_does(
    header: str, first: str, second: str, order: DateOrder
) -> None:
    reading = read(header, f"{first};x;1,50", f"{second};y;2,50", currency="EUR").reading

    assert reading is not None
    assert reading.date_order is order


def test_r20_days_that_only_make_sense_in_one_order_are_read_in_it() -> None:
    """In the other order the rows would jump back and forth between months."""
    rows = ("04/01/2026;a;1.50", "04/02/2026;b;1.50", "05/01/2026;c;1.50")

    lines = read("Date;Details;Amount", *rows, currency="USD").lines

    assert [str(line.booked_on) for line in lines] == ["2026-04-01", "2026-04-02", "2026-05-01"]


def test_r20_days_that_can_be_read_in_two_ways_are_asked_about_and_then_read() -> None:
    rows = ("Date,Details,Amount", "05/04/2026,L-1001,1.50", "05/04/2026,b,2.50")

    problem = refused(*rows)
    assert problem.problem is Problem.DATE_ORDER_UNCLEAR
    assert problem.reading is not None
    answered = problem.reading.model_copy(
        update={"date_order": DateOrder.MONTH_DAY_YEAR, "currency": "USD"}
    )

    line = read_statement(table(*rows), reading=answered).lines[0]

    assert (str(line.booked_on), line.currency) == ("2026-05-04", "USD")


def test_r20_amounts_that_can_be_read_in_two_ways_are_asked_about() -> None:
    problem = refused("Datum;Text;Betrag EUR", "20.11.2026;a;1.500", "20.11.2026;b;2.750")

    assert problem.problem is Problem.DECIMAL_SIGN_UNCLEAR
    assert problem.reading is not None
    point = problem.reading.model_copy(update={"decimal_sign": DecimalSign.POINT})
    comma = problem.reading.model_copy(update={"decimal_sign": DecimalSign.COMMA})
    content = table("Datum;Text;Betrag EUR", "20.11.2026;a;1.500", "20.11.2026;b;2.750")
    assert read_statement(content, reading=point).lines[0].amount == Decimal("1.50")
    assert read_statement(content, reading=comma).lines[0].amount == Decimal("1500.00")


def test_r20_pesos_have_no_decimals_so_nothing_is_open() -> None:
    rows = ("Fecha;Descripción;Cargo;Abono", "20/11/2026;a;;119.000", "21/11/2026;b;59.500;")

    assert amounts(*rows, currency="CLP") == ["119000", "-59500"]


@pytest.mark.parametrize(
    ("rows", "currency"),
    [
        (("Datum;Text;Betrag (EUR)", "20.11.2026;a;59,50"), "EUR"),
        (("Datum;Text;Betrag CHF", "20.11.2026;a;59,50"), "CHF"),
        (("Datum;Text;Betrag", "20.11.2026;a;59,50 USD"), "USD"),
        (("Datum;Text;Betrag;Währung", "20.11.2026;a;59,50;GBP"), "GBP"),
        (("Saldo;1.000,00;SEK", "Datum;Text;Betrag", "20.11.2026;a;59,50"), "SEK"),
        (("Konto;CH9300762011623852957", "Datum;Text;Betrag", "20.11.2026;a;59,50"), "CHF"),
    ],
)
def test_r20_the_currency_is_found_where_the_table_tells_it(
    rows: tuple[str, ...], currency: str
) -> None:
    assert read(*rows).lines[0].currency == currency


def test_r20_a_table_that_tells_no_currency_needs_one() -> None:
    rows = ("Datum;Text;Betrag", "20.11.2026;a;59,50")

    assert refused(*rows).problem is Problem.CURRENCY_UNCLEAR
    assert read(*rows, currency="EUR").lines[0].currency == "EUR"


def test_r20_sums_and_balances_within_a_table_are_no_transactions() -> None:
    rows = (
        "Datum;Text;Betrag;Saldo",
        "01.11.2026;Anfangssaldo;100,00;100,00",
        "20.11.2026;L-1001;59,50;159,50",
        ";Summe;59,50;",
        "30.11.2026;Endsaldo;159,50;159,50",
        "Kontostand;30.11.2026;159,50;",
    )

    assert [line.text for line in read(*rows, currency="EUR").lines] == ["L-1001"]


def test_r20_what_is_pending_is_told() -> None:
    rows = (
        "Buchungstag;Text;Betrag EUR;Status",
        "20.11.2026;a;1,50;Gebucht",
        "20.11.2026;b;1,50;Vorgemerkt",
    )

    assert [line.is_booked for line in read(*rows).lines] == [True, False]


def test_r20_the_guess_is_a_value_that_can_be_shown_corrected_and_given_back() -> None:
    content = table(
        "Tag;Wer;Was;Wieviel", "20.11.2026;Ada Muster;L-1001;59,50", "21.11.2026;E;x;-1,00"
    )
    guess = read_statement(content, currency="EUR").reading
    assert guess is not None
    assert guess.columns == (Meaning.BOOKED_ON, Meaning.TEXT, Meaning.TEXT, Meaning.AMOUNT)

    corrected = guess.model_copy(
        update={"columns": (Meaning.BOOKED_ON, Meaning.COUNTERPARTY, Meaning.TEXT, Meaning.AMOUNT)}
    )
    kept = TableReading.model_validate_json(corrected.model_dump_json())

    shown = read_preview(content, kept)
    assert [line.counterparty for line in shown] == ["Ada Muster", "E"]
    statement = read_statement(content, reading=kept)
    assert statement.lines[0].counterparty == "Ada Muster"
    assert statement.reading == corrected


def test_r20_the_preview_has_the_first_three_transactions() -> None:
    content = table(HEADER, *(f"2{n}.11.2026;;Ada;L-100{n};1,50;EUR" for n in range(6)))
    reading = read_statement(content).reading
    assert reading is not None

    assert [line.text for line in read_preview(content, reading)] == ["L-1000", "L-1001", "L-1002"]


def test_r20_a_reading_is_remembered_by_the_header() -> None:
    def digest(*rows: str) -> str:
        reading = read(*rows, currency="EUR").reading
        assert reading is not None
        return reading.header_digest

    same = digest(HEADER, *ROWS)

    assert same == digest("Konto;1234567", "", HEADER, ROWS[1])
    assert same == digest(HEADER.upper(), *ROWS)
    assert same != digest(HEADER.replace("Valuta", "Wert"), *ROWS)


def test_r20_a_corrected_reading_is_used_for_later_tables_with_the_same_header() -> None:
    """The account is that of the later file, above a table that begins elsewhere."""
    header, row = "Date,Details,Amount", "05/04/2026,L-1001,1.50"
    first = refused(header, row).reading
    assert first is not None
    decided = first.model_copy(
        update={"date_order": DateOrder.MONTH_DAY_YEAR, "currency": "USD", "account": "1111111"}
    )
    remembered = {decided.header_digest: decided}
    later = table("Account,2222222", "", header, row)

    statement = read_statement(later, remembered=remembered, currency="EUR")

    line = statement.lines[0]
    assert (str(line.booked_on), line.currency, line.account) == ("2026-05-04", "USD", "2222222")
    assert read_statement(table(header, row), remembered=remembered).lines[0].account == "1111111"


def test_r20_columns_that_were_decided_once_are_known_the_next_time() -> None:
    rows = ("Datum;Text;X;Y", "20.11.2026;a;;59,50", "20.11.2026;b;1.059,50;")
    guess = refused(*rows).reading
    assert guess is not None
    columns = (Meaning.BOOKED_ON, Meaning.TEXT, Meaning.DEBIT, Meaning.CREDIT)
    decided = guess.model_copy(
        update={
            "columns": columns,
            "date_order": DateOrder.DAY_MONTH_YEAR,
            "decimal_sign": DecimalSign.COMMA,
        }
    )

    statement = read_statement(
        table(*rows), remembered={guess.header_digest: decided}, currency="EUR"
    )

    assert [str(line.amount) for line in statement.lines] == ["59.50", "-1059.50"]


def test_r20_a_table_without_a_header_is_not_remembered() -> None:
    reading = read("20261120;59,50;EUR;Ada Muster", "20261121;1,50;EUR;Eva").reading
    assert reading is not None

    assert reading.header_digest == ""
    other = reading.model_copy(update={"decimal_sign": DecimalSign.POINT})
    content = table("20261120;59,50;EUR;Ada Muster", "20261121;1,50;EUR;Eva")
    assert read_statement(content, remembered={"": other}).reading == reading


def test_r20_a_reading_for_another_table_is_refused() -> None:
    reading = read(HEADER, *ROWS).reading

    problem = refused("Datum;Text;Betrag EUR", "20.11.2026;a;1,50", reading=reading)

    assert problem.problem is Problem.READING_UNFIT


def test_r20_a_row_that_cannot_be_read_is_named_by_its_line() -> None:
    rows = [HEADER, *ROWS, "22.11.2026;;Ada;x;1,2,3,4;EUR"]
    assert refused(*rows).place == "line 4"


def test_r20_a_quotation_mark_that_is_not_closed_does_not_hide_transactions() -> None:
    header = '"Datum";"Betrag EUR";"Text"'
    rows = [f'"2{number}.11.2026";"1,50";"L-100{number}"' for number in range(6)]
    rows[2] = rows[2].removesuffix('"')

    problem = refused(header, *rows)

    assert problem.words == "A quotation mark before this line is not closed."
    assert problem.place == "line 5"


def test_r20_an_amount_in_a_column_that_is_not_known_is_not_dropped() -> None:
    rows = (
        "Datum;Text;Betrag EUR;Besonderes",
        "20.11.2026;a;1,50;",
        "20.11.2026;b;1,50;",
        "20.11.2026;c;;99,50",
    )

    assert refused(*rows).place == "line 4"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"Dear Sir or Madam,\nplease find enclosed\n", "neither CAMT, MT940 nor a table"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"OFXHEADER:100", "OFX"),
        (b"!Type:Bank\nD1/1/26", "QIF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
    ],
)
def test_r20_other_files_are_refused_with_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(StatementProblem) as raised:
        read_statement(content)

    assert words in raised.value.words


SWISS = "Datum;Text;Referenznummer;Belastung CHF;Gutschrift CHF;Saldo CHF"


@pytest.mark.parametrize(
    ("out", "came_in"),
    [
        ("Belastungsbetrag (CHF)", "Gutschriftsbetrag (CHF)"),
        ("Importo di addebito", "Importo di accredito"),
        ("DebitAmount", "CreditAmount"),
        ("Montant débité", "Montant crédité"),
    ],
)
def test_r20_two_columns_of_amounts_are_known_by_the_stems_of_their_headings(
    out: str, came_in: str
) -> None:
    rows = ("20.11.2026;L-1001;;59.50", "19.11.2026;Strom AG;10.00;")

    assert amounts(f"Datum;Text;{out};{came_in}", *rows, currency="CHF") == ["59.50", "-10.00"]


def test_r20_two_columns_of_amounts_are_known_by_their_signs() -> None:
    rows = ("20.11.2026;L-1001;;59,50", "19.11.2026;Strom AG;-10,00;")

    assert amounts(*rows, currency="EUR") == ["59.50", "-10.00"]


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_r20_two_columns_of_amounts_are_known_by_the_balance_they_lead_to(
    is_newest_first: bool,
) -> None:
    rows = [
        "21.11.2026;L-1001;59.50;;149.50",
        "20.11.2026;Strom AG;;10.00;90.00",
        "19.11.2026;L-1002;20.00;;100.00",
    ]

    told = amounts(*(rows if is_newest_first else rows[::-1]), currency="CHF")

    assert sorted(told) == ["-10.00", "20.00", "59.50"]


def test_r20_two_columns_of_amounts_that_nothing_tells_apart_are_asked_about() -> None:
    rows = ("20.11.2026;L-1001;;59.50", "19.11.2026;Strom AG;10.00;")

    assert refused(*rows).problem is Problem.COLUMNS_UNCLEAR


def test_r20_rows_below_a_transaction_tell_more_of_it() -> None:
    row = "20.11.2026;Gutschrift Ada Muster;;;59.50;100.00"

    told = read(SWISS, row, ";Seestrasse 5 8002 Zürich L-1001;;;;", currency="CHF").lines

    assert [line.text for line in told] == ["Gutschrift Ada Muster Seestrasse 5 8002 Zürich L-1001"]


def test_r20_what_stands_below_an_empty_line_is_no_detail() -> None:
    row = "20.11.2026;Gutschrift Ada Muster;;;59.50;100.00"

    told = read(SWISS, row, "", ";Alle Angaben ohne Gewähr;;;;", currency="CHF").lines

    assert [line.text for line in told] == ["Gutschrift Ada Muster"]


def test_r20_a_batch_is_unfolded_only_if_its_payments_add_up_to_it() -> None:
    header = f"{SWISS};Betrag Detail"
    row = "20.11.2026;Gutschriften (2);;;59.50;100.00;"
    details = (";Ada Muster L-1001;;;;;49.50", ";Karl Beispiel L-1002;;;;;{}")

    def told(last: str) -> list[tuple[str, int | None]]:
        below = [detail.format(last) for detail in details]
        lines = read(header, row, *below, currency="CHF").lines
        return [(str(line.amount), line.part) for line in lines]

    assert told("10.00") == [("49.50", 1), ("10.00", 2)]
    assert told("10.01") == [("59.50", None)]


def test_r20_a_row_without_a_currency_is_in_that_of_the_headings() -> None:
    header = "Datum;Text;Whg;Belastung CHF;Gutschrift CHF"

    told = read(header, "20.11.2026;L-1001;;;59.50", "19.11.2026;Kiosk;;7.05;", currency="EUR")

    assert {line.currency for line in told.lines} == {"CHF"}


def test_r20_a_row_with_an_amount_in_a_foreign_currency_only_is_none() -> None:
    header = "Date;Description;Currency;Amount;Foreign amount;Status"
    rows = ("20.11.2026;Kiosk;CHF;-7.05;;Posted", "21.11.2026;Hotel;;;54.89;Pending")

    assert amounts(header, *rows) == ["-7.05"]


def test_r20_a_sum_below_the_table_is_no_transaction() -> None:
    header = "Datum;Text;Gutschrift CHF;Belastung CHF;Betrag CHF"
    rows = ("20.11.2026;L-1001;59.50;;", "19.11.2026;Kiosk;;7.05;", "21.11.2026;Total;;;52.45")

    assert amounts(header, *rows) == ["59.50", "-7.05"]


def test_r20_a_balance_above_the_table_shows_how_decimals_are_written() -> None:
    rows = ("20.11.2026;L-1001;1.000", "19.11.2026;Strom AG;-2.000")

    told = amounts("Kontostand vom 20.11.2026:;3.600,00 €", "", "Datum;Text;Betrag (€)", *rows)

    assert told == ["1000.00", "-2000.00"]
    assert refused("Datum;Text;Betrag (€)", *rows).problem is Problem.DECIMAL_SIGN_UNCLEAR
