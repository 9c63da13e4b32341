"""The processes of a deployment, on one database and one Temporal server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client

from bench.databases import Databases
from models.keys import create_key
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.embedded import embedded_server
from runtime.ports import free_port
from sandbox.mail_sink import MailSink
from tests.bodies import ada, an_order
from tests.child_processes import DUNNING
from tests.patience import PATIENCE_SECONDS, eventually
from workflows.search_attributes import SEARCH_ATTRIBUTES


@dataclass
class Deployment:
    """Where the processes run, and how to start them."""

    folder: Path
    environment: dict[str, str]
    api: httpx.AsyncClient
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *command: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            DUNNING, *command, cwd=self.folder, env=os.environ | self.environment
        )
        self.processes.append(process)
        return process

    def temporal(self, *options: str) -> AbstractAsyncContextManager[Client]:
        """The Temporal server; before and after it nobody listens at its address."""
        port = int(self.environment["TEMPORAL_ADDRESS"].rpartition(":")[2])
        return embedded_server(SEARCH_ATTRIBUTES, *options, port=port)

    async def prepare(self) -> None:
        """A backend's key for all calls."""
        self.api.headers["Authorization"] = f"Bearer {await self.new_key()}"

    async def new_key(self, *, seller_id: str | None = None) -> str:
        """A key of one seller, or without one a backend's."""
        database = Database(self.environment["DUNNING_DATABASE_URL"])
        async with database.writing() as session:
            new = await create_key(
                session, seller_id=seller_id, label="test", at=SystemClock().now()
            )
        await database.close()
        return new.token

    async def end(self) -> None:
        """Tell every process to end, and wait until it has."""
        for process in self.processes:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def ask(self, path: str) -> httpx.Response:
        return await known_answer(self.api, "POST", path, headers={"Idempotency-Key": path})

    def mails(self) -> list[str]:
        messages = [message_from_bytes(path.read_bytes()) for path in self.folder.glob("mail/*")]
        return sorted(str(message["Message-ID"]) for message in messages)


@asynccontextmanager
async def opened_deployment(folder: Path, databases: Databases) -> AsyncIterator[Deployment]:
    """A database, a mail server and ports; at the end every process that was started is killed."""
    port = free_port()
    (folder / "mail").mkdir()
    async with (
        databases.migrated() as url,
        MailSink(keep=folder / "mail") as sink,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS) as api,
    ):
        environment = {
            "DUNNING_DATABASE_URL": url,
            "XDG_CONFIG_HOME": str(folder),  # no profile of whoever runs the tests
            "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
            "DUNNING_SMTP_PORT": str(sink.port),
            "DUNNING_API_PORT": str(port),
            "DUNNING_METRICS_PORT": "0",
            "DUNNING_MAIL_FROM": "dunning@example.com",
        }
        opened = Deployment(folder, environment, api)
        yield opened
        for process in opened.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def known_answer(
    api: httpx.AsyncClient, method: str, path: str, **call: Any
) -> httpx.Response:
    """As callers are told to: after a 503 the same is asked again."""
    found: list[httpx.Response] = []

    async def is_known() -> bool:
        found.append(await api.request(method, path, **call))
        return found[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE

    await eventually(is_known)
    return found[-1]


async def answers(api: httpx.AsyncClient) -> bool:
    try:
        return (await api.get("/healthz")).is_success
    except httpx.TransportError:
        return False


def order(order_id: str) -> dict[str, Any]:
    """An order of today by a customer whose address is not known."""
    customer = ada(address=None)
    return an_order(order_id, invoice_date=datetime.now(UTC).date().isoformat(), customer=customer)
