"""A place to start processes in, and nothing of them left at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.databases import Databases
from tests.processes.site import Site, opened_site


@pytest.fixture
async def site(tmp_path: Path, databases: Databases) -> AsyncIterator[Site]:
    async with opened_site(tmp_path, databases) as opened:
        yield opened
