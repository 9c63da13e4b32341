"""Real invoices: each notice of a published sample of receivables is counted by hand.

Each run plays the twelve that go furthest; `DUNNING_TEST_THOROUGH=2` plays all 500.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulation.play import end_of
from simulation.scenario import Call
from simulation.world import World
from tests.examples import IS_THOROUGH
from tests.simulation.playing import played

INVOICES = Path(__file__).parent / "receivables_500.jsonl"
# Days after the invoice date, of 30 days' term, on which a notice goes out in the morning.
DAYS = {
    "invoice_notice": 0,
    "advance_notice": 25,
    "payment_reminder": 35,
    "first_notice": 40,
    "final_notice": 50,
}
HANDOFF = 60
FURTHEST = 12
# Counted by hand: of the twelve, and of all 500.
SENT, ALL_SENT = 60, 1026


Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def lines() -> Lines:
    """The calls that are played, in the order of the file."""
    text = INVOICES.read_text(encoding="utf-8").replace("s-1", "s-receivables")
    every = [json.loads(line) for line in text.splitlines()]
    if IS_THOROUGH:
        return every
    orders, payments = calls(every, "/v1/orders"), calls(every, "/v1/payments")
    by_length = sorted(orders, key=lambda one: _days_to_payment(orders[one], payments[one]))
    played_ones = {None, *by_length[-FURTHEST:]}
    return [line for line in every if line["body"].get("order_id") in played_ones]


@pytest.fixture(scope="module")
async def events(lines: Lines, world: World) -> Lines:
    """The events of the invoices."""
    scenario = [Call.model_validate(line | {"line": n}) for n, line in enumerate(lines, 1)]
    return (await played(world, scenario, end=end_of(scenario, None))).events


def calls(lines: Lines, path: str) -> dict[str, dict[str, Any]]:
    return {line["body"]["order_id"]: line for line in lines if line["path"] == path}


def _days_to_payment(order: dict[str, Any], payment: dict[str, Any]) -> int:
    invoiced = date.fromisoformat(order["body"]["invoice_date"])
    return (datetime.fromisoformat(payment["at"]).date() - invoiced).days


def test_each_invoice_gets_each_notice_on_its_day_until_it_is_paid(
    lines: Lines, events: Lines
) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    payments = calls(lines, "/v1/payments")
    for order_id, order in calls(lines, "/v1/orders").items():
        invoiced = date.fromisoformat(order["body"]["invoice_date"])
        # Every payment of the file came after ten o'clock, every notice goes out before.
        paid = datetime.fromisoformat(payments[order_id]["at"]).date()
        for kind, after in DAYS.items():
            day = invoiced + timedelta(days=after)
            if day <= paid:
                expected[order_id, kind, day.isoformat()] += 1

    sent = Counter(
        (event["order_id"], event["detail"]["kind"], event["at"][:10])
        for event in events
        if event["event"] == "notice.sent"
    )

    assert sent == expected
    assert len(sent) == (ALL_SENT if IS_THOROUGH else SENT)


def test_every_invoice_ends_paid_or_settled_at_its_payment(lines: Lines, events: Lines) -> None:
    orders, payments = calls(lines, "/v1/orders"), calls(lines, "/v1/payments")
    closed = {
        event["order_id"]: (event["detail"]["outcome"], datetime.fromisoformat(event["at"]))
        for event in events
        if event["event"] == "case.closed"
    }

    assert closed.keys() == orders.keys()
    for order_id, (outcome, at) in closed.items():
        paid = datetime.fromisoformat(payments[order_id]["at"])
        was_handed_over = _days_to_payment(orders[order_id], payments[order_id]) >= HANDOFF
        assert (outcome, at) == ("settled" if was_handed_over else "paid", paid)
