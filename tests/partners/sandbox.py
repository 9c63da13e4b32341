"""The partner sandbox, called as the system calls it, at a time that the test sets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from fastapi import FastAPI

from sandbox.partner import create_partner_app
from tests.clocks import FixedClock
from tests.prepared_routes import prepared
from tests.webhook_receiver import Delivery

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
UNKNOWN = "00000000-0000-0000-0000-000000000000"
ALL_EVENTS = ["case.created", "case.updated", "case.closed", "payment.created"]


def a_body(**changes: Any) -> dict[str, Any]:
    """A request that is taken; a field changed to `...` is left out."""
    body = {
        "currencyCode": "EUR",
        "amountToRecover": 119,
        "date": "2026-01-02T00:00:00Z",
        "dueDate": "2026-01-16T00:00:00Z",
        "creditorReference": "abcd2345-1",
        "debtor": a_debtor(),
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def a_debtor(**changes: Any) -> dict[str, Any]:
    debtor = {"type": "Private", "name": "Jonas Weber", "countryAlpha2": "DE", **changes}
    return {name: value for name, value in debtor.items() if value is not ...}


def connect(**options: Any) -> httpx.AsyncClient:
    app = prepared(create_partner_app, **{"clock": lambda: NOW, **options})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox")


async def create(
    http: httpx.AsyncClient, body: dict[str, Any] | str, *, key: str | None = None
) -> httpx.Response:
    content = body if isinstance(body, str) else json.dumps(body)
    headers = {} if key is None else {"Idempotency-Key": key}
    return await http.post("/cases", content=content, headers=headers)


async def count(http: httpx.AsyncClient) -> int:
    total: int = (await http.get("/cases")).json()["page"]["totalResults"]
    return total


@dataclass
class Caller:
    """Somebody with the key, who hands claims over and plays the agency."""

    http: httpx.AsyncClient
    app: FastAPI
    clock: FixedClock

    async def submit(self, **changes: Any) -> str:
        answer = await create(self.http, a_body(**changes))
        assert answer.status_code == 200, answer.text
        case_id: str = answer.json()["id"]
        return case_id

    async def advance(self, case_id: str, to: str, amount: float | str | None = None) -> Any:
        answer = await self.try_to_advance(case_id, to, amount)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def try_to_advance(
        self, case_id: str, to: str, amount: float | str | None = None
    ) -> httpx.Response:
        body = {"to": to} if amount is None else {"to": to, "amount": "AMOUNT"}
        content = json.dumps(body).replace('"AMOUNT"', str(amount))
        return await self.http.post(f"/test/cases/{case_id}/advance", content=content)

    async def get(self, path: str) -> Any:
        """What is there, its numbers exact."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal)

    async def post(self, path: str, body: object) -> Any:
        answer = await self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def subscribe(self, url: str, *, events: list[str] | None = None, **more: Any) -> Any:
        return await self.post("/webhooks", {"url": url, "events": events or ALL_EVENTS, **more})

    async def deliver(self) -> None:
        """Send what is due by now."""
        await self.app.state.webhook_sender.deliver_due()

    async def events(self, case_id: str) -> list[dict[str, Any]]:
        """What is known of what a case's webhooks were told, the newest first."""
        listed: list[dict[str, Any]] = await self.get(f"/webhooks/events?caseId={case_id}")
        return listed

    async def behave(self, **behavior: Any) -> None:
        await self.post("/test/webhooks/behavior", behavior)


@asynccontextmanager
async def calling(clock: FixedClock | None = None, **options: Any) -> AsyncIterator[Caller]:
    clock = clock or FixedClock(NOW)
    app = prepared(create_partner_app, **{"clock": clock.now, **options})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        yield Caller(http, app, clock)


def types(told: list[Delivery]) -> list[str]:
    return [one.content["type"] for one in told]
