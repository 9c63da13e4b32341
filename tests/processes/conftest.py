"""A place to start processes in, and nothing of them left at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.databases import Databases
from tests.processes.deployment import Deployment, opened_deployment


@pytest.fixture
async def deployment(tmp_path: Path, databases: Databases) -> AsyncIterator[Deployment]:
    async with opened_deployment(tmp_path, databases) as opened:
        yield opened
