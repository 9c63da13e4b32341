"""R20: the sample statements can be read, agree with each other, and have every kind of line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.statements import StatementFormat, read_statement
from commands.sample import write_statements
from dunning.ledger import OpenItem
from dunning.money import Money
from dunning.receivables import case_id_of
from dunning.statements.line_keys import KnownLine, line_keys
from dunning.statements.lines import StatementLine
from dunning.statements.matches import Match, Verdict
from dunning.statements.matching import match_lines
from dunning.statements.order_index import IndexedOrder, OrderIndex
from simulation.sample import BERLIN, sample_calls
from simulation.scenario import Call
from simulation.statements import main, sample_files

FOLDER = Path(__file__).parents[2] / "simulation" / "samples" / "statements"
FILES = sample_files()
STATEMENT = "lindenhof.camt.053.xml"
PAID = {"L-1010", "L-1013"}


def lines_of(name: str) -> Sequence[StatementLine]:
    return read_statement(FILES[name], name).lines


def index_of_lindenhof() -> OrderIndex:
    """The orders of the seller in `simulation.sample`, two of them paid."""
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    calls = [call for call in sample_calls(now) if isinstance(call, Call)]
    bodies = [call.body for call in calls if call.path == "/v1/orders" and call.body]
    orders = []
    for body in bodies:
        if body["seller_id"] == BERLIN:
            number, customer = str(body["order_id"]), body["customer"]
            amount = Decimal(0 if number in PAID else body["total"])
            item = OpenItem(
                case_id=case_id_of(BERLIN, number, None),
                installment=None,
                due_date=date(2026, 11, 1),
                open_amount=Money(amount=amount, currency="EUR"),
            )
            name = f"{customer['first_name']} {customer['last_name']}"
            orders.append(
                IndexedOrder(order_id=number, names=(name,), currency="EUR", items=(item,))
            )
    return OrderIndex(orders)


def certain_orders(answers: Sequence[Match]) -> list[str]:
    return [
        answer.candidates[0].shares[0].order_id
        for answer in answers
        if answer.verdict is Verdict.CERTAIN
    ]


def test_the_shipped_files_are_those_that_the_script_writes(tmp_path: Path) -> None:
    main([str(tmp_path / "new")], say=lambda text: None)

    shipped = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.name[0] != "."}
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == shipped


def test_r20_there_is_a_sample_of_every_format() -> None:
    formats = {read_statement(content, name).format for name, content in FILES.items()}

    assert formats == set(StatementFormat) - {StatementFormat.MT942}


def test_r20_the_sample_has_every_kind_of_line() -> None:
    lines = lines_of(STATEMENT)

    assert any(line.is_return and line.end_to_end_id for line in lines)
    assert any(line.is_return and not line.end_to_end_id for line in lines)
    assert any(line.part for line in lines)
    assert any(line.amount < 0 and not line.is_return for line in lines)
    assert any(not line.is_booked for line in lines_of("lindenhof.camt.052.xml"))


@pytest.mark.parametrize(
    ("name", "missing", "doubled"),
    [
        ("lindenhof.mt940.sta", [], 0),
        ("lindenhof.umsaetze.csv", ["L-1002 zweite Zahlung"], 0),
        ("lindenhof.camt.052.xml", ["L-1002 zweite Zahlung"], 0),
        ("lindenhof.camt.054.xml", [], 0),
        ("lindenhof.camt.zip", [], 2),
    ],
)
def test_r20_the_formats_contain_the_same_days(name: str, missing: list[str], doubled: int) -> None:
    """Only the pending line is new; the archive tells its batch twice."""
    lines = lines_of(STATEMENT)
    known = [KnownLine(key.key, line) for key, line in zip(line_keys(lines), lines, strict=True)]
    others = lines_of(name)

    keys = line_keys(others, known)

    new = [line for key, line in zip(keys, others, strict=True) if not key.is_known]
    assert [line.text for line in new] == missing
    assert len({key.key for key in keys}) == len(lines_of(name)) - doubled


def test_r20_the_sample_is_matched_as_a_clerk_would_match_it() -> None:
    lines = lines_of(STATEMENT)

    answers = match_lines(lines, index_of_lindenhof())

    assert certain_orders(answers) == [
        "L-1001",
        "L-1002",
        "L-1004",
        "L-1005",
        "L-1003",
        "L-1014",
        "L-1009",
        "L-1019",
        "L-1019",
        "L-1015",
        "L-1018",
    ]
    by_text = {line.text: answer for line, answer in zip(lines, answers, strict=True)}
    both = by_text["L-1006 und L-1007"].candidates[0].shares
    assert [share.order_id for share in both] == ["L-1006", "L-1007"]
    assert by_text["Bestellung L-1080"].verdict is Verdict.CANDIDATES
    assert by_text["L-1010"].verdict is Verdict.CANDIDATES
    assert by_text["danke"].candidates[0].shares[0].order_id == "L-1005"
    assert by_text["Miete November"].verdict is Verdict.NOT_OURS


def test_the_sample_statements_fit_its_payments_on_any_day(tmp_path: Path) -> None:
    now = datetime(2027, 6, 9, 12, tzinfo=UTC)
    paid = {
        str(call.body["order_id"]): datetime.fromisoformat(str(call.body["paid_at"])).date()
        for call in sample_calls(now)
        if isinstance(call, Call) and call.path == "/v1/payments" and call.body
    }

    write_statements(tmp_path, until=now.date())

    content = (tmp_path / "statements" / STATEMENT).read_bytes()
    lines = {line.text.split()[-1]: line for line in read_statement(content).lines if line.text}
    assert lines["L-1013"].is_return
    assert paid["L-1013"] - lines["L-1013"].booked_on <= timedelta(days=1)
    assert abs(lines["L-1010"].booked_on - paid["L-1010"]) <= timedelta(days=5)
