"""How old the newest bank statement may be (R20)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from dunning.days import DAY, first_instant

TOLD_AFTER_DAYS: Final = 3


def is_old(covers_until: date, *, today: date) -> bool:
    """Whether the seller is told that notices are sent although its newest statement is old."""
    return (today - covers_until).days > TOLD_AFTER_DAYS


def stale_from(covers_until: date | None, *, days: int | None, time_zone: str) -> datetime | None:
    """Return from when on notices wait for a newer statement.

    None if they never wait: the seller does not want that, or no statement was ever imported.
    """
    if covers_until is None or days is None:
        return None
    return first_instant(covers_until + (days + 1) * DAY, time(0), time_zone)
