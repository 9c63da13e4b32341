"""Two API processes and two workers on one database: told the same at once, they do it once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.bodies import a_payment
from tests.patience import eventually
from tests.processes.deployment import Deployment, order
from tests.processes.two_apis import TwoApis, started_apis

ORDERS = 4
PARTS = [Decimal("7.00")] * 8
BATCH = 12
# On SQLite there is one writer at a time.
pytestmark = pytest.mark.only_postgresql
NDJSON = {"Content-Type": "application/x-ndjson"}


async def test_told_the_same_at_once_nothing_is_lost_and_nothing_happens_twice(
    deployment: Deployment,
) -> None:
    """By single calls and by batches; one test, because four processes take long to start."""
    async with deployment.temporal(), started_apis(deployment, workers=2) as two_apis:
        await _single_calls(two_apis)
        await _batches(two_apis)


async def _single_calls(two_apis: TwoApis) -> None:
    order_ids = [f"A-{number}" for number in range(ORDERS)]
    opened = await asyncio.gather(
        *(two_apis.both("POST", "/v1/orders", order(order_id)) for order_id in order_ids)
    )
    for pair in opened:
        assert sorted(answer.status_code for answer in pair) == [200, 201]
        assert pair[0].json() == pair[1].json()
    cases = [pair[0].json()["cases"][0]["case_id"] for pair in opened]

    async def notices_go_out() -> bool:
        return _notices(two_apis.deployment, cases) != []

    await eventually(notices_go_out)
    told = await asyncio.gather(
        *(
            two_apis.both("POST", "/v1/payments", _payment(order_id, number, amount))
            for order_id in order_ids
            for number, amount in enumerate(PARTS)
        ),
        *(
            two_apis.both("PATCH", "/v1/customers/s-1/c-1", {"phone": f"+49 30 555{number:03}"})
            for number in range(8)
        ),
        *(two_apis.both("POST", f"/v1/cases/{case}/{verb}") for case in cases for verb in _VERBS),
    )
    payments, asked = told[: ORDERS * len(PARTS)], told[-len(cases) * len(_VERBS) :]
    assert {_statuses(pair) for pair in payments} == {(200, 201)}
    assert {answer.status_code for pair in asked for answer in pair} <= {200, 409}
    back = await asyncio.gather(
        *(
            two_apis.both("POST", f"/v1/payments/{order_id}.0/chargebacks", _chargeback(order_id))
            for order_id in order_ids
        )
    )
    assert {_statuses(pair) for pair in back} == {(200, 201)}

    paid = sum(PARTS[1:])
    for case in cases:
        document = await two_apis.case(case)
        assert Decimal(document["paid"]) == paid
        assert Decimal(document["open_amount"]) == Decimal("119.00") - paid
        _is_one_story(document)
    notices = _notices(two_apis.deployment, cases)
    assert len(notices) == len(set(notices))


async def _batches(two_apis: TwoApis) -> None:
    """The same orders in two batches are opened once."""
    orders = [order(f"B-{number}") for number in range(BATCH)]

    found = await asyncio.gather(
        *(
            api.post("/v1/orders/batch", content=_lines(some), headers=NDJSON)
            for api, some in zip(two_apis.clients, (orders, orders[::-1]), strict=True)
        )
    )

    lines = [[json.loads(line) for line in answer.text.splitlines()] for answer in found]
    assert {line["status"] for line in lines[0] + lines[1]} <= {200, 201}
    new = Counter(line["order_id"] for some in lines for line in some if line["status"] == 201)
    assert new == {f"B-{number}": 1 for number in range(BATCH)}
    cases = {line["order_id"]: line["cases"][0]["case_id"] for line in lines[0]}
    assert cases == {line["order_id"]: line["cases"][0]["case_id"] for line in lines[1]}

    async def all_are_told() -> bool:
        return len(_notices(two_apis.deployment, cases.values())) >= BATCH

    await eventually(all_are_told)
    assert _notices(two_apis.deployment, cases.values()) == sorted(
        f"<{case}.1.invoice_notice@example.com>" for case in cases.values()
    )


_VERBS = ("stop", "start", "hold", "resume")


def _notices(deployment: Deployment, cases: Iterable[str]) -> list[str]:
    """The invoice notices of some cases, as often as they were mailed."""
    sent = [mail for mail in deployment.mails() if "invoice_notice" in mail]
    return [mail for mail in sent if any(case in mail for case in cases)]


def _is_one_story(case: dict[str, Any]) -> None:
    """Every change begins where the one before ended, and the last is where the case stands."""
    stage = "scheduled"
    for event in case["history"]:
        if event["event"] == "stage.changed":
            assert event["detail"]["from"] == stage
            stage = event["detail"]["stage"]
    assert stage == case["stage"]
    came, back = (
        Counter(
            event["detail"]["payment_id"] for event in case["history"] if event["event"] == name
        )
        for name in ("payment.recorded", "payment.reversed")
    )
    assert came == {f"{case['order_id']}.{number}": 1 for number in range(len(PARTS))}
    assert back == {f"{case['order_id']}.0": 1}


def _statuses(pair: Iterable[httpx.Response]) -> tuple[int, ...]:
    return tuple(sorted(answer.status_code for answer in pair))


def _payment(order_id: str, number: int, amount: Decimal) -> dict[str, Any]:
    return a_payment(str(amount), order_id, payment_id=f"{order_id}.{number}")


def _chargeback(order_id: str) -> dict[str, Any]:
    return {
        "chargeback_id": f"{order_id}.back",
        "amount": str(PARTS[0]),
        "occurred_at": "2026-03-03T10:00:00+01:00",
    }


def _lines(orders: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in orders)
