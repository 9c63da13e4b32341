from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from runtime.database import Database
from tests.console.offline_console import Clerk, OfflineConsole


@pytest.fixture
async def console(database: Database) -> AsyncIterator[OfflineConsole]:
    """The console, with one seller."""
    async with OfflineConsole.opened(database) as opened:
        await opened.seller()
        yield opened


@pytest.fixture
async def clerk(console: OfflineConsole) -> AsyncIterator[Clerk]:
    """Maria, who is signed in."""
    async with console.clerk() as signed_in:
        yield signed_in
