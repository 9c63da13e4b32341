"""`dunning import`: files as people and their programs write them, read as they say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import col, select

from models.tables import CaseRow, OrderRow, PaymentRow
from tests.commands.import_folder import HEAD, ImportFolder, ndjson, order, row, table
from tests.commands.workbooks import MAIN, workbook

pytestmark = pytest.mark.one_database


ORDERS = select(OrderRow.order_id, OrderRow.total, OrderRow.invoice_date).order_by(
    col(OrderRow.order_id)
)
DAY = date(2026, 3, 2)


def german(order_id: str, total: str, day: str = "02.03.2026") -> str:
    return row(order_id, sep=";", total=total).replace("2026-03-02", day)


SEMICOLONS = HEAD.replace(",", ";")


# --- amounts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "amount"),
    [
        ("1.190,00", "1190.00"),
        ("1190,00", "1190.00"),
        ("1.190", "1190.00"),  # as the caller has said
        ("1 190,5", "1190.50"),
        ("1\u202f190,50", "1190.50"),
        ("1.234.567,89", "1234567.89"),
        ("119", "119.00"),
    ],
)
def test_bad_input_amounts_with_a_decimal_comma_are_read_as_said(
    folder: ImportFolder, total: str, amount: str
) -> None:
    run = folder.run(table(german("A-1", total), head=SEMICOLONS), *SAID)

    assert run.exit_code == 0, run.output
    assert folder.all(ORDERS) == [("A-1", Decimal(amount), DAY)]


SAID = ("--decimal", "comma", "--dates", "dmy")


@pytest.mark.parametrize(
    ("total", "amount"),
    [("1,190.00", "1190.00"), ("1,190", "1190.00"), ("1.190", "1.19"), ("1'190.50", "1190.50")],
)
def test_bad_input_amounts_with_a_decimal_point_are_read_as_said(
    folder: ImportFolder, total: str, amount: str
) -> None:
    content = table(row("A-1", sep=";", total=total), head=SEMICOLONS)

    assert folder.run(content, "--decimal", "point").exit_code == 0
    assert folder.all(ORDERS) == [("A-1", Decimal(amount), DAY)]


@pytest.mark.parametrize(
    ("total", "options", "words"),
    [
        ("1.190", (), "can be read as 1190.00 or as 1.19 EUR"),
        ("1,190", (), "--decimal comma or --decimal point"),
        ("1.190,00", (), "--decimal comma or --decimal point"),
        ("119,00", (), "--decimal comma or --decimal point"),
        ("119.00", ("--decimal", "comma"), "is no amount with a decimal comma"),
        ("1.19.000", ("--decimal", "comma"), "is no amount with a decimal comma"),
        ("1,19", ("--decimal", "point"), "is no amount with a decimal point"),
        ("1,2,3", ("--decimal", "comma"), "is no amount with a decimal comma"),
        ("1,234", ("--decimal", "comma"), "more than the 2 decimal digits of EUR"),
        ("\u0661,\u0665\u0660", ("--decimal", "comma"), "is no amount with a decimal comma"),
        ("12,34,567.00", ("--decimal", "point"), "is no amount with a decimal point"),
    ],
)
def test_bad_input_an_amount_that_can_be_read_in_two_ways_is_refused_with_what_to_say(
    folder: ImportFolder, total: str, options: tuple[str, ...], words: str
) -> None:
    run = folder.run(table(row("A-1", sep=";", total=total), head=SEMICOLONS), *options)

    assert run.exit_code == 1
    assert run.stderr.startswith("line 2, total: ")
    assert words in run.stderr
    assert folder.count(OrderRow) == 0


def test_bad_input_an_ambiguous_amount_is_refused_in_lines_of_json_too(
    folder: ImportFolder,
) -> None:
    lines = ndjson([order("A-1", total="65.000", currency="CLP")])

    run = folder.run(lines, name="orders.ndjson")

    assert "65000 or as 65 CLP" in run.stderr


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "order_of_days"),
    [("02.03.2026", "dmy"), ("2/3/2026", "dmy"), ("03/02/2026", "mdy"), ("2026-03-02", "dmy")],
)
def test_bad_input_days_are_read_in_the_order_that_was_said(
    folder: ImportFolder, day: str, order_of_days: str
) -> None:
    run = folder.run(table(german("A-1", "119.00", day), head=SEMICOLONS), "--dates", order_of_days)

    assert run.exit_code == 0, run.output
    assert folder.all(ORDERS) == [("A-1", Decimal("119.00"), DAY)]


@pytest.mark.parametrize(
    ("day", "options", "words"),
    [
        ("02.03.2026", (), "--dates dmy or --dates mdy"),
        ("31/12/2025", (), "--dates dmy or --dates mdy"),
        ("31.12.2025", ("--dates", "mdy"), "is not a real date"),
        ("02.03.26", ("--dates", "dmy"), "must be a date such as"),
        ("02.03/2026", ("--dates", "dmy"), "must be a date such as"),
    ],
)
def test_bad_input_a_day_that_can_be_read_in_two_ways_is_refused(
    folder: ImportFolder, day: str, options: tuple[str, ...], words: str
) -> None:
    run = folder.run(table(german("A-1", "119.00", day), head=SEMICOLONS), *options)

    assert run.stderr.startswith("line 2, invoice_date: ")
    assert words in run.stderr
    assert folder.count(OrderRow) == 0


# --- names of columns -------------------------------------------------------------------------


def test_columns_of_other_names_are_told_what_they_are(folder: ImportFolder) -> None:
    head = "Bestellnummer;Datum;Betrag;Kunde;E-Mail;Nachname;Notiz"
    maps = ("Bestellnummer=order_id", "datum=invoice_date", "Betrag=total", "Notiz=")
    maps += ("Kunde=customer.customer_id", "E-Mail=customer.email", "Nachname=customer.last_name")

    run = folder.run(
        table("A-1;02.03.2026;1.190,00;c-1;a@example.org;Ito;gold customer", head=head),
        *SAID,
        *(word for one in maps for word in ("--map", one)),
        *("--set", "seller_id=s-1", "--set", "currency=EUR"),
    )

    assert run.exit_code == 0, run.output
    assert folder.all(ORDERS) == [("A-1", Decimal("1190.00"), DAY)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--map", "Nummer=order_id"), "--map names columns that are not there: Nummer"),
        (("--map", "total=order_id"), "twice: order_id"),
        (("--map", "total=amount"), "not known"),
        (("--set", "total=1"), "twice: total"),
        (("--map", "total="), "missing: total"),
        (("--map", "total"), "must be"),
    ],
)
def test_bad_input_what_is_said_of_columns_must_fit(
    folder: ImportFolder, options: tuple[str, ...], words: str
) -> None:
    run = folder.run(table(row("A-1")), *options)

    assert run.exit_code == 2
    assert words in run.stderr
    assert folder.count(OrderRow) == 0


# --- how programs write tables ----------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\n" + table(row("A-1", sep=";"), head=SEMICOLONS, end="\r\n"),
        "\ufeffsep=;\n" + table(row("A-1", sep=";"), head=SEMICOLONS),
        table(row("A-1", sep="|"), head=HEAD.replace(",", "|")),
        table(row("A-1").replace(",", " ,\u00a0"), head=HEAD.replace(",", " , ")),
        table(row("A-1"), end="\r"),
        table(row("A-1")) + "\x1a",
        table(row("A-1")).rstrip("\n") + "\x1a",
        table(row("A-1"), " , , ", "\u00a0,,"[:2] + "," * 6),
    ],
    ids=["sep", "bom sep", "bar", "blanks", "cr", "ctrl-z", "ctrl-z at once", "blank rows"],
)
def test_tables_come_as_old_and_new_programs_write_them(folder: ImportFolder, content: str) -> None:
    run = folder.run(content)

    assert folder.order_ids() == ["A-1"], run.output


def test_lines_that_end_with_cr_alone_may_be_many(folder: ImportFolder) -> None:
    rows = [row(f"A-{number:04}") for number in range(300)]

    run = folder.run(table(*rows, row("A-bad", total="x"), end="\r"))

    assert "300 new" in run.stdout
    assert run.stderr.startswith("line 302, total: ")


def test_the_separator_that_is_said_is_taken_whatever_else_is_there(folder: ImportFolder) -> None:
    run = folder.run("sep=;\n" + table(german("A-1", "119.00", "2026-03-02"), head=SEMICOLONS))

    assert "cells separated by ;" in run.stdout
    assert run.exit_code == 0


# --- before anything is written ---------------------------------------------------------------


def test_the_first_lines_are_shown_as_they_are_understood(folder: ImportFolder) -> None:
    rows = [german(f"A-{number}", "1.190,00") for number in range(5)]

    shown = folder.run(table(*rows, head=SEMICOLONS), *SAID).stdout.splitlines()

    assert shown[0].startswith("a table, its cells separated by ;, amounts with a decimal comma")
    assert [line.split(":")[0] for line in shown[1:4]] == ["line 2", "line 3", "line 4"]
    assert "total=1190, " in shown[1]
    assert "invoice_date=2026-03-02" in shown[1]
    assert "5 orders" in shown[4]


def test_a_dry_run_says_all_and_writes_nothing(folder: ImportFolder) -> None:
    content = table(row("A-1"), row("A-2", total="x"), row("A-3").replace("s-1", "s-2"), row("A-1"))

    run = folder.run(content, "--dry-run")

    assert run.exit_code == 1
    assert "1 new" in run.stdout
    assert "1 already there" in run.stdout
    assert "2 bad" in run.stdout
    assert "Nothing was written" in run.stdout
    assert len(run.stderr.splitlines()) == 2
    assert folder.count(OrderRow) == folder.count(CaseRow) == 0


def test_a_dry_run_of_payments_moves_no_case(folder: ImportFolder) -> None:
    folder.run(table(row("A-1")))
    waiting = folder.unsent()
    head = "payment_id,seller_id,order_id,amount,currency,paid_at"

    run = folder.run(
        table("p-1,s-1,A-1,119.00,EUR,2026-03-05T10:00:00+01:00", head=head), "--dry-run"
    )

    assert "1 new" in run.stdout
    assert folder.count(PaymentRow) == 0
    assert folder.unsent() == waiting


# --- workbooks --------------------------------------------------------------------------------


def test_a_workbook_is_read_by_what_its_cells_are(folder: ImportFolder) -> None:
    names = HEAD.split(",")
    person = ("c-1", "a@example.org", "Ito & Söhne")
    content = workbook(
        names,
        ("s-1", Decimal(4711), DAY, "EUR", Decimal("119.09999999999999"), *person),
        ("s-1", "A-2", DAY, "EUR", Decimal("1.19"), *person),
        (),
        ("s-1", "A-3", DAY, "EUR", "1.190", *person),
        ("s-1", "A-4", "02.03.2026", "EUR", Decimal(65), *person),
    )

    run = folder.run(content, name="orders.xlsx")

    assert run.exit_code == 1
    assert "the sheet Offene Posten of a workbook" in run.stdout
    assert folder.all(ORDERS) == [("4711", Decimal("119.10"), DAY), ("A-2", Decimal("1.19"), DAY)]
    lines = run.stderr.splitlines()
    assert lines[0].startswith("line 5, total: can be read as 1190.00")
    assert lines[1].startswith("line 6, invoice_date: 02.03.2026 can be read in two ways")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 nothing", "no Excel workbook that can be read"),
        (workbook(["one", "two"]), "must name the columns"),
        (workbook(sheet=f'<worksheet xmlns="{MAIN}"><sheetData><row'), "damaged"),
        (
            workbook(sheet='<!DOCTYPE w [<!ENTITY a "aa">]><w>&a;</w>'),
            "declares entities",
        ),
        (
            workbook(["order_id"], sheet=f'<w xmlns="{MAIN}"><c t="s"><v>9</v></c></w>'),
            "damaged",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
    ],
    ids=["no zip", "no names", "damaged", "entities", "no text", "xls"],
)
def test_bad_input_of_a_workbook_that_cannot_be_read_nothing_is_imported(
    folder: ImportFolder, content: bytes, words: str
) -> None:
    run = folder.run(content, name="orders.xlsx")

    assert run.exit_code == 2
    assert words in run.stderr
    assert folder.count(OrderRow) == 0
