"""What the compose file runs in containers runs here, with its variables, on true servers."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.databases import Databases
from runtime.embedded import embedded_server
from runtime.ports import free_port
from tests import containers
from tests.child_processes import DUNNING
from tests.containers import Command
from tests.patience import eventually

HERE = "127.0.0.1"
SERVICES = containers.our_services()


@dataclass
class ComposeServices:
    """The services of the compose file as processes; what lies in containers there is moved here.

    `ports` are those of the containers, with the ports of this machine that stand for them.
    """

    folder: Path
    moved: dict[str, str]
    ports: dict[int, int]
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def start(self, name: str) -> None:
        """Start a service when what it waits for has come to pass."""
        process = await self._begin(containers.command_of(SERVICES[name]), name)
        check = containers.health_check_of(SERVICES[name])
        if check is None:
            assert await process.wait() == 0, name
            return
        self.running[name] = process
        await eventually(lambda: self._is_well(name, check))

    async def run(self, command: Command, service: str = "api") -> str:
        """Run a command to its end in a service's environment; what it says."""
        process = await self._begin(command, service, stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def end(self) -> dict[str, int]:
        """Tell all to end; how they did."""
        for process in self.running.values():
            process.terminate()
        return {name: await process.wait() for name, process in self.running.items()}

    def kill(self) -> None:
        for process in self.running.values():
            if process.returncode is None:
                process.kill()

    async def _is_well(self, name: str, check: Command) -> bool:
        assert self.running[name].returncode is None, f"{name} has ended"
        moved = tuple(self._moved_port(word) for word in check)
        # Each check is a process that takes long to start: it begins once somebody listens.
        if not await _listens([port for port in self.ports.values() if f":{port}/" in moved[-1]]):
            return False
        return await (await self._begin(moved, name)).wait() == 0

    def _moved_port(self, word: str) -> str:
        for there, here in self.ports.items():
            word = word.replace(f":{there}/", f":{here}/")
        return word

    async def _begin(
        self, command: Command, service: str, **how: Any
    ) -> asyncio.subprocess.Process:
        program = {"dunning": DUNNING, "python": sys.executable}[command[0]]
        given = containers.variables() | SERVICES[service]["environment"]
        return await asyncio.create_subprocess_exec(
            *(program, *command[1:]),
            cwd=self.folder,
            env=os.environ | given | self.moved,
            **how,
        )


async def _listens(ports: list[int]) -> bool:
    try:
        for port in ports:
            _, writer = await asyncio.open_connection(HERE, port)
            writer.close()
    except OSError:
        return False
    return True


def in_their_order() -> Iterator[str]:
    """The services, each after those that it waits for."""
    done: set[str] = set(containers.services()) - set(SERVICES)
    while done != set(containers.services()):
        ready = [
            name
            for name, service in SERVICES.items()
            if name not in done and set(service.get("depends_on", ())) <= done
        ]
        assert ready, "they wait for each other"
        yield from ready
        done.update(ready)


@pytest.fixture
async def compose(tmp_path: Path, databases: Databases) -> AsyncIterator[ComposeServices]:
    ports = {there: free_port() for there in (8000, 8025, 8026, 9464, 1025)}
    async with embedded_server(()) as temporal, databases.empty() as url:
        moved = {
            "DUNNING_DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://"),
            "DUNNING_SMTP_HOST": HERE,
            "DUNNING_SMTP_PORT": str(ports[1025]),
            "DUNNING_PARTNER_URL": f"http://{HERE}:{ports[8026]}",
            "DUNNING_API_PORT": str(ports[8000]),
            "DUNNING_MAIL_PAGE_PORT": str(ports[8025]),
            "DUNNING_PARTNER_PORT": str(ports[8026]),
            "DUNNING_METRICS_PORT": str(ports[9464]),
            "XDG_CONFIG_HOME": str(tmp_path),  # no profile of whoever runs the tests
            "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
        }
        started = ComposeServices(tmp_path, moved, ports)
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.only_postgresql  # the compose file runs one
async def test_every_command_of_the_compose_file_does_its_work(compose: ComposeServices) -> None:
    for name in in_their_order():
        await compose.start(name)

    said = [await compose.run(command) for command in containers.documented_commands()]

    assert any("dunning_backend_" in words for words in said)
    assert "problem" not in "".join(said)
    assert set(compose.running) == {"api", "mail", "partner", "worker"}
    # The API ends by the signal itself, once it has answered what was under way.
    ended = await compose.end()
    assert set(ended.values()) <= {0, -signal.SIGTERM}
    assert ended["worker"] == 0
