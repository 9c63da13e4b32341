"""Bank statements: importing, reading, and booking (R20)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError

from adapters.statements import MAX_SIZE, TableReading
from runtime.turns import TooBusy
from starter.dependencies import StatementTurnsDep
from starter.edge.keys import CallerDep
from starter.input.caller import Caller
from starter.input.fields import Strict
from starter.input.schemas import EmptyBody, ShareBody, VerbBody
from starter.input.texts import FilledLine
from starter.intake.statements import seller_actions
from starter.intake.statements.booking import BookedShare
from starter.intake.statements.files import Uploaded
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.refusals import Problem, wrong
from starter.services import ServicesDep

_A_FILE: Final = {
    "type": "string",
    "format": "binary",
    "description": "CAMT.052, .053 or .054, MT940, CSV or a cartola, also in a ZIP; 20 MB at most.",
}

router = APIRouter(prefix="/v1/sellers/{seller_id}", tags=["statements"])

_MOST_SHARES: Final = 100


class StatementQuery(Strict):
    """What the caller says about a file; `reading` is that of its table, as in a refusal."""

    filename: FilledLine | None = None
    dry_run: bool = False
    # Percent-encoded it then fits into the 64 KiB that the web server accepts as a URL.
    reading: Annotated[str, Field(max_length=4_000)] | None = None


Shares = Annotated[list[ShareBody], Field(min_length=1, max_length=_MOST_SHARES)]


@router.post("/statements", status_code=status.HTTP_201_CREATED)
@described(
    dict.fromkeys((201, 200), Success(examples.STATEMENT_TAKEN, documents.StatementTaken)),
    body=examples.STATEMENT_BODY,
    body_media_type="application/octet-stream",
    body_schema=_A_FILE,
)
async def post_statement(
    seller_id: str,
    asked: Annotated[StatementQuery, Query()],
    services: ServicesDep,
    caller: CallerDep,
    turns: StatementTurnsDep,
    request: Request,
) -> JSONResponse:
    """Import a bank statement: 201, the same file again 200. `dry_run` keeps nothing."""
    uploaded = Uploaded(await _content(request), asked.filename, _reading(asked.reading))
    try:
        async with turns.turn():
            if asked.dry_run:
                return JSONResponse(
                    await seller_actions.preview_file(services, seller_id, uploaded)
                )
            taken = await seller_actions.import_with_lines(
                services, seller_id, uploaded, by=_name_of(caller)
            )
    except TooBusy:
        detail = "Too many statements are being read; ask again."
        headers = {"Retry-After": "10"}
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers) from None
    return JSONResponse(taken.answer, HTTPStatus.CREATED if taken.is_new else HTTPStatus.OK)


@router.get("/statements")
@described({200: Success(examples.STATEMENTS, documents.Statements)})
async def get_statements(seller_id: str, services: ServicesDep) -> dict[str, Any]:
    """The seller's statements, the newest first."""
    return {"items": await seller_actions.statement_list(services, seller_id)}


@router.get("/statements/{statement_id}")
@described({200: Success(examples.STATEMENT, documents.StatementDocument)})
async def get_statement(seller_id: str, statement_id: str, services: ServicesDep) -> JSONResponse:
    """A statement with its lines, matched to what is owed now."""
    return JSONResponse(await seller_actions.whole_statement(services, seller_id, statement_id))


@router.post("/statements/{statement_id}/book")
@described({200: Success(examples.STATEMENT_BOOKED, documents.StatementDocument)}, body={})
async def post_book_certain(
    seller_id: str,
    statement_id: str,
    services: ServicesDep,
    caller: CallerDep,
    body: EmptyBody | None = None,
) -> JSONResponse:
    """Book every line that is certain; the others stay as they are."""
    booked = await seller_actions.book_certain(
        services, seller_id, statement_id, by=_name_of(caller)
    )
    return JSONResponse(booked)


@router.post("/lines/{line_id}/book")
@described(
    {200: Success(examples.BOOKED_LINE, documents.StatementLineDocument)},
    body=examples.BOOK_BODY,
    conflicts=("different_content",),
)
async def post_book(
    seller_id: str, line_id: str, body: Shares, services: ServicesDep, caller: CallerDep
) -> dict[str, Any]:
    """Book a line to an order, or split it over several."""
    shares = [BookedShare(share.order_id, share.installment, share.amount) for share in body]
    return await seller_actions.book_one(services, seller_id, line_id, shares, by=_name_of(caller))


@router.post("/lines/{line_id}/aside")
@described(
    {200: Success(examples.ASIDE_LINE, documents.StatementLineDocument)},
    body=examples.ASIDE_BODY,
    conflicts=("different_content",),
)
async def post_aside(
    seller_id: str,
    line_id: str,
    services: ServicesDep,
    caller: CallerDep,
    body: VerbBody | None = None,
) -> dict[str, Any]:
    """The line is none of ours."""
    reason = body.reason if body else None
    return await seller_actions.set_one_aside(
        services, seller_id, line_id, reason=reason, by=_name_of(caller)
    )


@router.post("/lines/{line_id}/take_back")
@described({200: Success(examples.LINE, documents.StatementLineDocument)}, body={})
async def post_take_back(
    seller_id: str,
    line_id: str,
    services: ServicesDep,
    caller: CallerDep,
    body: EmptyBody | None = None,
) -> dict[str, Any]:
    """Undo what was decided about a line: cases go on where they stood, no chargeback."""
    return await seller_actions.take_one_back(services, seller_id, line_id, by=_name_of(caller))


async def _content(request: Request) -> bytes:
    """Read the file. Raises `Problem` as soon as it is too large."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_SIZE:
            detail = f"The file has more than {MAX_SIZE // 1_000_000} MB."
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return bytes(content)


def _reading(given: str | None) -> TableReading | None:
    if given is None:
        return None
    try:
        return TableReading.model_validate_json(given)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise wrong("reading", f"is no reading of a table ({where or 'JSON'})") from None


def _name_of(caller: Caller) -> str:
    return f"key {caller.key_id}"
