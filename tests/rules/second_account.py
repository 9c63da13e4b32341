"""When a case should act, worked out a second time by the simplest means: lists of days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dunning.case.state import DunningCase

DAY = timedelta(days=1)
SLOT = timedelta(minutes=10)
HALF_AN_HOUR = timedelta(minutes=30)
INSTANT = timedelta(microseconds=1)
LADDER = ["payment_reminder", "first_notice", "final_notice", "handoff"]
# Of each step its day after the due date, and its distance from the one before.
OFFSETS = [5, 10, 20, 30]
GAPS = [0, 5, 10, 10]


class SecondAccount:
    """The days on which a case was held, and the day on which it was last started again."""

    def __init__(self, due: date) -> None:
        self.due = due
        self.held: tuple[date, date | None] | None = None
        self.holds: list[tuple[date, date]] = []
        self.restart: date | None = None
        self.earlier: date | None = None
        self.named: dict[int, date] = {}

    def begins_anew(self, before: DunningCase) -> None:
        """R8: the last notice of a round that is over keeps the next reminder away."""
        self.restart = None
        for step in before.steps:
            if step.kind.value in LADDER[:3]:
                self.earlier = max(step.on, self.earlier or step.on)

    def noticed(self, case: DunningCase, key: str, on: date) -> None:
        """A notice went out; one of a round that is over counts like all of that round."""
        _, round_, kind = key.split("/")
        if int(round_) < case.round and kind in LADDER[:3]:
            self.earlier = max(on, self.earlier or on)

    def names(self, case: DunningCase, today: date) -> date:
        """R7: the day that a final notice of today names for the handoff."""
        days = [self._after(self.due, OFFSETS[3]), self._after(today, GAPS[3])]
        if self.restart:
            days.append(self._after(self.restart, GAPS[3]))
        day = max(days)
        while _hours(case, day) is None:
            day += DAY
        self.named[case.round] = day
        return day

    def handoff_named(self, case: DunningCase) -> date:
        return self.named.get(case.round) or case.steps[2].on + 10 * DAY

    def hold(self, today: date, until: date | None) -> None:
        if self.held and self.held[1] and self.held[1] < today:
            self.hold_ends(today)
        self.held = (self.held[0] if self.held else today, until)

    def hold_ends(self, today: date) -> None:
        if self.held:
            first, until = self.held
            end = today if until is None else min(today, until + DAY)
            self.holds.append((first, end))
            self.held = None

    def day_of_the_next_step(self, case: DunningCase) -> date:
        """R4, R8, R17 to R19."""
        number = len(case.steps)
        days = [self._after(self.due, OFFSETS[number])]
        if case.steps:
            days.append(self._after(case.steps[-1].on, GAPS[number]))
            if self.restart:
                days.append(self._after(self.restart, GAPS[number]))
        elif case.invoice_notice_on:
            days.append(case.invoice_notice_on + 5 * DAY)
        if not case.steps and self.earlier:
            days.append(self._after(self.earlier, 5))
        if number == 3:
            days.append(self.handoff_named(case))
        return max(days)

    def _after(self, day: date, days: int) -> date:
        """So many days after a day, and the days held since it."""
        held = sum(max(0, (end - max(first, day)).days) for first, end in self.holds)
        return day + (days + held) * DAY


def moment(case: DunningCase, day: date, now: datetime) -> datetime:
    """R9: its own moment on the first open day; if missed at once, or in the next window."""
    found = _own_moment(case, day)
    if found > now:
        return found
    if is_open(case, now):
        return now
    today = now.astimezone(ZoneInfo(case.terms.time_zone)).date()
    found = _own_moment(case, today)
    return found if found > now else _own_moment(case, today + DAY)


def _own_moment(case: DunningCase, day: date) -> datetime:
    while (hours := _hours(case, day)) is None:
        day += DAY
    return hours[0] + SLOT


def is_open(case: DunningCase, at: datetime) -> bool:
    hours = _hours(case, at.astimezone(ZoneInfo(case.terms.time_zone)).date())
    return hours is not None and hours[0] <= at <= hours[-1] + HALF_AN_HOUR - INSTANT


def _hours(case: DunningCase, day: date) -> list[datetime] | None:
    """The half hours of the window on a day, looked at one by one; None if there are none."""
    zone, window, law = ZoneInfo(case.terms.time_zone), case.terms.window, case.terms.lawful
    if day in case.terms.closed_days:
        return None
    midnight = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
    day_long = [midnight + number * HALF_AN_HOUR for number in range(-4, 54)]
    day_long = [at for at in day_long if at.astimezone(zone).date() == day]
    own = [at for at in day_long if window.opens <= at.astimezone(zone).time() < window.closes]
    if law is None:
        return own

    there = ZoneInfo(law.time_zone)
    for hours in (own, day_long):
        runs: dict[date, list[datetime]] = {}
        for at in hours:
            local = at.astimezone(there)
            if law.opens <= local.time() < law.closes:
                runs.setdefault(local.date(), []).append(at)
        if runs:
            on, longest = max(runs.items(), key=lambda run: len(run[1]))
            return None if on in law.closed_days else longest
    return None
