"""What commands need: a process without configuration, and a Temporal server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from runtime.embedded import embedded_server
from tests.bare import bare

__all__ = ["bare"]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Client]:
    """A Temporal server that knows no search attributes yet."""
    async with embedded_server(()) as client:
        yield client
