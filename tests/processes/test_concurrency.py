"""Two API processes and three workers on one database: told the same at once, they do it once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from runtime.ports import free_port
from tests.processes.site import Site, answers, eventually, known_answer, order

ORDERS = 6
PARTS = [Decimal("7.00")] * 8
BATCH = 60
NDJSON = {"Content-Type": "application/x-ndjson"}


@dataclass
class Fleet:
    """The processes, and a client of each API."""

    site: Site
    apis: tuple[httpx.AsyncClient, httpx.AsyncClient]

    async def both(self, method: str, path: str, body: Any = None) -> list[httpx.Response]:
        """The same call of both at once, each with its own key; neither is an error."""
        json_body = {} if body is None else {"json": body}
        found = await asyncio.gather(
            *(
                known_answer(
                    api, method, path, headers={"Idempotency-Key": f"{path} {number}"}, **json_body
                )
                for number, api in enumerate(self.apis)
            )
        )
        for answer in found:
            assert answer.status_code < 500, answer.text
        return found

    async def case(self, case_id: str) -> dict[str, Any]:
        document: dict[str, Any] = (await self.apis[0].get(f"/v1/cases/{case_id}")).json()
        return document


@pytest.fixture
async def fleet(site: Site) -> AsyncIterator[Fleet]:
    await site.prepare()
    await site.start("api")
    port = free_port()
    await site.start("api", "--api-port", str(port))
    for _ in range(3):
        await site.start("worker")
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=site.api.headers, timeout=30
    ) as second:
        opened = Fleet(site, (site.api, second))
        await eventually(lambda: answers(site))
        await eventually(lambda: _answers(second))
        profile = {"company_name": "Kurse GmbH", "email": "seller@example.org"}
        await opened.both("PUT", "/v1/sellers/s-1", profile)
        yield opened
        assert all(process.returncode is None for process in site.processes[1:])  # the first: db
        await site.end()


async def test_told_the_same_at_once_nothing_is_lost_and_nothing_happens_twice(
    fleet: Fleet,
) -> None:
    order_ids = [f"A-{number}" for number in range(ORDERS)]
    opened = await asyncio.gather(
        *(fleet.both("POST", "/v1/orders", order(order_id)) for order_id in order_ids)
    )
    for pair in opened:
        assert sorted(answer.status_code for answer in pair) == [200, 201]
        assert pair[0].json() == pair[1].json()
    cases = [pair[0].json()["cases"][0]["case_id"] for pair in opened]

    told = await asyncio.gather(
        *(
            fleet.both("POST", "/v1/payments", _payment(order_id, number, amount))
            for order_id in order_ids
            for number, amount in enumerate(PARTS)
        ),
        *(
            fleet.both("PATCH", "/v1/customers/s-1/c-1", {"phone": f"+49 30 555{number:03}"})
            for number in range(8)
        ),
        *(fleet.both("POST", f"/v1/cases/{case}/{verb}") for case in cases for verb in _VERBS),
    )
    payments = told[: ORDERS * len(PARTS)]
    assert {_statuses(pair) for pair in payments} == {(200, 201)}
    back = await asyncio.gather(
        *(
            fleet.both("POST", f"/v1/payments/{order_id}.0/chargebacks", _chargeback(order_id))
            for order_id in order_ids
        )
    )
    assert {_statuses(pair) for pair in back} == {(200, 201)}

    paid = sum(PARTS[1:])
    for case in cases:
        await eventually(lambda case=case: _has_heard(fleet, case))
        document = await fleet.case(case)
        assert Decimal(document["paid"]) == paid
        assert Decimal(document["open_amount"]) == Decimal("119.00") - paid
        _is_one_story(document)
    notices = [mail for mail in fleet.site.mails() if "invoice_notice" in mail]
    assert len(notices) == len(set(notices))


async def test_the_same_orders_in_two_batches_are_opened_once(fleet: Fleet) -> None:
    orders = [order(f"B-{number}") for number in range(BATCH)]

    found = await asyncio.gather(
        *(
            api.post("/v1/orders/batch", content=_lines(some), headers=NDJSON)
            for api, some in zip(fleet.apis, (orders, orders[::-1]), strict=True)
        )
    )

    lines = [[json.loads(line) for line in answer.text.splitlines()] for answer in found]
    assert {line["status"] for line in lines[0] + lines[1]} <= {200, 201}
    new = Counter(line["order_id"] for some in lines for line in some if line["status"] == 201)
    assert new == {f"B-{number}": 1 for number in range(BATCH)}
    cases = {line["order_id"]: line["cases"][0]["case_id"] for line in lines[0]}
    assert cases == {line["order_id"]: line["cases"][0]["case_id"] for line in lines[1]}

    async def all_are_told() -> bool:
        return len(_notices(fleet.site)) >= BATCH

    await eventually(all_are_told)
    assert _notices(fleet.site) == sorted(
        f"<{case}.1.invoice_notice@example.com>" for case in cases.values()
    )


_VERBS = ("stop", "start", "hold", "resume")


def _notices(site: Site) -> list[str]:
    return [mail for mail in site.mails() if "invoice_notice" in mail]


def _is_one_story(case: dict[str, Any]) -> None:
    """Every change begins where the one before ended, and the last is where the case stands."""
    stage = "scheduled"
    for event in case["history"]:
        if event["event"] == "stage.changed":
            assert event["detail"]["from"] == stage
            stage = event["detail"]["stage"]
    assert stage == case["stage"]
    payments = Counter(
        event["detail"]["payment_id"]
        for event in case["history"]
        if event["event"] == "payment.recorded"
    )
    assert payments == {f"{case['order_id']}.{number}": 1 for number in range(len(PARTS))}


async def _has_heard(fleet: Fleet, case: str) -> bool:
    """All payments and the chargeback are in its history."""
    events = Counter(event["event"] for event in (await fleet.case(case))["history"])
    return events["payment.recorded"] >= len(PARTS) and events["payment.reversed"] >= 1


def _statuses(pair: Iterable[httpx.Response]) -> tuple[int, ...]:
    return tuple(sorted(answer.status_code for answer in pair))


def _payment(order_id: str, number: int, amount: Decimal) -> dict[str, Any]:
    return {
        "payment_id": f"{order_id}.{number}",
        "seller_id": "s-1",
        "order_id": order_id,
        "amount": str(amount),
        "currency": "EUR",
        "paid_at": "2026-03-02T10:00:00+01:00",
    }


def _chargeback(order_id: str) -> dict[str, Any]:
    return {
        "chargeback_id": f"{order_id}.back",
        "amount": str(PARTS[0]),
        "occurred_at": "2026-03-03T10:00:00+01:00",
    }


def _lines(orders: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in orders)


async def _answers(api: httpx.AsyncClient) -> bool:
    try:
        return (await api.get("/healthz")).is_success
    except httpx.TransportError:
        return False
