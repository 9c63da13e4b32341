"""The time of a scenario: each call has its own, and a case runs on a clock shifted to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from runtime.clock import SystemClock


class ScenarioClock:
    """Tells each call the moment of its line; what runs beside the calls, the latest of them."""

    def __init__(self) -> None:
        self.machine = SystemClock()
        self._moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
        self._latest = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._moment.get() or self._latest

    def shift(self, at: datetime) -> timedelta:
        """A workflow's clock begins at the machine's time; a case that begins at `at` is behind."""
        return self.machine.now() - at

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Within the block it is this moment."""
        self._latest = max(self._latest, moment)
        token = self._moment.set(moment)
        try:
            yield
        finally:
            self._moment.reset(token)
