"""Without its database the API refuses everything, and uses it again when it is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.offline import offline_services
from models.keys import create_key
from models.outbox import count_unsent, sellers_to_ask
from runtime.database import Database
from runtime.migrate import upgrade
from runtime.ports import free_port
from simulation.clock import ScenarioClock
from starter.app import create_app
from tests.bodies import a_seller
from tests.offline import OfflineApi, client_of
from tests.prepared_routes import prepared
from tests.starter.backend import Backend, refused

pytestmark = pytest.mark.one_database


async def _asked(backend: Backend) -> list[httpx.Response]:
    verbs = ("stop", "start", "escalate", "hold", "resume", "withdraw")
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/v1/sellers/{s}", None),
        ("PUT", "/v1/sellers/{s}", a_seller()),
        ("PATCH", "/v1/sellers/{s}/settings", {}),
        ("POST", "/v1/orders", backend.order()),
        ("GET", "/v1/orders/{s}/A-1", None),
        ("POST", "/v1/orders/{s}/A-1/cancel", None),
        ("POST", "/v1/payments", backend.payment()),
        ("POST", backend.chargebacks, backend.chargeback()),
        ("PATCH", "/v1/customers/{s}/c-1", {"phone": "1"}),
        ("GET", backend.case_path(), None),
        *(("POST", backend.case_path(verb), None) for verb in verbs),
    ]
    return [await backend.send(method, path, body) for method, path, body in calls]


@asynccontextmanager
async def _calling(database: Database) -> AsyncIterator[Backend]:
    """A backend of an API on this database, with a key that nobody has made."""
    clock = ScenarioClock()
    app = prepared(create_app, await offline_services(database, clock))
    async with client_of(app, {"Authorization": "Bearer dunning_backend_unknown"}) as api:
        yield Backend(OfflineApi(database, clock, app, api), "nobody")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////no/such/folder/dunning.db",
        f"postgresql+psycopg://dunning@127.0.0.1:{free_port()}/dunning",
    ],
    ids=["sqlite", "postgresql"],
)
async def test_without_a_database_everything_is_unavailable(url: str) -> None:
    database = Database(url)
    async with _calling(database) as backend:
        for answer in await _asked(backend):
            refused(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
    await database.close()


async def test_a_database_that_is_back_is_used_again_by_the_same_process(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "away"
    database = Database(f"sqlite+aiosqlite:///{folder / 'dunning.db'}")
    async with _calling(database) as backend:
        refused(await backend.send("PUT", "/v1/sellers/{s}", a_seller()), 503)
        folder.mkdir()
        await upgrade(database)
        async with database.writing() as session:
            new = await create_key(session, at=backend.now)
        backend.api.headers["Authorization"] = f"Bearer {new.token}"

        await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
        await backend.open_order()
    async with database.reading() as session:
        assert await count_unsent(session) == (1, backend.now)
        assert [seller.seller_id for seller in await sellers_to_ask(session)] == [backend.seller_id]
    await database.close()
