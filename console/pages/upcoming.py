"""The notices and handoffs of the next days, with the amounts owed, to be checked beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from console.rendering import page
from console.views.ahead import (
    ComingDay,
    Crowded,
    OnItsDay,
    Whose,
    by_day,
    days_ahead,
    most_of,
)
from console.views.rows import name_of
from console.visitor import Visitor, VisitorDep
from dunning.days import DAY
from models.queries import case_documents
from models.upcoming import (
    Alike,
    Counted,
    OfCustomer,
    People,
    cases_of_crowded,
    count_alike,
    count_of_people,
    count_people,
    first_steps_on,
    messages_since,
)
from starter.refusals import NotFound
from starter.services import Services, ServicesDep

router = APIRouter()

Document = dict[str, Any]

DAYS: Final = 14
_NAMED: Final = 25
_FEW: Final = 40
_MOST_CROWDED: Final = 2_000
_MOST_PAGES: Final = 10_000


@router.get("/upcoming")
async def upcoming(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    """Show how many cases act on each day, and how much is owed; name the cases if they are few."""
    whose = _whose(visitor, services)
    async with services.database.reading() as session:
        days = await coming_days(session, whose)
        steps: dict[date, list[OnItsDay]] = {}
        cases: dict[str, Document] = {}
        if sum(day.count for day in days) <= _FEW:
            steps, cases = await _named(session, whose, days, limit=_FEW)
    return page(
        request,
        "upcoming/page.html.j2",
        visitor=visitor,
        days=days,
        steps=steps,
        cases=cases,
        name_of=name_of,
        today=whose.today,
        last_day=_last(whose),
    )


@router.get("/upcoming/{day}")
async def upcoming_on(
    request: Request, day: str, visitor: VisitorDep, services: ServicesDep
) -> HTMLResponse:
    """Show the cases of one day, one page at a time."""
    whose = _whose(visitor, services)
    wanted, number = _day_in(day, whose), _page_in(request)
    async with services.database.reading() as session:
        days = await coming_days(session, whose)
        coming = next((one for one in days if one.day == wanted), ComingDay(wanted))
        steps, cases = await _named(
            session, whose, days, on=coming, limit=_NAMED, skip=(number - 1) * _NAMED
        )
    return page(
        request,
        "upcoming/day.html.j2",
        visitor=visitor,
        coming=coming,
        steps=steps.get(wanted, []),
        cases=cases,
        name_of=name_of,
        today=whose.today,
        number=number,
        has_more=coming.count > number * _NAMED,
    )


async def _named(
    session: AsyncSession,
    whose: Whose,
    days: Sequence[ComingDay],
    *,
    on: ComingDay | None = None,
    limit: int,
    skip: int = 0,
) -> tuple[dict[date, list[OnItsDay]], dict[str, Document]]:
    """Return what cases do on the given days, or on the day `on`; and the cases by their ids."""
    chosen = days if on is None else [on]
    firsts = set[tuple[date, str]]().union(*(day.firsts for day in chosen))
    seller_id = whose.seller.seller_id
    listed = await first_steps_on(session, seller_id, firsts, limit=limit, skip=skip)
    steps = by_day(whose, days, listed)
    shown = {day.day for day in chosen}
    ids = {step.case_id for day, some in steps.items() if day in shown for step in some}
    found = await case_documents(session, now=whose.now, case_ids=sorted(ids)) if ids else []
    return steps, {document["case_id"]: document for document in found}


async def coming_days(session: AsyncSession, whose: Whose) -> list[ComingDay]:
    """Return the days of the next two weeks on which something is planned."""
    last = _last(whose)
    seller_id = whose.seller.seller_id
    people = await count_people(session, seller_id)
    most = most_of(people)
    others = [one for one in people if not whose.is_alike(one, most)]
    alike = await count_alike(session, seller_id, last=last)
    apart = await count_of_people(session, seller_id, others, last=last) if others else {}
    crowded = await _crowded(session, whose, people, last=last)
    return days_ahead(whose, _by_people(most, alike, apart), crowded, last=last)


async def _crowded(
    session: AsyncSession, whose: Whose, people: Collection[People], *, last: date
) -> list[Crowded]:
    """Return the customers with several cases for whom the law limits how often one writes (R9).

    If a seller has too many such cases, none is returned: each case then counts as its customer's
    only one.
    """
    seller_id = whose.seller.seller_id
    limits = {one.country: limit for one in people if (limit := whose.limit_of(one))}
    if not limits:
        return []
    found = await cases_of_crowded(session, seller_id, limits, last=last, most=_MOST_CROWDED)
    by_customer: dict[str, list[OfCustomer]] = {}
    for case in found or ():
        by_customer.setdefault(case.customer_id, []).append(case)
    since = whose.now - max(limit.in_days for limit in limits.values()) * DAY
    sent = await messages_since(session, seller_id, by_customer, since=since)
    return [Crowded(cases, tuple(sent[customer])) for customer, cases in by_customer.items()]


def _by_people(
    most: People,
    alike: Mapping[Alike, Counted],
    apart: Mapping[tuple[People, Alike], Counted],
) -> Iterator[tuple[People, Alike, Counted]]:
    """Split the totals: the customers counted apart, and the rest as the most frequent group."""
    left = dict(alike)
    for (people, first), counted in apart.items():
        left[first] -= counted
        yield people, first, counted
    for first, counted in left.items():
        yield most, first, counted


def _whose(visitor: Visitor, services: Services) -> Whose:
    return Whose(visitor.seller, visitor.profile, visitor.settings, services.clock.now())


def _last(whose: Whose) -> date:
    return whose.today + (DAYS - 1) * DAY


def _day_in(text: str, whose: Whose) -> date:
    """Return the day, which has to be one of those that are shown. Raises `NotFound`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("day") from None
    if not whose.today <= day <= _last(whose):
        raise NotFound("day")
    return day


def _page_in(request: Request) -> int:
    number = request.query_params.get("page", "1")
    return min(int(number), _MOST_PAGES) if number.isdecimal() and int(number) else 1
