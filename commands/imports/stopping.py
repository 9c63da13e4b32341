"""Ctrl-C: the work ends where it can be taken up again."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stopping:
    """Whether somebody wants an end; what waits for input is ended at once.

    What is being written is written to its end. Asked a second time, it ends at once.
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
        """Within, a wish to end raises `KeyboardInterrupt`."""
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
