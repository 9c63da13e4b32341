"""The clock. No other module reads the machine's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A clock that shows the machine's time, or that of a scenario."""

    def now(self) -> datetime:
        """Return the present moment, with its UTC offset."""
        ...

    def shift(self, at: datetime) -> timedelta:
        """Return how far the workflow clock of a case that starts at `at` is ahead of this one.

        It is zero except in a scenario, where a case of another year runs on today's server.
        """
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def shift(self, at: datetime) -> timedelta:
        return timedelta(0)
