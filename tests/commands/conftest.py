"""What commands need: a process without configuration, and a Temporal server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from bench.databases import Databases
from commands.temporal import set_up
from models.tables import SellerRow
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.embedded import embedded_server
from runtime.temporal import connect
from tests.bodies import a_seller
from tests.commands.import_folder import ImportFolder
from tests.commands.system import System
from tests.models.sellers import sellers
from tests.unconfigured import bare

__all__ = ["bare"]


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Client]:
    """A Temporal server that knows no search attributes yet."""
    async with embedded_server(()) as client:
        yield client


@pytest.fixture
async def namespace(server: Client, bare: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A namespace that knows nothing yet, and that the process is configured for."""
    name = f"n-{bare.name}"
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await server.workflow_service.register_namespace(request)
    monkeypatch.setenv("TEMPORAL_ADDRESS", server.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", name)
    return name


@pytest.fixture
async def system(
    namespace: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """The process is configured for a database with one seller, and a namespace ready for cases."""
    await set_up(wait=0)
    async with databases.migrated() as url:
        monkeypatch.setenv("DUNNING_DATABASE_URL", url)
        database = Database(url)
        await sellers(database, "s-1", answered_at=SystemClock().now())
        yield System(url, database, await connect())
        await database.close()


@pytest.fixture
async def folder(databases: Databases, tmp_path: Path) -> AsyncIterator[ImportFolder]:
    async with databases.migrated() as url:
        database = Database(url)
        async with database.writing() as session:
            session.add(SellerRow(seller_id="s-1", profile=a_seller(), settings={}))
        await database.close()
        yield ImportFolder(tmp_path, url)


@pytest.fixture
async def empty_folder(databases: Databases, tmp_path: Path) -> AsyncIterator[ImportFolder]:
    async with databases.empty() as url:
        yield ImportFolder(tmp_path, url)
