"""One running system for all tests, and scenarios told to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.database import Database
from runtime.migrate import upgrade
from simulation.world import World, open_world
from tests.stories import Story


@pytest.fixture(scope="session")
async def world() -> AsyncIterator[World]:
    """The whole system: Temporal server, workers, API, database, SMTP and partner sandbox."""
    async with open_world() as opened:
        yield opened


@pytest.fixture
def story(world: World, request: pytest.FixtureRequest) -> Story:
    """A scenario with a seller of its own, so that no test sees another's cases."""
    return Story(world, name=request.node.name)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of its own, with the newest schema."""
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}")
    await upgrade(opened)
    yield opened
    await opened.close()
