"""Summaries of debts: on which days they are sent, and which cases they list (R24)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from dunning.days import DAY
from dunning.stages import AT_THE_PARTNER, ENDS, Stage

FEWEST: Final = 2
QUIET_DAYS: Final = 2
LISTED: Final = frozenset(Stage) - ENDS - AT_THE_PARTNER - {Stage.ON_HOLD}
"""The stages of cases that a summary lists, if they are past their due date."""


class Rhythm(StrEnum):
    """How often a customer with several overdue receivables gets a list of them."""

    OFF = "off"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Period(NamedTuple):
    """A week (ISO 8601) or a month; a customer gets one summary in each."""

    name: str
    first_day: date


def is_crowded(today: date, notices: Iterable[date]) -> bool:
    """R24: whether the customer has a notice within two days before or after this day."""
    return any(abs((on - today).days) <= QUIET_DAYS for on in notices)


def summary_due_on(
    day: date, rhythm: Rhythm, is_closed: Callable[[date], bool] = lambda _: False
) -> Period | None:
    """Return the period whose summary is sent on a day: its first open one; None on other days."""
    period = period_of(day, rhythm)
    if period is None or is_closed(day):
        return None
    before = (period.first_day + ahead * DAY for ahead in range((day - period.first_day).days))
    return period if all(is_closed(earlier) for earlier in before) else None


def period_of(day: date, rhythm: Rhythm) -> Period | None:
    """Return the week or month in which a day lies."""
    match rhythm:
        case Rhythm.WEEKLY:
            year, week, _ = day.isocalendar()
            return Period(f"{year}-W{week:02d}", date.fromisocalendar(year, week, 1))
        case Rhythm.MONTHLY:
            return Period(f"{day:%Y-%m}", day.replace(day=1))
        case Rhythm.OFF:
            return None
