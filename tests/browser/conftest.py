from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.databases import Databases
from runtime.database import Database
from tests.browser.house import House, opened_house

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
Browser, BrowserContext, Page = playwright.Browser, playwright.BrowserContext, playwright.Page


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    found = os.environ.get("DUNNING_TEST_BROWSER") or shutil.which("chromium")
    if not found:
        pytest.skip("no Chromium here: apt-get install chromium, or set DUNNING_TEST_BROWSER")
    async with playwright.async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def house(databases: Databases) -> AsyncIterator[House]:
    """A server with two sellers, the first with a case of each kind."""
    async with _house(databases) as opened:
        yield opened


@pytest.fixture(scope="module")
async def house_to_look_at(databases: Databases) -> AsyncIterator[House]:
    """The same for tests that change nothing of it."""
    async with _house(databases) as opened:
        yield opened


@asynccontextmanager
async def _house(databases: Databases) -> AsyncIterator[House]:
    async with databases.migrated() as url:
        database = Database(url)
        async with opened_house(database) as opened:
            yield opened
        await database.close()
