"""The time of a scenario: each call has its own moment, and cases run on shifted clocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from runtime.clock import SystemClock


class ScenarioClock:
    """Returns the current call's moment; outside of a call, the latest moment so far."""

    def __init__(self) -> None:
        self.machine = SystemClock()
        self._moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
        self._latest = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._moment.get() or self._latest

    def shift(self, at: datetime) -> timedelta:
        """Return how far the machine's time, where a workflow's clock begins, is ahead of `at`."""
        return self.machine.now() - at

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Make `now` return this moment within the block."""
        self._latest = max(self._latest, moment)
        token = self._moment.set(moment)
        try:
            yield
        finally:
            self._moment.reset(token)
