"""What goes out in the next days, with the money in it: to be looked at before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from console.rendering import page
from console.views.rows import name_of
from console.visitor import Visitor, VisitorDep
from dunning.days import DAY, first_instant
from models.board import Coming, coming
from models.queries import case_documents
from starter.services import ServicesDep

router = APIRouter()

DAYS: Final = 14
_NAMED_A_DAY: Final = 25
_MOST_NAMED: Final = 100


@dataclass
class ComingDay:
    """A day with its notices by kind, and the money in them by currency."""

    day: date
    kinds: dict[str, int] = field(default_factory=dict)
    money: dict[str, Decimal] = field(default_factory=dict)
    first: list[Coming] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.kinds.values())

    def add(self, one: Coming) -> None:
        self.kinds[one.kind] = self.kinds.get(one.kind, 0) + 1
        self.money[one.currency] = self.money.get(one.currency, Decimal(0)) + one.open_amount
        if len(self.first) < _NAMED_A_DAY:
            self.first.append(one)


@router.get("/upcoming")
async def upcoming(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    now = services.clock.now()
    today = now.astimezone(visitor.zone).date()
    until = first_instant(today + DAYS * DAY, now.min.time(), visitor.profile.time_zone)
    async with services.database.reading() as session:
        days = by_day(await coming(session, visitor.seller_id, until=until), visitor, today)
        ids = [one.case_id for day in days for one in day.first][:_MOST_NAMED]
        documents = await case_documents(session, now=now, case_ids=ids) if ids else []
    cases = {document["case_id"]: document for document in documents}
    return page(
        request,
        "upcoming.html.j2",
        visitor=visitor,
        days=days,
        cases=cases,
        name_of=name_of,
        today=today,
        last_day=today + (DAYS - 1) * DAY,
    )


def by_day(found: Sequence[Coming], visitor: Visitor, today: date) -> list[ComingDay]:
    """In the order of time; what is late belongs to today."""
    days: dict[date, ComingDay] = {}
    for one in found:
        day = max(today, one.at.astimezone(visitor.zone).date())
        days.setdefault(day, ComingDay(day)).add(one)
    return [days[day] for day in sorted(days)]
