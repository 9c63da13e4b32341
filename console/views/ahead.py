"""What goes out in some days: each notice and handoff, and the money in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from dunning.actions import ActionKind
from dunning.ahead import steps_from
from dunning.case.current import Current
from dunning.days import DAY, Terms
from dunning.ladder import DunningOption
from dunning.why import PlannedKind, forecast
from models.board import Coming, Held, Named
from models.calendars import closed_days
from models.seller import SellerProfile, SellerSettings
from models.terms import terms_of

_WRITTEN: Final = frozenset({ActionKind.FIRST_NOTICE, ActionKind.FINAL_NOTICE})


class Ahead(NamedTuple):
    """What goes out on a day, of one kind and in one currency."""

    kind: str
    day: date
    currency: str
    open_amount: Decimal
    cases: int = 1


@dataclass
class ComingDay:
    """A day with its notices by kind, and the money in them by currency."""

    day: date
    kinds: dict[str, int] = field(default_factory=dict)
    money: dict[str, Decimal] = field(default_factory=dict)
    first: list[Named] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.kinds.values())

    def add(self, one: Ahead) -> None:
        self.kinds[one.kind] = self.kinds.get(one.kind, 0) + one.cases
        self.money[one.currency] = self.money.get(one.currency, Decimal(0)) + one.open_amount


def by_day(found: Iterable[Ahead], *, today: date, last: date) -> list[ComingDay]:
    """In the order of time; what is late belongs to today."""
    days: dict[date, ComingDay] = {}
    for one in found:
        day = max(today, one.day)
        if day <= last:
            days.setdefault(day, ComingDay(day)).add(one)
    return [days[day] for day in sorted(days)]


def planned(
    found: Iterable[Coming],
    profile: SellerProfile,
    settings: SellerSettings,
    *,
    today: date,
    last: date,
) -> Iterator[Ahead]:
    """The next steps, and the steps after them that fall into these days."""
    openings = _Openings(profile, settings, today)
    for one in found:
        option = DunningOption(one.option) if one.option else settings.dunning_option
        steps = steps_from(
            ActionKind(one.kind),
            today + one.day * DAY,
            due_date=one.due_date or today,
            last=last,
            open_day=openings.of(one.country),
            option=option,
        )
        for kind, on in steps:
            shown = _shown(kind, settings, is_complete=one.is_complete)
            yield Ahead(shown, on, one.currency, one.open_amount, one.cases)
            if shown == PlannedKind.BLOCKED:
                break


def _shown(kind: ActionKind, settings: SellerSettings, *, is_complete: bool) -> str:
    """What a step turns out to be, as far as that is known today."""
    is_handoff = kind is ActionKind.HANDOFF
    if is_handoff and not settings.auto_handoff:
        return PlannedKind.AWAITING_APPROVAL
    if not is_complete and (is_handoff or kind in _WRITTEN):
        return PlannedKind.BLOCKED
    return kind


class _Openings:
    """The days with a sending window, by the customer's country; each is looked up once."""

    def __init__(self, profile: SellerProfile, settings: SellerSettings, today: date) -> None:
        self._profile = profile
        self._settings = settings
        self._today = today
        self._known: dict[str | None, Callable[[date], date]] = {}

    def of(self, country: str | None) -> Callable[[date], date]:
        if country not in self._known:
            closed = closed_days(country, self._today) if self._settings.business_days_only else ()
            terms = Terms(
                time_zone=self._profile.time_zone,
                window=self._settings.sending_window,
                closed_days=closed,
            )
            self._known[country] = cache(
                lambda day: terms.day_of(terms.first_moment(day, timedelta(0)))
            )
        return self._known[country]


def after_holds(
    held: Iterable[Held],
    profile: SellerProfile,
    settings: SellerSettings,
    *,
    now: datetime,
) -> Iterator[Ahead]:
    """What follows the holds that end by themselves."""
    for one in held:

        def current(at: datetime, one: Held = one) -> Current:
            terms = terms_of(
                profile,
                settings,
                address=one.address,
                due_date=one.case.receivable.due_date,
                now=at,
                no_handoff_before=one.case.terms.no_handoff_before,
            )
            return Current(
                terms=terms,
                option=settings.dunning_option,
                auto_handoff=settings.auto_handoff,
                auto_chargeback_handoff=settings.auto_chargeback_handoff,
                missing=one.missing,
                email_version=one.case.email_tried or 0,
            )

        owed = one.case.owed
        for item in forecast(one.case, now, current):
            if item.kind != PlannedKind.HOLD_ENDS:
                day = one.case.terms.day_of(item.at)
                yield Ahead(item.kind, day, owed.currency, owed.amount)
