"""The API without Temporal: it opens and changes cases in SQL, and none of them runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import httpx
from fastapi import FastAPI

from bench.offline import offline_services
from models.keys import create_key
from runtime.database import Database
from runtime.settings import Settings
from simulation.clock import ScenarioClock
from starter.app import create_app
from tests.prepared_routes import prepared

NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
BASE = "http://dunning.localhost"


@dataclass(frozen=True)
class OfflineApi:
    """The application on a database, its clock, and `api`, which calls it as a backend."""

    database: Database
    clock: ScenarioClock
    app: Any
    api: httpx.AsyncClient = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls,
        database: Database,
        *,
        settings: Settings | None = None,
        create_app: Callable[..., FastAPI] = create_app,
        **services: Any,
    ) -> AsyncIterator[Self]:
        """Open the application; `services` are those that are not to do nothing."""
        clock = ScenarioClock()
        offline = await offline_services(database, clock, **services)
        app = prepared(create_app, offline, settings)
        with clock.at(NOW):  # it stays this moment until a test goes on
            headers = await _authorized(database)
        async with client_of(app, headers) as api:
            yield cls(database, clock, app, api)

    @asynccontextmanager
    async def as_seller(self, seller_id: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client with a key of the seller."""
        headers = await _authorized(self.database, seller_id)
        async with client_of(self.app, headers) as api:
            yield api

    # --- what a `World` does, and what there is nothing to do for here ----------------------

    async def settle_order(self, _seller_id: str, _order_id: str) -> None:
        """No case has anything under way."""

    async def advance_order(self, _seller_id: str, _order_id: str, _moment: datetime) -> None:
        """No case does anything by itself."""


def client_of(app: Any, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """A client of an application; an error of the application is its answer."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)


async def _authorized(database: Database, seller_id: str | None = None) -> dict[str, str]:
    async with database.writing() as session:
        key = await create_key(session, seller_id=seller_id, at=NOW)
    return {"Authorization": f"Bearer {key.token}"}
