"""The days on which a seller's notices are not sent (R9).

Nationwide public holidays come from the `holidays` package. They are looked up here and passed to
the rules as data.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from dunning.contact_limits import ContactLimit
from dunning.days import DAY

if TYPE_CHECKING:
    from holidays import HolidayBase

HORIZON: Final = timedelta(days=120)
_SATURDAY: Final = 5


def closed_days(country: str | None, start: date) -> tuple[date, ...]:
    """Return weekends and nationwide public holidays; in an unknown country only weekends."""
    calendar = _calendar(country.upper()) if country else None
    days = (start + ahead * DAY for ahead in range(HORIZON.days))
    return tuple(day for day in days if _is_closed(day, calendar))


def unlawful_days(limit: ContactLimit, start: date) -> tuple[date, ...]:
    """Return the days on which the law of a country lets nobody be written to (R9)."""
    calendar = None if limit.on_public_holidays else _calendar(limit.country)
    days = (start + ahead * DAY for ahead in range(HORIZON.days + 1))
    return tuple(
        day
        for day in days
        if day.weekday() not in limit.weekdays or (calendar is not None and day in calendar)
    )


def is_closed(day: date, country: str | None) -> bool:
    """Whether a day is a weekend or a nationwide public holiday in a country."""
    return _is_closed(day, _calendar(country.upper()) if country else None)


def _is_closed(day: date, calendar: HolidayBase | None) -> bool:
    if calendar is None:
        return day.weekday() >= _SATURDAY
    return day.weekday() in calendar.weekend or day in calendar


@cache
def _calendar(country: str) -> HolidayBase | None:
    import holidays  # slow to import, and needed only for sellers with business days

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None
