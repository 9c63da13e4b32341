"""The notices and handoffs of the next days, with the amounts owed, to be checked beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from console.form_values import page_number
from console.rendering import page
from console.views.rows import name_of
from console.views.upcoming_days import (
    CaseOnDay,
    ComingDay,
    CustomerWithSeveral,
    acts_alike,
    by_day,
    days_ahead,
    limit_of,
    most_of,
)
from console.visitor import Visitor, VisitorDep
from dunning.days import DAY
from models.console.upcoming import (
    CaseTotal,
    CustomerCase,
    CustomerGroup,
    FirstStepGroup,
    cases_of_customers_with_several,
    count_customer_groups,
    count_first_steps,
    count_first_steps_of,
    first_steps_on,
)
from models.contacts import messages_since
from models.queries import case_documents
from models.terms import SellerAt
from starter.refusals import NotFound
from starter.services import Services, ServicesDep

router = APIRouter()

Document = dict[str, Any]

DAYS: Final = 14
_NAMED: Final = 25
_FEW: Final = 40
_MOST_CROWDED: Final = 2_000


@router.get("/upcoming")
async def upcoming(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    """Show how many cases act on each day, and how much is owed; name the cases if they are few."""
    seller_at = _seller_at(visitor, services)
    async with services.database.reading() as session:
        days = await coming_days(session, seller_at)
        steps: dict[date, list[CaseOnDay]] = {}
        cases: dict[str, Document] = {}
        if sum(day.count for day in days) <= _FEW:
            steps, cases = await _named(session, seller_at, days, limit=_FEW)
    return page(
        request,
        "upcoming/page.html.j2",
        visitor=visitor,
        days=days,
        steps=steps,
        cases=cases,
        name_of=name_of,
        today=seller_at.today,
        last_day=_last(seller_at),
    )


@router.get("/upcoming/{day}")
async def upcoming_on(
    request: Request, day: str, visitor: VisitorDep, services: ServicesDep
) -> HTMLResponse:
    """Show the cases of one day, one page at a time."""
    seller_at = _seller_at(visitor, services)
    wanted = _day_in(day, seller_at)
    number = page_number(request.query_params.get("page", "1"))
    async with services.database.reading() as session:
        days = await coming_days(session, seller_at)
        coming = next((one for one in days if one.day == wanted), ComingDay(wanted))
        steps, cases = await _named(
            session, seller_at, days, on=coming, limit=_NAMED, skip=(number - 1) * _NAMED
        )
    return page(
        request,
        "upcoming/day.html.j2",
        visitor=visitor,
        coming=coming,
        steps=steps.get(wanted, []),
        cases=cases,
        name_of=name_of,
        today=seller_at.today,
        number=number,
        has_more=coming.count > number * _NAMED,
    )


async def _named(
    session: AsyncSession,
    seller_at: SellerAt,
    days: Sequence[ComingDay],
    *,
    on: ComingDay | None = None,
    limit: int,
    skip: int = 0,
) -> tuple[dict[date, list[CaseOnDay]], dict[str, Document]]:
    """Return what cases do on the given days, or on the day `on`; and the cases by their ids."""
    chosen = days if on is None else [on]
    firsts = set[tuple[date, str]]().union(*(day.firsts for day in chosen))
    seller_id = seller_at.seller_id
    listed = await first_steps_on(session, seller_id, firsts, limit=limit, skip=skip)
    steps = by_day(seller_at, days, listed)
    shown = {day.day for day in chosen}
    ids = {step.case_id for day, some in steps.items() if day in shown for step in some}
    found = await case_documents(session, now=seller_at.now, case_ids=sorted(ids)) if ids else []
    return steps, {document["case_id"]: document for document in found}


async def coming_days(session: AsyncSession, seller_at: SellerAt) -> list[ComingDay]:
    """Return the days of the next two weeks on which something is planned."""
    last = _last(seller_at)
    seller_id = seller_at.seller_id
    customers = await count_customer_groups(session, seller_id)
    most = most_of(customers)
    others = [one for one in customers if not acts_alike(seller_at, one, most)]
    first_steps = await count_first_steps(session, seller_id, last=last)
    apart = await count_first_steps_of(session, seller_id, others, last=last) if others else {}
    with_several = await _with_several(session, seller_at, customers, last=last)
    return days_ahead(seller_at, _by_customers(most, first_steps, apart), with_several, last=last)


async def _with_several(
    session: AsyncSession, seller_at: SellerAt, customers: Collection[CustomerGroup], *, last: date
) -> list[CustomerWithSeveral]:
    """Return the customers with several cases for whom the law limits how often one writes (R9).

    If a seller has too many such cases, none is returned: each case then counts as its customer's
    only one.
    """
    seller_id = seller_at.seller_id
    limits = {one.country: limit for one in customers if (limit := limit_of(seller_at, one))}
    if not limits:
        return []
    found = await cases_of_customers_with_several(
        session, seller_id, limits, last=last, most=_MOST_CROWDED
    )
    by_customer: dict[str, list[CustomerCase]] = {}
    for case in found or ():
        by_customer.setdefault(case.customer_id, []).append(case)
    since = seller_at.now - max(limit.in_days for limit in limits.values()) * DAY
    sent = await messages_since(session, seller_id, by_customer, since=since)
    return [
        CustomerWithSeveral(cases, tuple(sent[customer])) for customer, cases in by_customer.items()
    ]


def _by_customers(
    most: CustomerGroup,
    first_steps: Mapping[FirstStepGroup, CaseTotal],
    apart: Mapping[tuple[CustomerGroup, FirstStepGroup], CaseTotal],
) -> Iterator[tuple[CustomerGroup, FirstStepGroup, CaseTotal]]:
    """Split the totals: the customers counted apart, and the rest as the most frequent group."""
    left = dict(first_steps)
    for (customers, first), total in apart.items():
        left[first] -= total
        yield customers, first, total
    for first, total in left.items():
        yield most, first, total


def _seller_at(visitor: Visitor, services: Services) -> SellerAt:
    return SellerAt.of(visitor.seller, services.clock.now())


def _last(seller_at: SellerAt) -> date:
    return seller_at.today + (DAYS - 1) * DAY


def _day_in(text: str, seller_at: SellerAt) -> date:
    """Return the day, which has to be one of those that are shown. Raises `NotFound`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("day") from None
    if not seller_at.today <= day <= _last(seller_at):
        raise NotFound("day")
    return day
