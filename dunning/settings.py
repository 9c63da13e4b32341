"""The seller's answer on how its money is collected: asked for once, rarely changed (R21)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from dunning.days import DAY, first_instant
from dunning.ladder import DunningOption

ANSWER_DAYS: Final = 7
LOCK_DAYS: Final = 30


class OptionLocked(Exception):
    """The option was changed less than 30 days ago."""

    def __init__(self, possible_from: date) -> None:
        super().__init__(possible_from.isoformat())
        self.possible_from = possible_from


def answer_day(asked_at: datetime, time_zone: str) -> date:
    """Return the last day on which a seller can answer: the seventh after it was asked."""
    return asked_at.astimezone(ZoneInfo(time_zone)).date() + ANSWER_DAYS * DAY


def answer_until(asked_at: datetime, time_zone: str) -> datetime:
    """Return when the defaults apply to a seller that has not answered: after its last day."""
    return first_instant(answer_day(asked_at, time_zone) + DAY, time(0), time_zone)


def no_handoff_before(
    *, asked_at: datetime | None, answered_at: datetime | None, time_zone: str
) -> datetime | None:
    """Return until when nothing of a seller is handed over; None if it has answered."""
    if asked_at is None or answered_at is not None:
        return None
    return answer_until(asked_at, time_zone)


def option_changed_on(
    wanted: DunningOption, *, in_force: DunningOption, changed_on: date | None, today: date
) -> date | None:
    """Return the day of the last change, if the option becomes the wanted one today.

    Choosing the option in force is no change. Raises `OptionLocked` if the last change was less
    than 30 days ago.
    """
    if wanted is in_force:
        return changed_on
    if changed_on is not None and today < changed_on + LOCK_DAYS * DAY:
        raise OptionLocked(changed_on + LOCK_DAYS * DAY)
    return today
