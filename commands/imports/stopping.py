"""Ctrl-C: the import stops at a point from which it can be resumed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stopping:
    """The handling of Ctrl-C: waiting for input ends at once.

    A transaction that has begun is finished first. A second Ctrl-C ends it at once, too.
    """

    def __init__(self) -> None:
        self.is_wanted = False
        self._may_break_off = False

    @contextmanager
    def on_ctrl_c(self) -> Iterator[None]:
        before: Any = signal.signal(signal.SIGINT, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def breaking_off(self) -> Iterator[None]:
        """Within this context Ctrl-C raises `KeyboardInterrupt` at once."""
        self._may_break_off = True
        try:
            yield
        finally:
            self._may_break_off = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_wanted or self._may_break_off:
            self.is_wanted = True
            raise KeyboardInterrupt
        self.is_wanted = True
