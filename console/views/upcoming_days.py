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
from dunning.addresses.address import Address
from dunning.case.forecast import PlannedKind, forecast
from dunning.case.forecast_groups import (
    FirstStep,
    Spacing,
    StepAhead,
    steps_ahead,
    steps_of_customer,
)
from dunning.case.inputs import CaseInputs
from dunning.contact_limits import ContactLimit, contact_limit
from dunning.ladder import DunningOption
from models.console.upcoming import (
    CaseTotal,
    CustomerCase,
    CustomerGroup,
    FirstStepGroup,
    UpcomingCase,
)
from models.inputs import CustomerContact, inputs_of
from models.terms import SellerAt, country_of_law

# The end of a hold sends nothing; the other two go out as soon as there are any.
_NOT_COUNTED: Final = frozenset(
    {PlannedKind.HOLD_ENDS, PlannedKind.INVOICE_NOTICE, PlannedKind.CANCELLATION_NOTICE}
)
# Stands for any missing part of an address: without it no letter can be sent.
_SOMETHING: Final = ("street",)


def acts_alike(seller: SellerAt, one: CustomerGroup, other: CustomerGroup) -> bool:
    """Whether the cases of both sorts of customers act on the same days."""
    return one.is_incomplete == other.is_incomplete and _days_of(seller, one) == _days_of(
        seller, other
    )


def _days_of(seller: SellerAt, customers: CustomerGroup) -> tuple[str | None, str | None]:
    """Return what the days depend on: whose holidays, and whose law."""
    limit = limit_of(seller, customers)
    return (
        customers.country if seller.settings.business_days_only else None,
        limit.country if limit else None,
    )


def limit_of(seller: SellerAt, customers: CustomerGroup) -> ContactLimit | None:
    """Return the contact limit of such customers' law (R9)."""
    address = Address(country=customers.country) if customers.country else None
    return contact_limit(country_of_law(address, seller.profile))


class CaseOnDay(NamedTuple):
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
    named: list[CaseOnDay] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.kinds.values())

    def add(self, kind: str, group: FirstStepGroup, total: CaseTotal) -> None:
        self.kinds[kind] = self.kinds.get(kind, 0) + total.cases
        self.money[group.currency] = self.money.get(group.currency, Decimal(0)) + total.owed
        self.firsts.add((group.day, group.kind))


class CustomerWithSeveral(NamedTuple):
    """A customer with several cases that act soon, where the law limits how often one writes."""

    cases: Sequence[CustomerCase]
    sent: tuple[datetime, ...]

    @property
    def customers(self) -> CustomerGroup:
        return self.cases[0].customers

    def steps(
        self, seller_at: SellerAt, inputs: CaseInputs, *, last: date
    ) -> Iterator[tuple[int, StepAhead]]:
        limit = limit_of(seller_at, self.customers)
        spacing = limit and Spacing(limit, limit.zone_of(None), self.sent)
        firsts = [first_step(case.group) for case in self.cases]
        return steps_of_customer(firsts, inputs, now=seller_at.now, last=last, spacing=spacing)


def most_of(customers: Mapping[CustomerGroup, int]) -> CustomerGroup:
    """Return the most frequent group of customers."""
    return max(customers, key=lambda one: customers[one], default=CustomerGroup(None, False))


def days_ahead(
    seller_at: SellerAt,
    found: Iterable[tuple[CustomerGroup, FirstStepGroup, CaseTotal]],
    with_several: Iterable[CustomerWithSeveral] = (),
    *,
    last: date,
) -> list[ComingDay]:
    """Return the days up to `last` on which something happens, in order.

    Messages to `with_several` customers must not come too close to each other (R9), so their cases
    are computed one by one. These cases are also counted in `found`, and are subtracted there.
    """
    days = _Days(seller_at, last)
    left: defaultdict[tuple[CustomerGroup, FirstStepGroup], CaseTotal] = defaultdict(
        lambda: CaseTotal(0, Decimal(0))
    )
    for customers, group, total in found:
        left[customers, group] += total
    for customer in with_several:
        for case in customer.cases:
            left[case.customers, case.group] -= case.total
        days.add_customer(customer)
    for (customers, group), total in left.items():
        if total.cases:
            days.add_group(customers, group, total)
    return days.in_order()


class _Days:
    """The days that have been filled, and the rules' inputs for each group of customers."""

    def __init__(self, seller_at: SellerAt, last: date) -> None:
        self._seller_at = seller_at
        self._last = last
        self._days: dict[date, ComingDay] = {}
        self._inputs: dict[CustomerGroup, CaseInputs] = {}

    def add_group(self, customers: CustomerGroup, group: FirstStepGroup, total: CaseTotal) -> None:
        inputs = self._inputs_of(customers)
        first = first_step(group)
        for step in steps_ahead(first, inputs, now=self._seller_at.now, last=self._last):
            self._add(step, group, total)

    def add_customer(self, customer: CustomerWithSeveral) -> None:
        inputs = self._inputs_of(customer.customers)
        for number, step in customer.steps(self._seller_at, inputs, last=self._last):
            case = customer.cases[number]
            day = self._add(step, case.group, case.total)
            day.named.append(CaseOnDay(case.case_id, step.kind, step.at))

    def in_order(self) -> list[ComingDay]:
        return [self._days[day] for day in sorted(self._days)]

    def _inputs_of(self, customers: CustomerGroup) -> CaseInputs:
        if customers not in self._inputs:
            self._inputs[customers] = _inputs_of_group(self._seller_at, customers)
        return self._inputs[customers]

    def _add(self, step: StepAhead, group: FirstStepGroup, total: CaseTotal) -> ComingDay:
        on = step.at.astimezone(self._seller_at.profile.zone).date()
        day = self._days.setdefault(on, ComingDay(on))
        day.add(step.kind, group, total)
        return day


def first_step(group: FirstStepGroup) -> FirstStep:
    return FirstStep(
        kind=ActionKind(group.kind),
        day=group.day,
        due_date=group.due_date or group.day,
        option=DunningOption(group.option) if group.option else None,
    )


def by_day(
    seller_at: SellerAt, days: Iterable[ComingDay], upcoming: Iterable[UpcomingCase]
) -> dict[date, list[CaseOnDay]]:
    """Return what the listed cases do on each day, in order of time, each by its full forecast."""
    found = defaultdict(list, {day.day: list(day.named) for day in days})
    known = {one.case_id for some in found.values() for one in some}
    for listed in upcoming:
        case = listed.case
        if case.case_id in known:
            continue
        for planned in forecast(case, seller_at.now, partial(_inputs_of_case, seller_at, listed)):
            if planned.kind not in _NOT_COUNTED:
                on = case.terms.day_of(planned.at)
                found[on].append(CaseOnDay(case.case_id, planned.kind, planned.at))
    return {on: sorted(some, key=lambda one: one.at) for on, some in found.items()}


def _inputs_of_group(seller_at: SellerAt, customers: CustomerGroup) -> CaseInputs:
    """Return what the rules need beside the cases of such customers now."""
    address = Address(country=customers.country) if customers.country else None
    contact = CustomerContact(address, _SOMETHING if customers.is_incomplete else ())
    return inputs_of(seller_at, contact, due_date=seller_at.today)


def _inputs_of_case(seller_at: SellerAt, listed: UpcomingCase, at: datetime) -> CaseInputs:
    return inputs_of(
        seller_at._replace(now=at), listed.contact, due_date=listed.case.receivable.due_date
    )
