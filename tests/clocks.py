"""A clock for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Stands still until it is set forward, or goes on by a step at every look."""

    def __init__(
        self,
        at: datetime = datetime(2026, 3, 2, tzinfo=UTC),
        *,
        step: timedelta = timedelta(0),
    ) -> None:
        self.at = at
        self._step = step

    def now(self) -> datetime:
        self.at += self._step
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)

    def shift(self, at: datetime) -> timedelta:
        return timedelta(0)
