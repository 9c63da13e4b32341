"""All cases of a seller, filtered and sorted as the URL says, one page at a time (R26)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from console.filters import BoardQuery
from console.preferences import language_of
from console.rendering import page, text
from console.views.rows import Row, plan_in_words, rows_of, waits_in_words
from console.visitor import Visitor, VisitorDep
from dunning.stages import Stage
from models.console.board import Sort, Total, cases_of, sorted_ids, totals
from models.lists import ACTIVE, NotACursor, Position, positions
from models.queries import case_documents
from starter.reading.case_tables import CaseTable, case_table
from starter.reading.statements.freshness import freshness
from starter.services import Services, ServicesDep

router = APIRouter()

PAGE: Final = 50
# Up to this many cases the page has the totals; for more, the browser loads them afterwards.
_FEW: Final = 500
_STAGES: Final = (ACTIVE, *Stage)
VIEWS: Final = {"plan": plan_in_words, "waits": waits_in_words}


@router.get("/cases")
async def board(request: Request, visitor: VisitorDep, services: ServicesDep) -> Response:
    """Return the page, or only its rows; 204 if the browser has these rows already."""
    query = BoardQuery.of(request.query_params)
    rows, older = await _rows(services, visitor, query)
    values: dict[str, Any] = {
        **VIEWS,
        "query": query,
        "rows": rows,
        "older": older,
        "chosen": _refused(visitor),
        "now": services.clock.now(),
    }
    if request.query_params.get("part") == "rows":
        return _news(request, text(request, "board/rows.html.j2", visitor=visitor, **values))
    if older is None and query.cursor is None and query.page == 1:
        found = _totals_of(rows)
    else:
        found = await _totals_if_soon(services, visitor, query)
    async with services.database.reading() as session:
        fresh = await freshness(session, visitor.seller, now=values["now"])
    return page(
        request,
        "board/page.html.j2",
        visitor=visitor,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if query.errors else HTTPStatus.OK,
        totals=found,
        fresh=fresh,
        sorts=list(Sort),
        stages=_STAGES,
        **values,
    )


@router.get("/totals")
async def board_totals(
    request: Request, visitor: VisitorDep, services: ServicesDep
) -> HTMLResponse:
    """Return what is owed in the filtered cases, by currency."""
    query = BoardQuery.of(request.query_params)
    async with services.database.reading() as session:
        found = await totals(session, query.filter(visitor.caller))
    wants_part = request.query_params.get("part") == "totals"
    template = "board/totals.html.j2" if wants_part else "board/totals_page.html.j2"
    return page(request, template, visitor=visitor, totals=found, query=query)


@router.get("/cases.csv")
async def csv(request: Request, visitor: VisitorDep, services: ServicesDep) -> Response:
    """Return the filtered rows as CSV, in the language of the page."""
    query = BoardQuery.of(request.query_params)
    language = language_of(request, visitor.profile.language[:2])
    table = CaseTable(**query.asked.model_dump(), locale=language)
    return case_table(table, visitor.caller, services)


async def _rows(
    services: Services, visitor: Visitor, query: BoardQuery
) -> tuple[list[Row], str | None]:
    """Return the rows of a page, and the query of the next page."""
    wanted, now = query.filter(visitor.caller), services.clock.now()
    async with services.database.reading() as session:
        if query.sort is Sort.DUE:
            found = await positions(session, wanted, limit=PAGE + 1, after=_after(query))
            ids = [position.case_id for position in found]
            further: dict[str, str | None] = {
                "cursor": found[:PAGE][-1].cursor() if found else None
            }
        else:
            skip = (query.page - 1) * PAGE
            ids = await sorted_ids(session, wanted, query.sort, limit=PAGE + 1, skip=skip)
            further = {"page": str(query.page + 1)}
        shown = ids[:PAGE]
        documents = {
            document["case_id"]: document
            for document in await case_documents(session, now=now, case_ids=shown)
        }
        cases = await cases_of(session, shown)
    rows = rows_of([documents[case_id] for case_id in shown], cases, now=now)
    return rows, query.query(**further) if len(ids) > PAGE else None


def _after(query: BoardQuery) -> Position | None:
    if query.cursor is None:
        return None
    try:
        return Position.of(query.cursor)
    except NotACursor:
        return None


def _totals_of(rows: Sequence[Row]) -> list[Total] | None:
    """Sum up a list that fits on the page."""
    found: dict[str, Total] = {}
    for row in rows:
        currency = row.document["currency"]
        before = found.get(currency, Total(currency, 0, Decimal(0)))
        amount = before.open_amount + Decimal(row.document["open_amount"])
        found[currency] = Total(currency, before.cases + 1, amount)
    return [found[currency] for currency in sorted(found)]


async def _totals_if_soon(
    services: Services, visitor: Visitor, query: BoardQuery
) -> list[Total] | None:
    """Return the totals, or None if computing them could delay the rows.

    That is so for more than `_FEW` cases, and for a search by words.
    """
    wanted = query.filter(visitor.caller)
    if wanted.words:
        return None
    async with services.database.reading() as session:
        if len(await positions(session, wanted, limit=_FEW + 1, after=None)) > _FEW:
            return None
        return await totals(session, wanted)


def _refused(visitor: Visitor) -> frozenset[str]:
    """Return the cases that refused the last request: they stay selected."""
    answers = visitor.act.answer.get("answers", ()) if visitor.act else ()
    return frozenset(answer["case_id"] for answer in answers if not answer["ok"])


def _news(request: Request, html: str) -> Response:
    mark = f'"{hashlib.sha256(html.encode()).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"ETag": mark})
    return HTMLResponse(html, headers={"ETag": mark})
