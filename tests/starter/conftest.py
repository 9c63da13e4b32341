"""Backends with a seller of their own: one for a test, one for a table of refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bench.databases import Databases
from runtime.database import Database
from simulation.world import World
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Untouched


@pytest.fixture(scope="session")
async def offline(databases: Databases) -> AsyncIterator[OfflineApi]:
    """The API without Temporal: no case runs."""
    async with databases.migrated() as url:
        database = Database(url)
        async with OfflineApi.opened(database) as opened:
            yield opened
        await database.close()


@pytest.fixture
async def backend(offline: OfflineApi, request: pytest.FixtureRequest) -> Backend:
    """A backend of the API alone: its cases are opened and changed, and none does anything."""
    return await _signed_up(Backend(offline, request.node.nodeid))


@pytest.fixture
async def running(world: World, request: pytest.FixtureRequest) -> Backend:
    """A backend of the whole system: its cases send notices and are handed over."""
    return await _signed_up(Backend(world, request.node.nodeid))


@pytest.fixture(scope="module")
async def untouched(offline: OfflineApi, request: pytest.FixtureRequest) -> Untouched:
    """An order, its customer and a payment that no refused call changes."""
    backend = await _signed_up(Backend(offline, request.node.nodeid))
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())
    return Untouched(backend, await backend.at_rest())


async def _signed_up(backend: Backend) -> Backend:
    await backend.sign_up()
    return backend
