from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.databases import Databases
from runtime.database import Database
from tests.browser.served_console import ServedConsole, served_console

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
async def console(databases: Databases) -> AsyncIterator[ServedConsole]:
    """A server with two sellers, the first with a case of each kind."""
    async with _served(databases) as opened:
        yield opened


@pytest.fixture(scope="module")
async def unchanged_console(databases: Databases) -> AsyncIterator[ServedConsole]:
    """The same for tests that change nothing of it."""
    async with _served(databases) as opened:
        yield opened


@asynccontextmanager
async def _served(databases: Databases) -> AsyncIterator[ServedConsole]:
    async with databases.migrated() as url:
        database = Database(url)
        async with served_console(database) as opened:
            yield opened
        await database.close()
