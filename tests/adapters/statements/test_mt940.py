"""R20: MT940 is read in the dialects of the banks, with the right sign and nothing lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.statements import Problem, StatementFormat, StatementProblem
from adapters.statements import read_statement as read
from dunning.statements.lines import BalanceKind, StatementLine
from tests.adapters.statements.files import mt940

ENTRY = ":61:2611201120C59,50NTRFNONREF"


def only(*fields: str, **given: str) -> StatementLine:
    lines = read(mt940(*fields, **given)).lines
    assert len(lines) == 1
    return lines[0]


def told(details: str) -> StatementLine:
    """The line of a transaction with these details."""
    return only(ENTRY, f":86:{details}")


@pytest.mark.parametrize(
    ("mark", "amount", "is_return"),
    [
        ("C", "59.50", False),
        ("D", "-59.50", False),
        ("RC", "-59.50", True),
        ("RD", "59.50", True),
        ("CR", "59.50", False),
        ("DR", "-59.50", False),
        ("RCR", "-59.50", True),
        ("RDR", "59.50", True),
        ("CN", "59.50", False),
    ],
)
def test_r20_the_sign_is_that_of_the_booking_also_of_a_reversal(
    mark: str, amount: str, is_return: bool
) -> None:
    """A third letter of the currency may follow the mark (`CR` is `C` in euros)."""
    line = only(f":61:2611201120{mark}59,50NTRFNONREF", ":86:L-1001")

    assert (line.amount, line.is_return) == (Decimal(amount), is_return)


@pytest.mark.parametrize(
    ("days", "booked_on", "value_on", "is_told"),
    [
        ("2611201121", "2026-11-21", "2026-11-20", True),
        ("2612310102", "2027-01-02", "2026-12-31", True),
        ("2701011231", "2026-12-31", "2027-01-01", True),
        ("261120", "2026-11-20", "2026-11-20", False),
        ("261120    ", "2026-11-20", "2026-11-20", False),
        ("260230", "2026-02-28", "2026-02-28", False),
    ],
)
def test_r20_the_booking_day_may_be_left_out_or_lie_in_another_year(
    days: str, booked_on: str, value_on: str, is_told: bool
) -> None:
    line = only(f":61:{days}C59,50NTRFNONREF", ":86:L-1001")

    assert (str(line.booked_on), str(line.value_on)) == (booked_on, value_on)
    assert line.is_booked_on_stated is is_told


@pytest.mark.parametrize(
    ("digits", "amount"),
    [("59,5", "59.50"), ("59,", "59.00"), ("000000000059,50", "59.50"), ("1.059,50", "1059.50")],
)
def test_r20_amounts_are_read_as_banks_write_them(digits: str, amount: str) -> None:
    assert only(f":61:2611201120C{digits}NTRFNONREF", ":86:x").amount == Decimal(amount)


@pytest.mark.parametrize(
    ("rest", "customer", "bank"),
    [
        ("NTRFNONREF//B-1", None, "B-1"),
        ("NMSCKREF+//B-2", None, "B-2"),
        ("NMSC", None, None),
        ("N051L-1001//B-3", "L-1001", "B-3"),
        ("FTRFINV 7", "INV 7", None),
        ("NONREF", None, None),
    ],
)
def test_r20_the_references_of_field_61_are_told(
    rest: str, customer: str | None, bank: str | None
) -> None:
    line = only(f":61:2611201120C59,50{rest}", ":86:x")

    assert (line.customer_reference, line.bank_id) == (customer, bank)


def test_r20_a_transaction_without_details_says_what_field_61_says() -> None:
    assert only(":61:2611201120C59,50NMSCfaktura L-1001//7").text == "faktura L-1001"
    assert only(ENTRY, "EINZAHLUNG L-1001").text == "EINZAHLUNG L-1001"


GERMAN = (
    "166?00GUTSCHRIFT?20EREF+E2E-1?21KREF+KUNDE-7?22MREF+M-1?23SVWZ+Rechnung?24L-1001"
    "?25ABWA+Eva Beispiel?30COBADEFFXXX?31DE02120300000000202051?32Ada Muster?33und Söhne?34997"
)


@pytest.mark.parametrize("separator", ["?", ">", "<", "^", "~", "@"])
def test_r20_subfields_are_read_whatever_sign_is_before_them(separator: str) -> None:
    line = told(GERMAN.replace("?", separator))

    assert line.counterparty == "Ada Muster und Söhne"
    assert line.counterparty_iban == "DE02120300000000202051"
    assert (line.text, line.end_to_end_id) == ("Rechnung L-1001", "E2E-1")
    assert line.on_behalf_of == "Eva Beispiel"


def test_r20_a_text_cut_into_full_subfields_is_joined_without_a_blank() -> None:
    line = told("166?20SVWZ+Rechnung Nr. L-1001 vo?21m 20. November?32Ada Muster")

    assert line.text == "Rechnung Nr. L-1001 vom 20. November"


def test_r20_subfields_from_60_on_go_on_with_the_text() -> None:
    fields = "".join(f"?{number}SVWZ+{'x' * 22}" for number in (20,))
    fields += "".join(f"?{number}{'x' * 27}" for number in range(21, 30))

    line = told(f"166{fields}?60x L-1001?61 danke?32Ada Muster")

    assert line.text.endswith("xx L-1001 danke")


def test_r20_a_question_mark_of_the_payer_stays_in_the_text() -> None:
    assert told("166?20SVWZ+L-1001 alles gut?Ja?32Ada").text == "L-1001 alles gut?Ja"


@pytest.mark.parametrize(
    ("details", "name", "iban", "text"),
    [
        (
            "/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/ADA MUSTER"
            "/REMI/L-1001/EREF/E2E-1",
            "ADA MUSTER",
            "NL91ABNA0417164300",
            "L-1001",
        ),
        (
            "/EREF/E2E-1//CNTP/NL91ABNA0417164300/ABNANL2A/Ada Muster///REMI/USTD//L-1001/",
            "Ada Muster",
            "NL91ABNA0417164300",
            "L-1001",
        ),
        ("/EREF/E2E-1/ORDP//NAME/Ada Muster/REMI/L-1001", "Ada Muster", None, "L-1001"),
        (
            "/ORDP/NL91ABNA0417164300/ADA MUSTER/REMI/L-1001/EREF/E2E-1",
            "ADA MUSTER",
            "NL91ABNA0417164300",
            "L-1001",
        ),
    ],
)
def test_r20_code_words_between_slashes_are_read(
    details: str, name: str, iban: str | None, text: str
) -> None:
    line = told(details)

    assert (line.counterparty, line.counterparty_iban, line.text) == (name, iban, text)
    assert line.end_to_end_id == "E2E-1"


@pytest.mark.parametrize(
    ("details", "name", "text"),
    [
        (
            "SEPA IDEAL  IBAN: NL91ABNA0417164300 NAAM: ADA MUSTER  OMSCHRIJVING: L-1001",
            1,
            "L-1001",
        ),
        ("GIRO AUS KONTO AUFTRAGGEBER: ADA MUSTER MITTEILUNGEN: L-1001", 1, "L-1001"),
        ("VIR SEPA RECU /DE ADA MUSTER /MOTIF L-1001 /REF X", 1, "L-1001"),
        ("VIREMENT RECU DE ADA MUSTER MOTIF: L-1001", 1, "L-1001"),
        ("TRANSFERENCIA DE ADA MUSTER, CONCEPTO L-1001", 1, "L-1001"),
        ("BONIFICO A VOSTRO FAVORE DA ADA MUSTER PER L-1001", 1, "L-1001"),
        ("ADA MUSTER L-1001", 0, "ADA MUSTER L-1001"),
    ],
)
def test_r20_labels_and_sentences_of_banks_are_read(details: str, name: int, text: str) -> None:
    line = told(details)

    assert line.counterparty == ("ADA MUSTER" if name else None)
    assert line.text == text


def test_r20_lines_of_full_width_go_on_without_a_blank_and_shorter_ones_with_one() -> None:
    details = "Danke fuer die schnelle Lieferung der Stuehle, Rechnung ist L-1001"
    first = f":86:{details[:61]}"

    assert only(ENTRY, first, details[61:]).text == details
    assert only(ENTRY, ":86:Rechnung", "L-1001").text == "Rechnung L-1001"


@pytest.mark.parametrize(
    ("fields", "amount", "charges", "reason"),
    [
        (
            (
                ":61:2611201120D53,00NRTIKREF+//1",
                "/OCMT/EUR50,00//CHGS/EUR3,00/",
                ":86:109?00RETOURE?20EREF+E-7?21SVWZ+zurueck?32Bob?34914",
            ),
            "50.00",
            "3.00",
            "914",
        ),
        (
            (
                ":61:2611201120D53,00N109NONREF",
                ":86:109?00RUECKLASTSCHRIFT?20EREF+E-7?21OAMT+50,00 COAM+3,00?22SVWZ+AC04 zurueck",
            ),
            "50.00",
            "3.00",
            "AC04",
        ),
        (
            (":61:2611201120D50,00NTRFNONREF", ":86:/RTRN/MS03/EREF/E-7/REMI/L-1003"),
            None,
            None,
            "MS03",
        ),
    ],
    ids=["field 61", "keywords", "code word"],
)
def test_r20_a_return_tells_what_it_returns(
    fields: tuple[str, ...], amount: str | None, charges: str | None, reason: str
) -> None:
    line = only(*fields)

    assert line.returned is not None
    assert line.returned.end_to_end_id == "E-7"
    assert line.returned.reason == reason
    assert line.returned.amount == (Decimal(amount) if amount else None)
    assert line.returned.charges == (Decimal(charges) if charges else None)


@pytest.mark.parametrize("text", ["Retoure der Ware L-1001", "Storno meiner Bestellung L-1001"])
def test_r20_what_a_payer_writes_makes_no_return(text: str) -> None:
    assert not told(f"166?00GUTSCHRIFT?20SVWZ+{text}?32Ada Muster").is_return
    assert not told(text).is_return


def test_r20_accounts_are_told_as_iban_if_they_are_one() -> None:
    def account(told: str) -> str | None:
        return only(ENTRY, ":86:x", account=told).account

    assert account("DE89370400440532013000") == "DE89370400440532013000"
    assert account("NL91ABNA0417164300EUR") == "NL91ABNA0417164300"
    assert account("NL91 ABNA 0417 1643 00 EUR") == "NL91ABNA0417164300"
    assert account("37040044/0532013000") == "37040044/0532013000"


def test_r20_balances_and_the_newest_day_are_told() -> None:
    statement = read(mt940(ENTRY, ":86:x"))

    assert [(one.kind, str(one.day), one.amount) for one in statement.balances] == [
        (BalanceKind.OPENING, "2026-11-19", Decimal("100.00")),
        (BalanceKind.CLOSING, "2026-11-20", Decimal("100.00")),
    ]
    assert str(statement.covers_until) == "2026-11-20"


def test_r20_intermediate_balances_of_a_long_statement_are_no_own_ones() -> None:
    pages = (
        b":20:1\n:25:1\n:28C:1/1\n:60F:C261119EUR0,\n:61:261120C1,NTRFNONREF\n:86:a\n:62M:C261120EUR1,\n"
        b"-\n:20:1\n:25:1\n:28C:1/2\n:60M:C261120EUR1,\n:61:261120C2,NTRFNONREF\n:86:b\n"
        b":62F:C261120EUR3,\n-\n"
    )

    statement = read(pages)

    assert [line.text for line in statement.lines] == ["a", "b"]
    assert [one.amount for one in statement.balances] == [Decimal(0), Decimal(3)]


def test_r20_an_interim_report_has_pending_lines_only() -> None:
    report = (
        b":20:1\n:25:37040044/0532013000\n:28C:1/1\n:34F:EUR0,00\n:13D:2611201200+0100\n"
        b":61:2611201120C59,50NTRFNONREF\n:86:L-1001\n:90C:1EUR59,50\n-\n"
    )

    statement = read(report)

    assert statement.format is StatementFormat.MT942
    assert [(line.amount, line.currency, line.is_booked) for line in statement.lines] == [
        (Decimal("59.50"), "EUR", False)
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "@@"])
def test_r20_every_end_of_a_line_is_read(newline: str) -> None:
    content = mt940(ENTRY, ":86:L-1001").replace(b"\r\n", newline.encode())

    assert [line.text for line in read(content).lines] == ["L-1001"]


def test_r20_blocks_of_swift_around_the_statement_are_left_out() -> None:
    plain = mt940(ENTRY, ":86:L-1001").decode().replace("\r\n-\r\n", "\r\n")
    framed = (
        "{1:F01COBADEFFXXXX0000000000}{2:O9400000000000}{3:{108:1}}{4:\r\n"
        + plain
        + "-}{5:{MAC:ABC}{CHK:123}}\r\n"
    )

    assert read(framed.encode()).lines == read(plain.encode()).lines


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ((ENTRY, ":86:a", ":61:nonsense"), "line 7"),
        ((":61:2613201120C59,50NTRF",), "line 5"),
        ((":61:2611201120X59,50NTRF",), "line 5"),
    ],
)
def test_r20_a_broken_transaction_names_its_line(fields: tuple[str, ...], place: str) -> None:
    with pytest.raises(StatementProblem) as raised:
        read(mt940(*fields))

    assert (raised.value.problem, raised.value.place) == (Problem.BROKEN, place)
