"""A backend with a seller of its own for each test."""

from __future__ import annotations

import pytest

from simulation.world import World
from tests.starter.backend import PROFILE, Backend


@pytest.fixture
async def backend(world: World, request: pytest.FixtureRequest) -> Backend:
    backend = Backend(world, request.node.nodeid)
    await backend.granted("PUT", "/v1/sellers/{s}", PROFILE)
    return backend
