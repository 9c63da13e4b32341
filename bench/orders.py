"""How fast orders are accepted: in batches, and again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import httpx

from bench.figures import show
from bench.offline import offline_services
from bench.seed import seed
from runtime.database import Database
from runtime.migrate import upgrade
from starter.app import create_app
from starter.intake.order_batcher import OrderBatcher

ORDERS: Final = 3_000
SINGLE_ORDERS: Final = 600
CALLERS: Final = 20


def order(number: int) -> dict[str, Any]:
    return {
        "seller_id": f"s-{number % 20}",
        "order_id": f"O-{number}",
        "invoice_date": "2026-03-02",
        "currency": "EUR",
        "total": f"{10 + number % 500}.00",
        "subject": "Online course",
        "customer": {
            "customer_id": f"c-{number % 1000}",
            "first_name": "Ada",
            "last_name": f"Muster {number % 1000}",
            "email": "ada@example.org",
            "language": "de",
            "address": {
                "street": "Hauptstr. 5",
                "postal_code": "10115",
                "city": "Berlin",
                "country": "DE",
            },
        },
    }


@asynccontextmanager
async def empty_api(batcher: OrderBatcher | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """The API on a new database with some sellers, without a Temporal server."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="dunning-bench-"))
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        stack.push_async_callback(database.close)
        await upgrade(database)
        token = await seed(database, cases=0)
        app = create_app(await offline_services(database))
        if batcher is not None:
            app.state.order_batcher = batcher
        yield await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="http://bench",
                headers={"Authorization": f"Bearer {token}"},
                timeout=300,
            )
        )


async def main() -> None:
    for words, at_once in (("each in its own transaction", 1), ("gathered", 50)):
        async with empty_api(OrderBatcher(at_once=at_once)) as api:
            await single_calls(api, f"POST /v1/orders, {CALLERS} callers, {words}")
    async with empty_api() as api:
        await batch(api, "POST /v1/orders/batch", 201)
        await batch(api, "POST /v1/orders/batch, all known", 200)


async def single_calls(api: httpx.AsyncClient, name: str) -> None:
    """Orders one a call; each caller sends its next when it is answered."""
    numbers = iter(range(SINGLE_ORDERS))

    async def caller() -> None:
        for number in numbers:
            answer = await api.post("/v1/orders", json=order(number))
            assert answer.status_code == 201, answer.text

    began = perf_counter()
    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(caller())
    show(name, f"{SINGLE_ORDERS / (perf_counter() - began):,.0f} orders/s")


async def batch(api: httpx.AsyncClient, name: str, status: int) -> None:
    lines = "\n".join(json.dumps(order(number)) for number in range(ORDERS))
    began = perf_counter()
    answer = await api.post(
        "/v1/orders/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    took = perf_counter() - began
    accepted = [json.loads(line)["status"] for line in answer.text.splitlines()]
    assert accepted == [status] * ORDERS
    show(name, f"{ORDERS / took:,.0f} orders/s")


if __name__ == "__main__":
    asyncio.run(main())
