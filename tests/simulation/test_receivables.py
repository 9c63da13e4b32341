"""500 real invoices, counted by hand: a published sample of a company's receivables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What `dunning simulate` tells of the 500 invoices."""
    out = tmp_path_factory.mktemp("simulation") / "events.jsonl"
    command = Path(sys.executable).parent / "dunning"
    subprocess.run(
        [str(command), "simulate", str(INVOICES), "--out", str(out)],
        check=True,
        capture_output=True,
        env=os.environ | {"TZ": "Pacific/Auckland"},
    )
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def calls(path: str) -> dict[str, dict[str, Any]]:
    lines = map(json.loads, INVOICES.read_text(encoding="utf-8").splitlines())
    return {line["body"]["order_id"]: line for line in lines if line["path"] == path}


def test_each_invoice_gets_each_notice_on_its_day_until_it_is_paid(
    events: list[dict[str, Any]],
) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    payments = calls("/v1/payments")
    for order_id, order in calls("/v1/orders").items():
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
    assert len(sent) == 1026


def test_every_invoice_ends_paid_or_settled_at_its_payment(events: list[dict[str, Any]]) -> None:
    orders, payments = calls("/v1/orders"), calls("/v1/payments")
    closed = {
        event["order_id"]: (event["detail"]["outcome"], datetime.fromisoformat(event["at"]))
        for event in events
        if event["event"] == "case.closed"
    }

    assert closed.keys() == orders.keys()
    for order_id, (outcome, at) in closed.items():
        invoiced = date.fromisoformat(orders[order_id]["body"]["invoice_date"])
        paid = datetime.fromisoformat(payments[order_id]["at"])
        was_handed_over = (paid.date() - invoiced).days >= HANDOFF
        assert (outcome, at) == ("settled" if was_handed_over else "paid", paid)


def test_the_events_are_in_order(events: list[dict[str, Any]]) -> None:
    moments = [datetime.fromisoformat(event["at"]) for event in events]

    assert moments == sorted(moments)
