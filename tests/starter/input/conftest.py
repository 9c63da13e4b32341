"""What the API takes and refuses is tried without Temporal: no case has to run for it."""

from __future__ import annotations

import pytest

from tests.offline import OfflineApi
from tests.starter.backend import Backend, Untouched, untouched_order


@pytest.fixture
def backend(offline_backend: Backend) -> Backend:
    return offline_backend


@pytest.fixture(scope="module")
async def untouched(offline: OfflineApi, request: pytest.FixtureRequest) -> Untouched:
    return await untouched_order(Backend(offline, request.node.nodeid))
