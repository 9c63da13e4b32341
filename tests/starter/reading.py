"""The API on a database of its own and without a Temporal server: for what is only read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
from temporalio.client import Client

from models.keys import create_key
from models.outbox import CaseRef
from runtime.database import Database
from runtime.settings import Settings
from simulation.clock import ScenarioClock
from starter.app import create_app
from starter.delivery.client import CaseClient
from starter.services import Services

NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


class Reader:
    """Calls the API as a backend, or with the key of a seller, always at the same moment."""

    def __init__(self, database: Database, settings: Settings | None = None) -> None:
        self.database = database
        self._settings = settings
        self._clock = ScenarioClock()

    @asynccontextmanager
    async def calling(self, *, seller_id: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        clock = self._clock
        cases = CaseClient(await Client.connect("127.0.0.1:1", lazy=True), clock)
        async with self.database.writing() as session:
            key = await create_key(session, seller_id=seller_id, at=NOW)

        async def left_alone(_untold: Sequence[CaseRef]) -> None:
            """Nobody is there to hear of it."""

        services = Services(
            database=self.database,
            cases=cases,
            tell_soon=left_alone,
            clock=clock,
        )
        transport = httpx.ASGITransport(
            app=create_app(services, self._settings), raise_app_exceptions=False
        )
        headers = {"Authorization": f"Bearer {key.token}"}
        with clock.at(NOW):
            async with httpx.AsyncClient(
                transport=transport, base_url="http://dunning.localhost", headers=headers
            ) as api:
                yield api
