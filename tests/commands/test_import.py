"""`dunning import`: a file straight into the database, as if each line had been a call."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from sqlmodel import col, select

from models.tables import (
    CaseRow,
    OrderRow,
    PaymentRow,
)
from tests.commands.import_folder import DUNNING, HEAD, ImportFolder, ndjson, order, row, table
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.one_database

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
LONG_LINES = 4_000
LONG_NAME = 2_000  # characters, which is too long
ROOM = 4 * 1024  # KiB: less than the lines themselves would take


def test_a_table_of_orders_is_what_as_many_calls_would_have_been(folder: ImportFolder) -> None:
    head = HEAD + ",installments.0.number,installments.0.due_date,installments.0.amount"
    head += ",installments.1.number,installments.1.due_date,installments.1.amount"
    parts = ",1,2026-04-01,59.50,2,2026-05-01,59.50"

    run = folder.run(table(row("A-1") + parts, row("A-2") + ",,,,,,", head=head))

    assert (run.exit_code, run.stderr) == (0, "")
    assert "2 orders" in run.stdout
    assert "2 new" in run.stdout
    cases = folder.all(
        select(CaseRow.order_id, CaseRow.installment).order_by(
            col(CaseRow.order_id), col(CaseRow.installment)
        )
    )
    assert cases == [("A-1", 1), ("A-1", 2), ("A-2", None)]
    assert len(folder.unsent()) == 3  # the running system begins them by itself


def test_lines_of_json_are_told_by_their_names_or_their_look(folder: ImportFolder) -> None:
    first = folder.run(ndjson([order("A-1")]), name="orders.jsonl")
    second = folder.run(ndjson([order("A-2")]), name="export.txt")

    assert first.exit_code == second.exit_code == 0
    assert folder.order_ids() == ["A-1", "A-2"]


def test_a_file_may_come_on_standard_input(folder: ImportFolder) -> None:
    run = folder.types("-", stdin=table(row("A-1")).encode())

    assert run.exit_code == 0
    assert "standard input: 1 orders" in run.stdout
    assert folder.order_ids() == ["A-1"]


def test_twice_is_as_good_as_once(folder: ImportFolder) -> None:
    content = table(row("A-1"), row("A-2"))
    folder.run(content)
    waiting = folder.unsent()

    again = folder.run(content)

    assert again.exit_code == 0
    assert "0 new" in again.stdout
    assert "2 already there" in again.stdout
    assert folder.count(OrderRow) == 2
    assert folder.unsent() == waiting


def test_bad_lines_are_named_and_stop_nobody(folder: ImportFolder) -> None:
    folder.run(table(row("A-9")))
    unknown = row("A-3").replace("s-1", "s-2")
    run = folder.run(
        table(
            row("A-1"),
            row("A-2", total="12.345"),
            unknown,
            "",
            f'"{row("A-4")}"',
            row("A-9", total="1.00"),
            row("A-5"),
        )
    )

    assert run.exit_code == 1
    assert "4 bad" in run.stdout
    assert run.stderr.splitlines() == [
        "line 3, total: has more than the 2 decimal digits of EUR; 12345.00 may be meant",
        "line 4, seller_id: There is no such seller.",
        "line 6: has 1 cells, the first line has 8",
        "line 7, order_id: Another order has this id.",
    ]
    assert folder.order_ids() == ["A-1", "A-5", "A-9"]


def test_a_report_is_a_table_if_its_name_says_so(folder: ImportFolder) -> None:
    bad = order("A-2", customer={"customer_id": "c-1", "email": "nowhere", "last_name": "X"})
    content = ndjson([order("A-1"), bad | {"installments": [{"number": "one"}]}])

    run = folder.run(content, "--report", "bad.csv", name="orders.ndjson")

    assert run.exit_code == 1
    assert "bad, see bad.csv" in run.stdout
    rows = list(csv.DictReader((folder.path / "bad.csv").read_text("utf-8").splitlines()))
    assert {found["line"] for found in rows} == {"2"}
    assert {"customer.email", "installments.0.number"} <= {found["field"] for found in rows}
    assert all(found["reason"] for found in rows)
    folder.run(content, "--report", "bad.txt", name="orders.ndjson")
    assert (folder.path / "bad.txt").read_text("utf-8").startswith("line 2, ")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + table(row("A-1"), row("A-2")),
        table(row("A-1", sep=";"), row("A-2", sep=";"), head=HEAD.replace(",", ";")),
        table(row("A-1", sep="\t"), row("A-2", sep="\t"), head=HEAD.replace(",", "\t")),
        table(row("A-1"), row("A-2"), end="\r\n"),
        "\n\n" + table(row("A-1"), "", row("A-2")),
        table(row("A-1"), row("A-2")).rstrip("\n"),
        table(row("A-1"), row("A-2").replace("Ito", '"O""Neill, Mary"')),
    ],
    ids=["bom", "semicolon", "tab", "crlf", "blank", "no end", "quotation marks"],
)
def test_tables_come_as_programs_write_them(folder: ImportFolder, content: str) -> None:
    run = folder.run(content)

    assert (run.exit_code, run.stderr) == (0, "")
    assert folder.order_ids() == ["A-1", "A-2"]


def test_a_bad_line_is_counted_as_an_editor_counts(folder: ImportFolder) -> None:
    broken = row("A-1").replace("Ito", '"two\nlines"')

    run = folder.run(table(broken, "", row("A-2", total="x"), row("A-3").replace("Ito", '"open')))

    lines = run.stderr.splitlines()
    assert lines[0] == "line 2, customer.last_name: must be one line"
    assert lines[1].startswith("line 5, total: ")
    assert lines[2].startswith("line 6: a quotation mark is not closed")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[" + json.dumps({"order_id": "A-1"}) + "]", "is one JSON array"),
        (table(row("A-1")).encode("utf-16"), "UTF-16"),
        (table(row("A-1").replace("Ito", "Müller")).encode("latin-1"), "line 2 is not in UTF-8"),
        (b"PK\x03\x04 workbook", "Excel"),
        (b"\x1f\x8b compressed", "gzip"),
        (table(row("A-1"), head=HEAD.replace("total", "totl")), "leaves one out): totl"),
        (table(row("A-1"), head=HEAD.replace("total", "totl")), "missing: total"),
        (table(head=HEAD + ",total"), "twice: total"),
        ("one,two\n1,2\n", "the first line must name the columns"),
    ],
)
def test_of_a_file_that_cannot_be_read_nothing_is_imported(
    folder: ImportFolder, content: str | bytes, why: str
) -> None:
    run = folder.run(content, name="orders.txt")

    assert run.exit_code == 2
    assert why in run.stderr
    assert folder.count(OrderRow) == 0


def test_a_file_that_is_not_there_and_a_report_over_it(folder: ImportFolder) -> None:
    missing = folder.types("none.csv")
    over = folder.run(table(row("A-1")), "--report", "orders.csv")

    assert (missing.exit_code, over.exit_code) == (2, 2)
    assert "none.csv: cannot be read" in missing.stderr
    assert "give another one" in over.stderr
    assert (folder.path / "orders.csv").read_text("utf-8") == table(row("A-1"))


def test_payments_are_told_from_orders_and_reach_their_cases(folder: ImportFolder) -> None:
    folder.run(table(row("A-1")))
    head = "payment_id,seller_id,order_id,amount,currency,paid_at"
    paid = "p-1,s-1,A-1,19.00,EUR,2026-03-05T10:00:00+01:00"

    run = folder.run(
        table(paid, paid.replace("p-1", "p-2").replace("A-1", "A-7"), head=head),
        name="payments.csv",
    )

    assert run.exit_code == 1
    assert "2 payments" in run.stdout
    assert run.stderr == "line 3, order_id: There is no such order.\n"
    assert folder.all(select(PaymentRow.payment_id)) == ["p-1"]
    [case] = folder.all(select(CaseRow))
    assert (case.stage, case.version, case.is_behind) == ("scheduled", 2, False)
    assert folder.unsent() == {case.case_id: 2}
    assert folder.history() == ["case.opened", "address.incomplete", "payment.recorded"]


def test_cases_whose_payments_are_imported_are_paid_at_once(folder: ImportFolder) -> None:
    """Nobody has to wait for the running system: the next look at the board shows it."""
    folder.run(table(row("A-1"), row("A-2"), row("A-3")))
    head = "payment_id,seller_id,order_id,amount,currency,paid_at"
    paid = "p-{0},s-1,A-{0},119.00,EUR,2026-03-05T10:00:00+01:00"

    run = folder.run(table(paid.format(1), paid.format(2), head=head), name="payments.csv")

    assert run.exit_code == 0
    stages = folder.all(select(CaseRow.order_id, CaseRow.stage).order_by(col(CaseRow.order_id)))
    assert stages == [("A-1", "paid"), ("A-2", "paid"), ("A-3", "scheduled")]


def test_without_its_tables_it_says_what_to_do(empty_folder: ImportFolder) -> None:
    run = empty_folder.run(table(row("A-1")))

    assert run.exit_code == 1
    assert "The database took no more" in run.stderr
    assert "dunning doctor" in run.stderr


async def test_killed_and_begun_again_everything_is_there_once(folder: ImportFolder) -> None:
    numbers = [f"A-{number:04}" for number in range(300)]
    (folder.path / "orders.ndjson").write_text(ndjson(map(order, numbers)), "utf-8")
    process = await folder.start("orders.ndjson")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await folder.count_now(OrderRow) < 100:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    there = await folder.count_now(OrderRow)
    assert there % 100 == 0
    assert there < len(numbers)

    again = await folder.start("orders.ndjson", stdout=asyncio.subprocess.PIPE)
    said = (await again.communicate())[0].decode()
    assert again.returncode == 0
    assert f"{len(numbers) - there:,} new" in said
    assert f"{there:,} already there" in said
    assert sorted(await folder.all_now(select(OrderRow.order_id))) == numbers
    assert await folder.count_now(CaseRow) == len(numbers)


async def test_ctrl_c_ends_it_where_it_can_be_taken_up_again(folder: ImportFolder) -> None:
    process = await folder.start(
        "-",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(ndjson(order(f"A-{number:03}") for number in range(150)).encode())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await folder.count_now(OrderRow) < 100:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)

    async with asyncio.timeout(PATIENCE_SECONDS):
        said = (await process.stderr.read()).decode()
        assert await process.wait() == 130
    assert "Ended after line 100; all up to there is written down." in said
    assert "run the same command again" in said
    assert await folder.count_now(OrderRow) == 100


async def test_a_bar_shows_how_far_it_is_where_there_is_a_terminal(folder: ImportFolder) -> None:
    (folder.path / "orders.ndjson").write_text(
        ndjson(order(f"A-{number:03}") for number in range(100)), "utf-8"
    )
    ours, theirs = os.openpty()
    process = await folder.start("orders.ndjson", stdout=asyncio.subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = await asyncio.to_thread(_read_all, ours)
    assert await process.wait() == 0
    assert "100 lines" in shown
    assert "100%" in shown


def _read_all(terminal: int) -> str:
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65_536)
        except OSError:  # the other end is closed
            os.close(terminal)
            return shown.decode()


def test_four_thousand_long_lines_take_no_more_memory_than_a_thousand(folder: ImportFolder) -> None:
    few = _largest_size(folder, lines=1_000)
    many = _largest_size(folder, lines=LONG_LINES)

    assert many < few + ROOM


def _largest_size(folder: ImportFolder, *, lines: int) -> int:
    """KiB of memory that the import of as many lines takes, all of them with one fault."""
    file = folder.path / "orders.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write(HEAD + "\n")
        for number in range(lines):
            out.write(row(f"A-{number}", name="x" * LONG_NAME) + "\n")
    process = subprocess.Popen(
        [DUNNING, "import", "orders.csv", "--report", "bad.csv"],
        cwd=folder.path,
        env=folder.environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 1
    with (folder.path / "bad.csv").open(encoding="utf-8") as report:
        assert sum(1 for _ in report) == lines + 1
    return used.ru_maxrss


def test_the_samples_of_the_documentation_come_in(folder: ImportFolder) -> None:
    for name in ("orders.csv", "payments.csv"):
        run = folder.run((SAMPLES / name).read_bytes(), name=name)
        assert (run.exit_code, run.stderr) == (0, "")

    assert folder.order_ids() == ["B-1001", "B-1002"]
    assert folder.count(PaymentRow) == 2
