"""The front page: what waits for the seller's people, each with a sentence and a button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from console.rendering import page
from console.views.rows import Row, rows_of, waits_in_words
from console.visitor import VisitorDep
from dunning.case.waiting import WaitsFor
from dunning.settings import answer_until
from models.console.board import cases_of, waiting_ids
from models.queries import case_documents
from starter.reading.statements.freshness import freshness
from starter.reading.statements.origins import first_open_lines
from starter.services import ServicesDep

router = APIRouter()

_MOST: Final = 100
_MOST_LINES: Final = 20
# The most urgent first.
_GROUPS: Final = (
    WaitsFor.APPROVAL,
    WaitsFor.REJECTED_APPROVAL,
    WaitsFor.CHARGEBACK_APPROVAL,
    WaitsFor.ADDRESS,
    WaitsFor.EMAIL,
    WaitsFor.ERROR,
)


@router.get("/")
async def needs(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    """Show the cases that wait for somebody, and the first open lines of bank statements."""
    now = services.clock.now()
    async with services.database.reading() as session:
        ids = await waiting_ids(session, visitor.seller_id, limit=_MOST)
        documents = await case_documents(session, now=now, case_ids=ids) if ids else []
        cases = await cases_of(session, ids)
        fresh = await freshness(session, visitor.seller, now=now)
        lines = await first_open_lines(session, visitor.seller_id, limit=_MOST_LINES)
    asked_at = visitor.seller.settings_asked_at
    return page(
        request,
        "needs.html.j2",
        visitor=visitor,
        groups=_grouped(rows_of(documents, cases, now=now)),
        shown=len(documents),
        waits=waits_in_words,
        now=now,
        fresh=fresh,
        lines=lines,
        answer_by=answer_until(asked_at, visitor.profile.time_zone) if asked_at else None,
    )


def _grouped(rows: Sequence[Row]) -> list[tuple[WaitsFor, list[Row]]]:
    found = [
        (waits_for, [row for row in rows if row.waits_for is waits_for]) for waits_for in _GROUPS
    ]
    return [(waits_for, some) for waits_for, some in found if some]
