"""A place to start processes in, and nothing of them left at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bench.databases import Databases
from runtime.embedded import embedded_server
from runtime.ports import free_port
from sandbox.mail_sink import MailSink
from tests.patience import PATIENCE_SECONDS
from tests.processes.site import Site
from workflows.search import SEARCH_ATTRIBUTES


@pytest.fixture
async def site(tmp_path: Path, databases: Databases) -> AsyncIterator[Site]:
    port = free_port()
    (tmp_path / "mail").mkdir()
    async with (
        databases.migrated() as url,
        embedded_server(SEARCH_ATTRIBUTES) as temporal,
        MailSink(keep=tmp_path / "mail") as sink,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS) as api,
    ):
        environment = {
            "DUNNING_DATABASE_URL": url,
            "XDG_CONFIG_HOME": str(tmp_path),  # no profile of whoever runs the tests
            "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
            "DUNNING_SMTP_PORT": str(sink.port),
            "DUNNING_API_PORT": str(port),
            "DUNNING_METRICS_PORT": "0",
            "DUNNING_MAIL_FROM": "dunning@example.com",
        }
        opened = Site(tmp_path, environment, api)
        yield opened
        for process in opened.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
