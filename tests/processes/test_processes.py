"""Worker and API as processes of their own: killed, started again, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.embedded import embedded_server, free_port
from sandbox.mail_sink import MailSink
from workflows.search import SEARCH_ATTRIBUTES

DUNNING = str(Path(sys.executable).parent / "dunning")
PATIENCE_SECONDS = 30


@dataclass
class Site:
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

    async def run(self, *command: str) -> None:
        process = await self.start(*command)
        assert await process.wait() == 0

    async def prepare(self) -> None:
        """The newest schema, and a backend's key for all calls."""
        await self.run("db", "upgrade")
        process = await asyncio.create_subprocess_exec(
            *(DUNNING, "keys", "create", "--label", "test"),
            cwd=self.folder,
            env=os.environ | self.environment,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        self.api.headers["Authorization"] = f"Bearer {out.decode().strip()}"

    def mails(self) -> list[str]:
        messages = [message_from_bytes(path.read_bytes()) for path in self.folder.glob("mail/*")]
        return sorted(str(message["Message-ID"]) for message in messages)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    port = free_port()
    (tmp_path / "mail").mkdir()
    async with (
        embedded_server(SEARCH_ATTRIBUTES) as temporal,
        MailSink(keep=tmp_path / "mail") as sink,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as api,
    ):
        environment = {
            "DUNNING_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'dunning.db'}",
            "DUNNING_TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
            "DUNNING_SMTP_PORT": str(sink.port),
            "DUNNING_API_PORT": str(port),
            "DUNNING_MAIL_FROM": "dunning@example.com",
        }
        opened = Site(tmp_path, environment, api)
        yield opened
        for process in opened.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def eventually(what: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await what():  # noqa: ASYNC110 - another process cannot set an event
            await asyncio.sleep(0.05)


async def answers(site: Site) -> bool:
    try:
        return (await site.api.get("/openapi.json")).is_success
    except httpx.TransportError:
        return False


def order(order_id: str) -> dict[str, Any]:
    return {
        "seller_id": "s-1",
        "order_id": order_id,
        "invoice_date": datetime.now(UTC).date().isoformat(),
        "currency": "EUR",
        "total": "119.00",
        "customer": {"customer_id": "c-1", "last_name": "Muster", "email": "ada@example.org"},
    }


async def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(site: Site) -> None:
    await site.prepare()
    await site.start("api")
    worker = await site.start("worker")
    await eventually(lambda: answers(site))
    profile = {"company_name": "Kurse GmbH", "email": "seller@example.org"}
    (await site.api.put("/v1/sellers/s-1", json=profile)).raise_for_status()
    first = (await site.api.post("/v1/orders", json=order("A-1"))).json()["cases"][0]["case_id"]

    async def first_is_told() -> bool:
        return f"<{first}.1.invoice_notice@example.com>" in site.mails()

    await eventually(first_is_told)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    opened = await site.api.post("/v1/orders", json=order("A-2"))
    second = opened.json()["cases"][0]["case_id"]
    assert opened.status_code == 201

    await site.start("worker")

    async def second_is_told() -> bool:
        case = (await site.api.get(f"/v1/cases/{second}")).json()
        return any(event["event"] == "notice.sent" for event in case["history"])

    await eventually(second_is_told)
    stopped = await site.api.post(f"/v1/cases/{first}/stop")
    assert (stopped.status_code, stopped.json()["stage"]) == (200, "stopped")
    notices = [mail for mail in site.mails() if "invoice_notice" in mail]
    assert notices == sorted(
        f"<{case_id}.1.invoice_notice@example.com>" for case_id in (first, second)
    )


async def test_a_worker_that_is_told_to_stop_ends_well(site: Site) -> None:
    await site.run("db", "upgrade")
    worker = await site.start("worker")
    await eventually(lambda: _listens(worker))

    worker.send_signal(signal.SIGTERM)

    assert await worker.wait() == 0


async def _listens(worker: asyncio.subprocess.Process) -> bool:
    """The worker has put its signal handlers in place: Linux lists them as caught signals."""
    status = await asyncio.to_thread(Path(f"/proc/{worker.pid}/status").read_text)
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
