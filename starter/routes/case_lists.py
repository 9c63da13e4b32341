"""Lists of cases: page by page, or all of them as CSV (R26)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from models.lists import NotACursor, Position, positions
from models.queries import case_documents
from starter.edge.keys import CallerDep
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.reading.case_tables import CaseFilter, CaseTable, case_table
from starter.refusals import FieldError, Invalid, wrong
from starter.services import ServicesDep


async def _given_once(request: Request) -> None:
    """Refuse a filter that is given twice; only `stage` may be repeated."""
    given = [name for name, _ in request.query_params.multi_items() if name != "stage"]
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise Invalid(*(FieldError(field=name, message="is given twice") for name in twice))


router = APIRouter(prefix="/v1", tags=["cases"], dependencies=[Depends(_given_once)])

_LARGEST_PAGE, _PAGE = 200, 50


class CasePageFilter(CaseFilter):
    limit: Annotated[int, Field(ge=1, le=_LARGEST_PAGE)] = _PAGE
    cursor: Annotated[str, Field(max_length=200)] | None = None


@router.get("/cases")
@described({200: Success(examples.CASE_PAGE, documents.CasePage)}, may_be_unknown=True)
async def list_cases(
    asked: Annotated[CasePageFilter, Query()], caller: CallerDep, services: ServicesDep
) -> dict[str, Any]:
    """Cases by due date, a page at a time."""
    wanted, now = asked.of(caller), services.clock.now()
    try:
        after = Position.of(asked.cursor) if asked.cursor is not None else None
    except NotACursor:
        raise wrong("cursor", "is none that a page has given") from None
    async with services.database.reading() as session:
        found = await positions(session, wanted, limit=asked.limit + 1, after=after)
        page = found[: asked.limit]
        ids = [position.case_id for position in page]
        documents = await case_documents(session, now=now, case_ids=ids) if ids else []
    shown = {document["case_id"]: document for document in documents}
    return {
        "items": [shown[case_id] for case_id in ids],
        "next_cursor": page[-1].cursor() if len(found) > asked.limit else None,
        "updated_at": now.isoformat(),
    }


@router.get("/cases.csv", response_class=StreamingResponse)
@described({200: Success(examples.CSV, media_type="text/csv")}, may_be_unknown=True)
async def cases_as_csv(
    asked: Annotated[CaseTable, Query()], caller: CallerDep, services: ServicesDep
) -> StreamingResponse:
    """All cases of the same filters as a table; streamed, however many there are."""
    return case_table(asked, caller, services)
