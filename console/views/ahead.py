"""The notices and handoffs of the next days, and the amounts owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from dunning.actions import ActionKind
from dunning.address import Address
from dunning.ahead import FirstStep, Spacing, StepAhead, steps_ahead, steps_of_customer
from dunning.case.current import Current
from dunning.contact_limits import ContactLimit, contact_limit
from dunning.ladder import DunningOption
from dunning.settings import no_handoff_before
from dunning.why import PlannedKind, forecast
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from models.terms import country_of_law, terms_of
from models.upcoming import Alike, Counted, Listed, OfCustomer, People

# The end of a hold sends nothing; the other two go out as soon as there are any.
_NOT_COUNTED: Final = frozenset(
    {PlannedKind.HOLD_ENDS, PlannedKind.INVOICE_NOTICE, PlannedKind.CANCELLATION_NOTICE}
)
# Stands for any missing part of an address: without it no letter can be sent.
_SOMETHING: Final = ("street",)


class Whose(NamedTuple):
    """A seller at a moment: its settings, as far as they decide when its cases act."""

    seller: SellerRow
    profile: SellerProfile
    settings: SellerSettings
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.profile.zone).date()

    def current(
        self,
        at: datetime,
        *,
        address: Address | None,
        missing: tuple[str, ...],
        due_date: date,
        email_version: int = 0,
        messages: tuple[datetime, ...] = (),
    ) -> Current:
        """Return what the rules need to know about a case of such a customer."""
        seller, settings = self.seller, self.settings
        return Current(
            terms=terms_of(
                self.profile,
                settings,
                address=address,
                due_date=due_date,
                now=at,
                no_handoff_before=no_handoff_before(
                    asked_at=seller.settings_asked_at,
                    answered_at=seller.settings_answered_at,
                    time_zone=self.profile.time_zone,
                ),
                messages=messages,
                statements_until=seller.statements_until,
            ),
            option=settings.dunning_option,
            auto_handoff=settings.auto_handoff,
            auto_chargeback_handoff=settings.auto_chargeback_handoff,
            missing=missing,
            email_version=email_version,
        )

    def current_of(self, people: People) -> Current:
        """Return what the rules need to know about the cases of such customers now."""
        return self.current(
            self.now,
            address=Address(country=people.country) if people.country else None,
            missing=_SOMETHING if people.is_incomplete else (),
            due_date=self.today,
        )

    def is_alike(self, one: People, other: People) -> bool:
        """Whether the cases of both groups of customers act on the same days."""
        return one.is_incomplete == other.is_incomplete and self._days_of(one) == self._days_of(
            other
        )

    def _days_of(self, people: People) -> tuple[str | None, str | None]:
        """Return what the days depend on: the country of the holidays, and that of the law."""
        limit = self.limit_of(people)
        return (
            people.country if self.settings.business_days_only else None,
            limit.country if limit else None,
        )

    def limit_of(self, people: People) -> ContactLimit | None:
        """Return the limit that the law sets for messages to such customers (R9)."""
        address = Address(country=people.country) if people.country else None
        return contact_limit(country_of_law(address, self.profile))


class OnItsDay(NamedTuple):
    """One step of one case, with its moment."""

    case_id: str
    kind: PlannedKind
    at: datetime


@dataclass
class ComingDay:
    """A day: its notices by kind, and the amounts owed by currency.

    `firsts` are the days and kinds of the first steps of its cases; `named` are the steps of cases
    that were computed one by one.
    """

    day: date
    kinds: dict[str, int] = field(default_factory=dict)
    money: dict[str, Decimal] = field(default_factory=dict)
    firsts: set[tuple[date, str]] = field(default_factory=set)
    named: list[OnItsDay] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.kinds.values())

    def add(self, kind: str, alike: Alike, counted: Counted) -> None:
        self.kinds[kind] = self.kinds.get(kind, 0) + counted.cases
        self.money[alike.currency] = self.money.get(alike.currency, Decimal(0)) + counted.owed
        self.firsts.add((alike.day, alike.kind))


class Crowded(NamedTuple):
    """A customer with several cases that act soon, where the law limits how often one writes."""

    cases: Sequence[OfCustomer]
    sent: tuple[datetime, ...]

    @property
    def people(self) -> People:
        return self.cases[0].people

    def steps(
        self, whose: Whose, current: Current, *, last: date
    ) -> Iterator[tuple[int, StepAhead]]:
        limit = whose.limit_of(self.people)
        spacing = limit and Spacing(limit, limit.zone_of(None), self.sent)
        firsts = [first_step(case.alike) for case in self.cases]
        return steps_of_customer(firsts, current, now=whose.now, last=last, spacing=spacing)


def most_of(people: Mapping[People, int]) -> People:
    """Return the most frequent group of customers."""
    return max(people, key=lambda one: people[one], default=People(None, False))


def days_ahead(
    whose: Whose,
    found: Iterable[tuple[People, Alike, Counted]],
    crowded: Iterable[Crowded] = (),
    *,
    last: date,
) -> list[ComingDay]:
    """Return the days up to `last` on which something happens, in order.

    Messages to `crowded` customers must not come too close to each other (R9), so their cases are
    computed one by one. These cases are also counted in `found`, and are subtracted there.
    """
    days = _Days(whose, last)
    left: defaultdict[tuple[People, Alike], Counted] = defaultdict(lambda: Counted(0, Decimal(0)))
    for people, alike, counted in found:
        left[people, alike] += counted
    for customer in crowded:
        for case in customer.cases:
            left[case.people, case.alike] -= case.counted
        days.add_customer(customer)
    for (people, alike), counted in left.items():
        if counted.cases:
            days.add_alike(people, alike, counted)
    return days.in_order()


class _Days:
    """The days that have been filled, and the rules' inputs for each group of customers."""

    def __init__(self, whose: Whose, last: date) -> None:
        self._whose = whose
        self._last = last
        self._days: dict[date, ComingDay] = {}
        self._currents: dict[People, Current] = {}

    def add_alike(self, people: People, alike: Alike, counted: Counted) -> None:
        current = self._current_of(people)
        first = first_step(alike)
        for step in steps_ahead(first, current, now=self._whose.now, last=self._last):
            self._add(step, alike, counted)

    def add_customer(self, customer: Crowded) -> None:
        current = self._current_of(customer.people)
        for number, step in customer.steps(self._whose, current, last=self._last):
            case = customer.cases[number]
            day = self._add(step, case.alike, case.counted)
            day.named.append(OnItsDay(case.case_id, step.kind, step.at))

    def in_order(self) -> list[ComingDay]:
        return [self._days[day] for day in sorted(self._days)]

    def _current_of(self, people: People) -> Current:
        if people not in self._currents:
            self._currents[people] = self._whose.current_of(people)
        return self._currents[people]

    def _add(self, step: StepAhead, alike: Alike, counted: Counted) -> ComingDay:
        on = step.at.astimezone(self._whose.profile.zone).date()
        day = self._days.setdefault(on, ComingDay(on))
        day.add(step.kind, alike, counted)
        return day


def first_step(alike: Alike) -> FirstStep:
    return FirstStep(
        kind=ActionKind(alike.kind),
        day=alike.day,
        due_date=alike.due_date or alike.day,
        option=DunningOption(alike.option) if alike.option else None,
    )


def by_day(
    whose: Whose, days: Iterable[ComingDay], listed: Iterable[Listed]
) -> dict[date, list[OnItsDay]]:
    """Return what the listed cases do on each day, in order of time, each by its full forecast."""
    found = defaultdict(list, {day.day: list(day.named) for day in days})
    known = {one.case_id for some in found.values() for one in some}
    for one in listed:
        if one.case.case_id in known:
            continue
        for item in forecast(one.case, whose.now, partial(_current_of, whose, one)):
            if item.kind not in _NOT_COUNTED:
                on = one.case.terms.day_of(item.at)
                found[on].append(OnItsDay(one.case.case_id, item.kind, item.at))
    return {on: sorted(some, key=lambda one: one.at) for on, some in found.items()}


def _current_of(whose: Whose, one: Listed, at: datetime) -> Current:
    return whose.current(
        at,
        address=one.address,
        missing=one.missing,
        due_date=one.case.receivable.due_date,
        email_version=one.email_version,
    )
