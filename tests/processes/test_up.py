"""`dunning up`: one command, one tree of processes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.bodies import a_seller
from tests.child_processes import DUNNING, is_alive
from tests.examples import IS_THOROUGH
from tests.patience import PATIENCE_SECONDS, eventually
from tests.processes.deployment import order

ANY_PORTS = {
    f"DUNNING_{name}_PORT": "0"
    for name in ("API", "TEMPORAL", "TEMPORAL_UI", "SMTP", "MAIL_PAGE", "PARTNER", "METRICS")
}
PARTS = {"temporal", "api", "worker", "mail-catcher", "partner-sandbox"}


@dataclass
class Up:
    """A running `dunning up`, and what it has said."""

    process: asyncio.subprocess.Process
    said: str = ""

    async def until(self, words: str) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while words not in self.said:
                line = await self.process.stdout.readline()
                assert line, self.said
                self.said += line.decode()

    async def ended(self) -> int:
        """Its exit code, when everything that it said has been read."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            self.said += (await self.process.stdout.read()).decode()
            return await self.process.wait()

    def address(self, what: str) -> str:
        found = re.search(rf"^  {re.escape(what)} +(\S+)$", self.said, re.MULTILINE)
        assert found, self.said
        return found[1]

    def api(self) -> httpx.AsyncClient:
        key = re.search(r"KEY=(\S+)", self.said)
        assert key
        base = self.address("API, with its documentation").removesuffix("/docs")
        headers = {"Authorization": f"Bearer {key[1]}"}
        return httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_SECONDS)

    def parts(self) -> dict[str, int]:
        """The processes that it has started, by their last word."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        found = {}
        for pid in listed.split():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            name = "temporal" if "start-dev" in command else command[-2]
            found[name] = int(pid)
        return found


async def start(folder: Path, **environment: str) -> Up:
    process = await asyncio.create_subprocess_exec(
        *(DUNNING, "up", "--data", str(folder / "data")),
        cwd=folder,
        env=os.environ | ANY_PORTS | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return Up(process)


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Up]:
    """One that has said its key; it is gone at the end, however the test ends."""
    up = await start(folder)
    try:
        await up.until("KEY=")
        yield up
    finally:
        if up.process.returncode is None:
            up.process.kill()
            await up.process.wait()


async def all_gone(pids: Iterable[int]) -> None:
    async def gone() -> bool:
        return not any(is_alive(pid) for pid in pids)

    await eventually(gone)


async def test_everything_answers_ends_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async with started(tmp_path) as up:
        parts = up.parts()
        assert set(parts) == PARTS
        async with up.api() as api, httpx.AsyncClient() as browser:
            profile = a_seller(time_zone="UTC")
            (await api.put("/v1/sellers/s-1", json=profile)).raise_for_status()
            opened = await api.post("/v1/orders", json=order("A-1"))
            case_id = opened.json()["cases"][0]["case_id"]

            async def mail_has_come() -> bool:
                shown = await browser.get(f"{up.address('mails')}/api/messages")
                return any(case_id in mail["name"] for mail in shown.json())

            await eventually(mail_has_come)
            for what in ("Temporal's Web UI", "collection partner", "figures of the worker"):
                assert (await browser.get(up.address(what))).status_code < 500
        await _is_refused_on_the_same_data(tmp_path)
        up.process.send_signal(signal.SIGINT)
        assert await up.ended() == 0
        assert up.said.endswith("Everything has ended.\n")
        await all_gone(parts.values())

    async with started(tmp_path) as again:
        parts = again.parts()
        async with again.api() as api:
            stopped = await api.post(f"/v1/cases/{case_id}/stop")
        assert (stopped.status_code, stopped.json()["stage"]) == (200, "stopped")
        os.kill(parts["worker"], signal.SIGKILL)
        assert await again.ended() == 1
        assert "worker ended by signal SIGKILL" in again.said
        await all_gone(parts.values())


@pytest.mark.skipif(not IS_THOROUGH, reason="the worker's death is seen above; all if thorough")
@pytest.mark.parametrize("part", sorted(PARTS - {"worker"}))
async def test_a_death_of_any_ends_all_and_is_named(tmp_path: Path, part: str) -> None:
    async with started(tmp_path) as up:
        parts = up.parts()

        os.kill(parts[part], signal.SIGKILL)

        assert await up.ended() == 1
        assert f"{part} ended by signal SIGKILL" in up.said
        await all_gone(parts.values())


async def test_a_taken_port_is_named_with_the_way_out_and_nothing_is_begun(
    tmp_path: Path,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = await start(tmp_path, DUNNING_MAIL_PAGE_PORT=str(port))
        assert await up.ended() == 1

    assert up.said == (
        f"port {port} is taken by another program; end that one, or choose another port "
        "with --mail-page-port or DUNNING_MAIL_PAGE_PORT (0: any free one)\n"
    )
    assert not (tmp_path / "data").exists()


async def _is_refused_on_the_same_data(folder: Path) -> None:
    second = await start(folder)

    assert await second.ended() == 1
    assert "is in use by another `dunning up`" in second.said
