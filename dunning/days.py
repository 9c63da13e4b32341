"""Days and moments: when a seller's sending window is open, and when in it a case acts (R9).

Days are calendar dates in the seller's time zone, moments are instants. Arithmetic is on dates,
never on multiples of 24 hours, so that clock changes move nothing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, model_validator

DAY: Final = timedelta(days=1)
SPREAD: Final = timedelta(minutes=30)
MIN_WINDOW: Final = timedelta(minutes=60)
# A window that stays closed for more days than this is a mistake.
_LONGEST_CLOSURE: Final = 120


def _minutes(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60


class SendingWindow(BaseModel, frozen=True):
    """The hours of a day in which notices are sent: from `opens` until before `closes`."""

    opens: time = time(9)
    closes: time = time(18)

    @model_validator(mode="after")
    def _is_long_enough(self) -> Self:
        if _minutes(self.closes) - _minutes(self.opens) < MIN_WINDOW.total_seconds() / 60:
            raise ValueError("must last at least 60 minutes, from before to, within one day")
        return self


class OpenHours(NamedTuple):
    """The window of one day, as instants; half-open."""

    start: datetime
    end: datetime


class LawfulHours(BaseModel, frozen=True):
    """The hours in which the law lets one write to a customer, by the customer's clock (R9).

    `closed_days` are the days without such hours, as far ahead as they matter.
    """

    time_zone: str
    opens: time
    closes: time
    closed_days: tuple[date, ...] = ()

    def are_at(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.time_zone))
        return local.date() not in self.closed_days and self.opens <= local.time() < self.closes

    def shared_with(self, hours: OpenHours) -> tuple[date, OpenHours] | None:
        """Return the longest lawful part of these hours and its day, closed days included."""
        zone = ZoneInfo(self.time_zone)
        first, last = (moment.astimezone(zone).date() for moment in hours)
        shared = []
        for day in (first + ahead * DAY for ahead in range((last - first).days + 1)):
            start = max(hours.start, first_instant(day, self.opens, self.time_zone))
            end = min(hours.end, first_instant(day, self.closes, self.time_zone))
            if start < end:
                shared.append((day, OpenHours(start, end)))
        return max(shared, key=lambda found: found[1].end - found[1].start, default=None)


class Terms(BaseModel, frozen=True):
    """The settings of the seller and facts of the customer that decide when a case acts.

    `closed_days` are the days without a window (weekends and public holidays of the customer's
    country) as far ahead as they matter; empty if every day counts. Nothing is handed over before
    `no_handoff_before`: the seller is still being asked how it wants its money collected (R21). If
    the law limits when and how often debtors may be written to, there are `lawful` hours, and the
    customer gets no notice before `no_notice_before` (R9). From `stale_from` on the newest bank
    statement is too old to rely on (R20).
    """

    time_zone: str
    window: SendingWindow = SendingWindow()
    closed_days: tuple[date, ...] = ()
    no_handoff_before: AwareDatetime | None = None
    lawful: LawfulHours | None = None
    no_notice_before: AwareDatetime | None = None
    stale_from: AwareDatetime | None = None

    def day_of(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def hours_of(self, day: date) -> OpenHours | None:
        """Return the window of a day; None if it has none, or if a clock change swallows it.

        Only the lawful part is returned. If the window has none, it is the day's lawful hours
        instead.
        """
        if day in self.closed_days:
            return None
        hours = OpenHours(
            start=first_instant(day, self.window.opens, self.time_zone),
            end=first_instant(day, self.window.closes, self.time_zone),
        )
        if not hours.start < hours.end:
            return None
        return hours if self.lawful is None else self._lawful_part(day, hours, self.lawful)

    def is_open(self, at: datetime) -> bool:
        hours = self.hours_of(self.day_of(at))
        return hours is not None and hours.start <= at < hours.end

    def moment_from(self, day: date, slot: timedelta, *, now: datetime) -> datetime:
        """Return when something that falls on `day` is done, seen from `now` (R9).

        It is the first day from `day` on that has a window, `slot` after it opens. If that moment
        has passed: at once inside a window, else at its own moment in the next one.
        """
        moment = self._moment_on_or_after(day, slot)
        if now < moment:
            return moment
        return now if self.is_open(now) else self._moment_after(now, slot)

    def first_moment(self, day: date, slot: timedelta) -> datetime:
        """Return the moment at which something that falls on `day` is planned."""
        return self._moment_on_or_after(day, slot)

    def midnight(self, day: date) -> datetime:
        """Return the first instant of a day."""
        return first_instant(day, time(0), self.time_zone)

    def _lawful_part(self, day: date, window: OpenHours, lawful: LawfulHours) -> OpenHours | None:
        whole_day = OpenHours(self.midnight(day), self.midnight(day + DAY))
        shared = lawful.shared_with(window) or lawful.shared_with(whole_day)
        if shared is None or shared[0] in lawful.closed_days:
            return None
        return shared[1]

    def _moment_of(self, day: date, slot: timedelta) -> datetime | None:
        hours = self.hours_of(day)
        if hours is None:
            return None
        return hours.start + slot % min(SPREAD, hours.end - hours.start)

    def _moment_on_or_after(self, day: date, slot: timedelta) -> datetime:
        for ahead in range(_LONGEST_CLOSURE):
            moment = self._moment_of(day + ahead * DAY, slot)
            if moment is not None:
                return moment
        raise ValueError(f"no sending window within {_LONGEST_CLOSURE} days from {day}")

    def _moment_after(self, now: datetime, slot: timedelta) -> datetime:
        day = self.day_of(now)
        moment = self._moment_on_or_after(day, slot)
        return moment if now < moment else self._moment_on_or_after(day + DAY, slot)


def first_instant(day: date, at: time, time_zone: str) -> datetime:
    """Return a local time as an instant (UTC).

    A time that a clock change skips becomes the first one after the gap; of a time that comes
    twice, the first is taken.
    """
    local = datetime.combine(day, at, ZoneInfo(time_zone))
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _clock_change_before(instant, ZoneInfo(time_zone))


def _clock_change_before(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the last clock change at or before an instant; it must lie less than two days back."""
    before, after = instant - 2 * DAY, instant
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
