"""`dunning partner-sandbox`: the sandbox as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from commands.partner_sandbox import partner_sandbox
from runtime.ports import bind
from tests.partners.sandbox import ALL_EVENTS, a_body
from tests.patience import PATIENCE_SECONDS
from tests.webhook_receiver import receiving

RUN = "import typer; from commands.partner_sandbox import partner_sandbox as p; typer.run(p)"

command = typer.Typer()
command.command()(partner_sandbox)


@dataclass
class Process:
    """A running sandbox, and a client with its key."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)


@asynccontextmanager
async def started(folder: Path, *options: str, **environment: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN, "--partner-port", "0", *options),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.getcwd()} | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = (await process.stdout.readline()).decode()
        address = line.removeprefix("partner sandbox: ").strip()
        async with httpx.AsyncClient(base_url=address, headers={"XApiKey": "sandbox"}) as http:
            yield Process(process, http)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def subscribed(http: httpx.AsyncClient, url: str) -> None:
    body: dict[str, Any] = {"url": url, "events": ALL_EVENTS}
    (await http.post("/webhooks", json=body)).raise_for_status()


async def test_it_listens_once_it_says_where(tmp_path):
    async with started(tmp_path) as sandbox:
        assert (await sandbox.http.get("/healthz")).json() == {"status": "ok"}
        assert (await sandbox.http.get("/")).status_code == 200
        assert (await sandbox.http.get("/cases")).status_code == 200
        wrong = await sandbox.http.get("/cases", headers={"XApiKey": "wrong"})
        assert wrong.status_code == 401


async def test_r16_killed_and_started_again_it_goes_on_where_it_was(tmp_path):
    async with receiving() as receiver:
        receiver.always = (503, {})
        async with started(tmp_path) as sandbox:
            await subscribed(sandbox.http, receiver.url)
            case = (await sandbox.http.post("/cases", json=a_body())).json()
            await receiver.wait_for(1)
            sandbox.kill()
            await sandbox.process.wait()
        receiver.received.clear()
        receiver.always = (204, {})

        async with started(tmp_path) as sandbox:
            assert (await sandbox.http.get(f"/cases/{case['id']}")).json() == case
            await receiver.wait_for(1)

    assert receiver.received[0].content["data"]["caseId"] == case["id"]
    assert (tmp_path / "claims.jsonl").is_file()


async def test_file_and_key_are_chosen_by_the_environment(tmp_path):
    settings = {"DUNNING_PARTNER_CLAIMS": "kept/book.jsonl", "DUNNING_PARTNER_API_KEY": "other"}
    async with started(tmp_path, **settings) as sandbox:
        assert (await sandbox.http.get("/cases")).status_code == 401
        assert (await sandbox.http.get("/cases", headers={"XApiKey": "other"})).is_success

    assert (tmp_path / "kept" / "book.jsonl").is_file()


def test_a_taken_port_is_said_in_one_line(tmp_path):
    taken = bind(0, setting="")
    taken.listen()
    port = str(taken.getsockname()[1])

    result = CliRunner().invoke(
        command, ["--claims", str(tmp_path / "c.jsonl")], env={"DUNNING_PARTNER_PORT": port}
    )

    assert result.exit_code == 1
    assert result.stderr.startswith(f"port {port} is taken")
    assert "--partner-port or DUNNING_PARTNER_PORT" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    taken.close()


@pytest.mark.parametrize(
    ("content", "words"), [("nonsense\n", "line 1 is not of this book"), (None, "cannot start")]
)
def test_a_file_that_cannot_be_used_is_said_in_one_line(tmp_path, content, words):
    file = tmp_path / "c.jsonl"
    if content is None:
        (tmp_path / "folder").write_text("")
        file = tmp_path / "folder" / "c.jsonl"
    else:
        file.write_text(content)

    result = CliRunner().invoke(command, ["--partner-port", "0", "--claims", str(file)])

    assert result.exit_code == 1
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("options", [["--partner-port", "70000"], ["--partner-port", "x"]])
def test_a_port_that_cannot_be_is_refused(options):
    assert CliRunner().invoke(command, options).exit_code == 2
