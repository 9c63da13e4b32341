"""Backends with a seller of their own: one for a test, one for a table of refusals."""

from __future__ import annotations

import pytest

from simulation.world import World
from tests.starter.backend import Backend, Untouched


@pytest.fixture
async def backend(world: World, request: pytest.FixtureRequest) -> Backend:
    backend = Backend(world, request.node.nodeid)
    await backend.sign_up()
    return backend


@pytest.fixture(scope="module")
async def untouched(world: World, request: pytest.FixtureRequest) -> Untouched:
    """An order, its customer and a payment that no refused call changes."""
    backend = Backend(world, request.node.nodeid)
    await backend.sign_up()
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())
    return Untouched(backend, await backend.at_rest())
