from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from runtime.database import Database
from tests.console.clerk import Clerk, Shop


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    """A shop with one seller."""
    async with Shop.opened(database) as opened:
        await opened.seller()
        yield opened


@pytest.fixture
async def clerk(shop: Shop) -> AsyncIterator[Clerk]:
    """Maria, who is signed in."""
    async with shop.clerk() as signed_in:
        yield signed_in
