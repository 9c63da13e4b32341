"""How fast lists of 100,000 cases are read: pages, and the table."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import httpx

from bench.figures import percentile, show
from bench.offline import offline_services
from bench.seed import seed
from runtime.database import Database
from runtime.migrate import upgrade
from starter.app import create_app

CASES: Final = 100_000
ROUNDS: Final = 40
LISTS: dict[str, dict[str, Any]] = {
    "first page": {},
    "largest page": {"limit": 200},
    "one seller": {"seller_id": "s-7"},
    "active": {"stage": "active"},
    "one seller, blocked": {"seller_id": "s-7", "stage": "blocked"},
    "one month": {"period_from": "2025-06-01", "period_to": "2025-06-30"},
    "amount": {"amount_min": "900.00"},
    "an amount that none has": {"amount_min": "5000.00"},
    "amount and stage": {"amount_min": "900.00", "stage": "blocked"},
    "a name that many have": {"q": "ada"},
    "a name that some have": {"q": "müller 96"},
    "the id of one order": {"q": "A-99912"},
    "a name that nobody has": {"q": "nobody at all"},
    "words that could be an id": {"q": "zzz-9"},
    "one seller, a name that nobody has": {"seller_id": "s-7", "q": "nobody at all"},
}


async def main() -> None:
    with TemporaryDirectory(prefix="dunning-bench-") as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await upgrade(database)
        token = await seed(database, cases=CASES)
        transport = httpx.ASGITransport(app=create_app(await offline_services(database)))
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://bench",
            headers={"Authorization": f"Bearer {token}"},
        ) as api:
            for name, query in LISTS.items():
                await _page(api, name, query)
            await _page(api, "a page in the middle", {"cursor": await _middle(api)})
            await _table(api)
        await database.close()


async def _page(api: httpx.AsyncClient, name: str, query: dict[str, Any]) -> None:
    took = []
    (await api.get("/v1/cases", params=query)).raise_for_status()
    for _ in range(ROUNDS):
        began = perf_counter()
        (await api.get("/v1/cases", params=query)).raise_for_status()
        took.append(perf_counter() - began)
    show(f"GET /v1/cases, {name}", f"p95 {percentile(took, 95) * 1000:.1f} ms")


async def _middle(api: httpx.AsyncClient) -> str:
    """A cursor from which on half of the cases are left."""
    query: dict[str, Any] = {"limit": 1, "period_from": "2025-09-01"}
    cursor: str = (await api.get("/v1/cases", params=query)).json()["next_cursor"]
    return cursor


async def _table(api: httpx.AsyncClient) -> None:
    began, rows, size = perf_counter(), 0, 0
    async with api.stream("GET", "/v1/cases.csv") as answer:
        async for chunk in answer.aiter_bytes():
            rows += chunk.count(b"\r\n")
            size += len(chunk)
    took = perf_counter() - began
    show("GET /v1/cases.csv", f"{(rows - 1) / took:,.0f} rows/s, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())
