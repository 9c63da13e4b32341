"""A scenario gives the same events however slow the machine is, or says that Temporal is gone.

`python -m tests.processes.test_slow_machine` records the events of a run that nothing disturbs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.child_processes import DUNNING
from tests.examples import IS_THOROUGH
from tests.patience import eventually
from tests.stories import Story

EXPECTED = Path(__file__).with_name("slow_machine_events.jsonl")
FROZEN_SECONDS = 30
BUSY = "while True: pass"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path) -> Path:
    """Some weeks of a few orders: notices, a claim, a payment, requests, a chargeback."""
    path = folder / "scenario.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in _lines()), encoding="utf-8")
    return path


def _lines() -> Iterator[dict[str, object]]:
    story = Story(None, name="slow")  # type: ignore[arg-type]
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", auto_handoff=True)
    for order_id in ("A-1", "A-2", "A-3", "A-4"):
        story.order("2026-03-02T09:15:00", order_id)
    story.payment("2026-03-09T12:00:00", "119.00", "A-2")
    story.verb("2026-03-13T12:00:00", "hold", "A-3")
    story.verb("2026-03-20T12:00:00", "resume", "A-3")
    story.verb("2026-03-21T12:00:00", "stop", "A-4")
    for line in story.calls:
        yield line.model_dump(mode="json", exclude={"line"})


@asynccontextmanager
async def simulating(scenario: Path, out: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(DUNNING, "simulate", str(scenario), "--until", "2026-04-20", "--out", str(out)),
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def events_of(scenario: Path, out: Path) -> str:
    async with simulating(scenario, out) as process:
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
    return text_of(out)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@contextmanager
def busy_cores() -> Iterator[None]:
    """Twice as much other work as there are cores."""
    others = [Popen([sys.executable, "-c", BUSY]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


async def server_of(process: asyncio.subprocess.Process) -> psutil.Process:
    """The Temporal server of a scenario that has begun to be played."""
    found: list[psutil.Process] = []

    async def is_there() -> bool:
        assert process.returncode is None
        found[:] = psutil.Process(process.pid).children()
        return bool(found)

    await eventually(is_there)
    assert process.stderr is not None
    while b"calls: " not in await process.stderr.readline():
        pass
    return found[0]


@pytest.mark.skipif(not IS_THOROUGH, reason="slows every other test down; runs if thorough")
async def test_the_events_are_the_same_while_the_cores_do_other_work(
    scenario: Path, tmp_path: Path
) -> None:
    with busy_cores():
        found = await events_of(scenario, tmp_path / "busy.jsonl")

    assert found == text_of(EXPECTED)


async def test_the_events_are_the_same_after_the_server_was_frozen(
    scenario: Path, tmp_path: Path
) -> None:
    out = tmp_path / "frozen.jsonl"
    async with simulating(scenario, out) as process:
        server = await server_of(process)
        server.send_signal(signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.wait(), FROZEN_SECONDS)
        server.send_signal(signal.SIGCONT)
        _, said = await process.communicate()

    assert process.returncode == 0, said.decode()
    assert text_of(out) == text_of(EXPECTED)


async def test_a_scenario_says_in_one_line_that_temporal_is_gone(
    scenario: Path, tmp_path: Path
) -> None:
    async with simulating(scenario, tmp_path / "gone.jsonl") as process:
        server = await server_of(process)
        server.kill()
        _, said = await process.communicate()

    assert process.returncode == 1
    lines = [line for line in said.decode().splitlines() if not line.startswith("calls: ")]
    assert lines == [
        "The scenario cannot go on: the Temporal server has ended by itself, with code -9."
    ]


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(events_of(written(Path(folder)), EXPECTED))
