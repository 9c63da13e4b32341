"""How fast orders are accepted: in batches, and again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx

from bench.figures import show
from bench.offline import offline_services
from bench.seed import seed
from runtime.database import Database
from runtime.migrate import upgrade
from starter.app import create_app

ORDERS = 3_000


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
async def empty_api() -> AsyncIterator[httpx.AsyncClient]:
    """The API on a new database with some sellers, without a Temporal server."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="dunning-bench-"))
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        stack.push_async_callback(database.close)
        await upgrade(database)
        token = await seed(database, cases=0)
        yield await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=create_app(await offline_services(database))),
                base_url="http://bench",
                headers={"Authorization": f"Bearer {token}"},
                timeout=300,
            )
        )


async def main() -> None:
    async with empty_api() as api:
        await batch(api, "POST /v1/orders/batch", 201)
        await batch(api, "POST /v1/orders/batch, all known", 200)


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
