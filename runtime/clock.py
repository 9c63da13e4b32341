"""What time it is: the one place where the machine's clock is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time of whoever asks: the machine's, or that of a scenario."""

    def now(self) -> datetime:
        """An instant, with its offset."""
        ...

    def shift(self, at: datetime) -> timedelta:
        """How far the clock of a case that is started for `at` runs ahead of this one.

        Zero but in a scenario, where a case of another year runs on the server of today.
        """
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def shift(self, at: datetime) -> timedelta:
        return timedelta(0)
