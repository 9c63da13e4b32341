"""The processes that the tests have started, also those that ended and were not waited for."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.patience import PATIENCE_SECONDS

DUNNING = str(Path(sys.executable).parent / "dunning")


def children() -> frozenset[int]:
    """The ids of the child processes of this process."""
    return frozenset(
        pid for status in Path("/proc").glob("[0-9]*/stat") if (pid := _child(status)) is not None
    )


async def new_child(before: frozenset[int]) -> int:
    """Wait until this process has a child that it did not have before."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (new := children() - before):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
    return min(new)


async def stopped_child(before: frozenset[int]) -> int:
    """A new child that does nothing any more until it is continued."""
    child = await new_child(before)
    os.kill(child, signal.SIGSTOP)
    return child


def continue_child(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _child(status: Path) -> int | None:
    try:
        pid, _, fields = status.read_text().partition(" (")
    except (FileNotFoundError, ProcessLookupError):  # it ended just now
        return None
    parent = fields.rpartition(") ")[2].split()[1]
    return int(pid) if int(parent) == os.getpid() else None
