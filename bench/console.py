"""How fast the pages of the console are with 100,000 cases of one seller, on two databases.

What counts is the time at the server, without a browser: on a busy machine that of the processor
says more than that of the clock on the wall.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final

import httpx
from sqlalchemy import text

from bench.databases import PostgresqlDatabases
from bench.figures import percentile, show
from bench.offline import offline_services
from bench.postgresql import NoServer, kept_server
from bench.seed import NOW, seed
from console.app import create_app
from models.console.access import LinkMaker, make_link
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.migrate import upgrade
from runtime.settings import Settings

CASES: Final = 100_000
ROUNDS: Final = 15
_SELLER: Final = "s-0"
_URL: Final = "http://bench"
PAGES: Final = {
    "needs you": "/console/",
    "first page": "/console/cases",
    "running only": "/console/cases?stage=active",
    "stage, days and amount": "/console/cases?stage=blocked&period_from=2025-06-01&amount_min=500",
    "search for a name that many have": "/console/cases?q=ada",
    "search for the id of one order": "/console/cases?q=A-99912",
    "search for what nobody has": "/console/cases?q=nobody+at+all",
    "largest first": "/console/cases?sort=-open",
    "next step first": "/console/cases?sort=next",
    "changed last first": "/console/cases?sort=-updated",
    "live rows": "/console/cases?part=rows",
    "going out": "/console/upcoming",
    "going out on one day": f"/console/upcoming/{NOW.date() + timedelta(days=3)}",
    "totals, after the rows": "/console/totals?part=totals",
}


class _SeedClock(SystemClock):
    """The moment for which the cases were made."""

    def now(self) -> datetime:
        return NOW


async def main() -> None:
    async with _sqlite() as database:
        await _measure("SQLite", database)
    try:
        with kept_server(f"dunning_bench_{secrets.token_hex(4)}", None) as server:
            databases = PostgresqlDatabases(server, "bench")
            async with databases.empty() as url:
                database = Database(url)
                await _measure("PostgreSQL", database)
                await database.close()
    except NoServer as error:
        show("PostgreSQL", f"not measured: {error}")


@asynccontextmanager
async def _sqlite() -> AsyncIterator[Database]:
    with TemporaryDirectory(prefix="dunning-bench-") as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        yield database
        await database.close()


async def _measure(name: str, database: Database) -> None:
    await upgrade(database)
    await seed(database, cases=CASES, sellers=1)
    if name == "PostgreSQL":
        await _tidied(database)
    services = await offline_services(database, _SeedClock())
    settings = Settings.model_construct(console_url=_URL)
    transport = httpx.ASGITransport(app=create_app(services, settings))
    async with httpx.AsyncClient(transport=transport, base_url=_URL) as clerk:
        await _sign_in(clerk, database)
        for what, path in PAGES.items():
            await _page(clerk, f"{name}: {what}", path)


async def _tidied(database: Database) -> None:
    """Do what a server does by itself in the background, and the one of this bench does not."""
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE"))


async def _sign_in(clerk: httpx.AsyncClient, database: Database) -> None:
    async with database.writing() as session:
        link = await make_link(
            session, _SELLER, made_by=LinkMaker.COMMAND, path="/console/", at=NOW
        )
    answer = await clerk.post(
        f"/console/in/{link.token}", data={"name": "Ada"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text


async def _page(clerk: httpx.AsyncClient, what: str, path: str) -> None:
    first = await clerk.get(path)
    first.raise_for_status()
    took, used = [], []
    for _ in range(ROUNDS):
        began, cpu = perf_counter(), process_time()
        (await clerk.get(path)).raise_for_status()
        took.append((perf_counter() - began) * 1000)
        used.append((process_time() - cpu) * 1000)
    figures = f"median {percentile(took, 50):.0f} ms, p95 {percentile(took, 95):.0f} ms"
    show(what, f"{figures}, processor {percentile(used, 50):.0f} ms, {len(first.content):,} bytes")


if __name__ == "__main__":
    asyncio.run(main())
