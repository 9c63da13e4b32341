"""The progress of a long command: a bar in a terminal, else a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress

Show = Callable[[int, int], None]
"""Shows progress: how much is done, and how much there is."""

_LINES: Final = 10


@contextmanager
def progress_of(what: str) -> Iterator[Show]:
    """Show progress on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what)
        return
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


class _Lines:
    """Writes a line after every tenth."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = -1

    def __call__(self, done: int, total: int) -> None:
        tenth = done * _LINES // total if total else _LINES
        if tenth > self._shown:
            self._shown = tenth
            sys.stderr.write(f"{self._what}: {done} of {total}\n")
            sys.stderr.flush()
