"""Backends with a seller of their own: one for a test, one for a table of refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bench.databases import Databases
from runtime.database import Database
from simulation.world import World
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Untouched, untouched_order


@pytest.fixture
async def backend(world: World, request: pytest.FixtureRequest) -> Backend:
    """A backend of the running system."""
    backend = Backend(world, request.node.nodeid)
    await backend.sign_up()
    return backend


@pytest.fixture(scope="module")
async def untouched(world: World, request: pytest.FixtureRequest) -> Untouched:
    return await untouched_order(Backend(world, request.node.nodeid))


@pytest.fixture(scope="session")
async def offline(databases: Databases) -> AsyncIterator[OfflineApi]:
    """The API without Temporal: no case runs."""
    async with databases.migrated() as url:
        database = Database(url)
        async with OfflineApi.opened(database) as opened:
            yield opened
        await database.close()


@pytest.fixture
async def offline_backend(offline: OfflineApi, request: pytest.FixtureRequest) -> Backend:
    """A backend of the API without Temporal."""
    backend = Backend(offline, request.node.nodeid)
    await backend.sign_up()
    return backend
