"""What goes out in the next days, with the money in it: to be looked at before it happens."""

from __future__ import annotations

from datetime import time
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from console.rendering import page
from console.views.ahead import after_holds, by_day, planned
from console.views.rows import name_of
from console.visitor import VisitorDep
from dunning.days import DAY, first_instant
from models.board import coming, held_until, named_between
from models.queries import case_documents
from starter.services import ServicesDep

router = APIRouter()

DAYS: Final = 14
_NAMED_A_DAY: Final = 10


@router.get("/upcoming")
async def upcoming(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    now = services.clock.now()
    today = now.astimezone(visitor.zone).date()
    last = today + (DAYS - 1) * DAY
    ends = [
        first_instant(today + ahead * DAY, time(0), visitor.profile.time_zone)
        for ahead in range(1, DAYS + 1)
    ]
    whose = (visitor.profile, visitor.settings)
    async with services.database.reading() as session:
        found = await coming(
            session,
            visitor.seller_id,
            ends=ends,
            by_country=visitor.settings.business_days_only,
        )
        held = await held_until(session, visitor.seller_id, last=last)
        ahead = [
            *planned(found, *whose, today=today, last=last),
            *after_holds(held, *whose, now=now),
        ]
        days = by_day(ahead, today=today, last=last)
        for day in days:
            number = (day.day - today).days
            day.first = await named_between(
                session,
                visitor.seller_id,
                since=ends[number - 1] if number else None,
                until=ends[number],
                limit=_NAMED_A_DAY,
            )
        ids = [one.case_id for day in days for one in day.first]
        documents = await case_documents(session, now=now, case_ids=ids) if ids else []
    return page(
        request,
        "upcoming.html.j2",
        visitor=visitor,
        days=days,
        cases={document["case_id"]: document for document in documents},
        name_of=name_of,
        today=today,
        last_day=last,
    )
