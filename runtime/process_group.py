"""A parent process and its children, which end together."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
_SHUTDOWN_SECONDS: Final = 8
_LAST_LINES: Final = 12
_LAST: Final = 10


@dataclass(frozen=True)
class Child:
    """A process of the group, with the log that its output goes to."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    def give_way(self) -> None:
        """Lower its priority: from now on the other processes get the processor first."""
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PGRP, self.process.pid, _LAST)
        _weigh_less(self.process.pid)

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-_LAST_LINES:])


class ChildDied(Exception):
    """A process of the group ended by itself."""

    def __init__(self, child: Child) -> None:
        code = child.process.returncode
        how = f"with code {code}"
        if code is not None and code < 0:
            how = f"by signal {signal.Signals(-code).name}"
        words = child.last_words()
        said = f"; its last words, from {child.log}:\n{words}" if words else ""
        super().__init__(f"{child.name} ended {how}{said}")


@dataclass
class ProcessGroup:
    """A group of child processes that can be watched and ended together.

    On Linux they die with the parent, however it dies.
    """

    logs: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)

    async def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        parent_death_signal: signal.Signals = signal.SIGKILL,
    ) -> Child:
        """Start a process, which gets `parent_death_signal` when its parent dies (on Linux)."""
        log = self.logs / f"{name}.log"
        if log.exists():  # keep the log of the run before
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **self.environment},
                # Ctrl-C must reach only the parent, which ends the others in their order.
                start_new_session=True,
                preexec_fn=dying_with_parent(parent_death_signal),
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    async def any_death(self) -> None:
        """Wait until a child ends. Raises `ChildDied`."""
        deaths = {asyncio.create_task(child.process.wait()): child for child in self.children}
        try:
            done, _ = await asyncio.wait(deaths, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in deaths:
                task.cancel()
        raise ChildDied(deaths[done.pop()])

    async def while_all_live(self, work: Coroutine[Any, Any, None]) -> None:
        """Run some work, and cancel it if a child ends. Raises `ChildDied`."""
        doing, death = asyncio.create_task(work), asyncio.create_task(self.any_death())
        try:
            await asyncio.wait((doing, death), return_when=asyncio.FIRST_COMPLETED)
            await (death if death.done() else doing)
        finally:
            doing.cancel()
            death.cancel()

    async def end(self) -> None:
        """End all children, the last started first; kill those that do not end in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_SECONDS):
                for child in reversed(self.children):
                    if child.process.returncode is None:
                        child.process.terminate()
                        await child.process.wait()
        for child in self.children:
            if child.process.returncode is None:
                child.process.kill()
        await asyncio.gather(*(child.process.wait() for child in self.children))


def _weigh_less(pid: int) -> None:
    """Lower the share of a process's session: Linux divides the processor among sessions first."""
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(_LAST), encoding="ascii")


def dying_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs between fork and exec to get a signal when its parent dies.

    None on other systems than Linux.
    """
    if sys.platform != "linux":
        return None
    parent, libc = os.getpid(), ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent died before the call above
            os._exit(1)

    return prepare
