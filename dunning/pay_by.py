"""The day by which the money must have reached the seller, as a notice names it (R7)."""

from __future__ import annotations

from datetime import date
from typing import Final

from dunning.days import DAY

_SATURDAY: Final = 5
# Days of every year on which TARGET, the system that settles euro transfers, is closed.
_CLOSED: Final = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})


def day_to_reach_us(next_step_on: date, *, is_final: bool) -> date:
    """R7: return the day before the next step.

    For a final notice it is the second bank day before the handoff, so that a transfer ordered on
    it arrives in time.
    """
    if not is_final:
        return next_step_on - DAY
    return bank_day_before(bank_day_before(next_step_on))


def bank_day_before(day: date) -> date:
    """Return the last day before this one on which banks settle transfers."""
    before = day - DAY
    while not is_bank_day(before):
        before -= DAY
    return before


def is_bank_day(day: date) -> bool:
    """Whether TARGET is open: not at weekends, nor on its six other closing days."""
    if day.weekday() >= _SATURDAY or (day.month, day.day) in _CLOSED:
        return False
    easter = _easter(day.year)
    return day not in (easter - 2 * DAY, easter + DAY)


def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar, by the method of Meeus, Jones and Butcher."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    skipped, rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped - moon + 15) % 30
    leaps, of_leaps = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leaps - epact - of_leaps) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
