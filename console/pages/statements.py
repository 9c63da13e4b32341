"""Bank statements: uploaded, read, and listed; the page asks how to read an unclear table (R20)."""

from __future__ import annotations

from http import HTTPStatus
from itertools import product

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from adapters.statements import DateOrder, DecimalSign, Meaning, TableReading
from console.form_acts import act_id_of, back_to, keep_answer, known_act
from console.rendering import page
from console.statement_files import columns_of, form_of, kept, text_of, uploaded_of
from console.views.statement_lines import money_in_words
from console.visitor import Visitor, VisitorDep
from dunning.statements.lines import StatementLine
from runtime.turns import TooBusy, Turns
from starter.dependencies import StatementTurnsDep
from starter.intake.statements import seller_actions
from starter.intake.statements.files import Uploaded, first_lines_of
from starter.intake.statements.importing import Imported
from starter.reading.statements.freshness import freshness
from starter.refusals import Invalid, Problem
from starter.services import Services, ServicesDep

router = APIRouter()


@router.get("/statements")
async def statements(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    """Show the upload form, and the imported files, the newest first."""
    return await _statements_page(request, visitor, services)


@router.post("/statements")
async def upload(
    request: Request, visitor: VisitorDep, services: ServicesDep, turns: StatementTurnsDep
) -> Response:
    """Import a file; if its table is unclear, show how it was understood, to be corrected."""
    form = await form_of(request)
    uploaded: Uploaded | None = None
    try:
        uploaded = await uploaded_of(form)
        if uploaded is None:
            return await _statements_page(request, visitor, services, error="no_file")
        if form.get("do") == "look" and uploaded.reading is not None:
            return _reading_page(request, visitor, uploaded, uploaded.reading)
        imported = await _imported(services, turns, visitor, uploaded)
    except Problem as problem:
        return await _unread(request, visitor, services, uploaded, problem)
    statement_id = imported.row.statement_id
    act_id = act_id_of(visitor, text_of(form, "nonce"), f"statement/{statement_id}")
    said = "statement_imported" if imported.is_new else "statement_known"
    if await known_act(services, visitor, act_id) is None:
        await keep_answer(services, visitor, act_id, {"said": said})
    return back_to(f"/console/statements/{statement_id}", act_id)


async def _imported(
    services: Services, turns: Turns, visitor: Visitor, uploaded: Uploaded
) -> Imported:
    try:
        async with turns.turn():
            return await seller_actions.import_uploaded(
                services, visitor.seller_id, uploaded, by=visitor.by
            )
    except TooBusy:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Too many statements are read.") from None


async def _statements_page(
    request: Request, visitor: Visitor, services: Services, *, error: str | None = None
) -> HTMLResponse:
    now = services.clock.now()
    async with services.database.reading() as session:
        fresh = await freshness(session, visitor.seller, now=now)
    return page(
        request,
        "statements/list.html.j2",
        visitor=visitor,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        fresh=fresh,
        items=await seller_actions.statement_list(services, visitor.seller_id),
        error=error,
        now=now,
    )


async def _unread(
    request: Request,
    visitor: Visitor,
    services: Services,
    uploaded: Uploaded | None,
    problem: Problem,
) -> HTMLResponse:
    """Show what is wrong with a file; if it is the table, also the form to correct its reading."""
    kind = problem.extra.get("problem")
    given = problem.extra.get("reading")
    if uploaded is not None and (given or uploaded.reading):
        reading = TableReading.model_validate(given) if given else uploaded.reading
        assert reading is not None
        return _reading_page(request, visitor, uploaded, reading, error=kind or "reading_unfit")
    if kind is None and not isinstance(problem, Invalid):
        raise problem
    return await _statements_page(request, visitor, services, error=kind or "broken")


def _reading_page(
    request: Request,
    visitor: Visitor,
    uploaded: Uploaded,
    reading: TableReading,
    *,
    error: str | None = None,
) -> HTMLResponse:
    understood = _understood(uploaded, reading)
    if not understood and error is None:
        error = "reading_unfit"
    return page(
        request,
        "statements/reading.html.j2",
        visitor=visitor,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        reading=reading,
        columns=columns_of(uploaded.content, reading),
        understood=understood,
        content=kept(uploaded.content),
        filename=uploaded.filename,
        error=error,
        meanings=list(Meaning),
        date_orders=list(DateOrder),
        decimal_signs=list(DecimalSign),
        amount_of=money_in_words,
    )


def _understood(
    uploaded: Uploaded, reading: TableReading
) -> list[tuple[TableReading, tuple[StatementLine, ...]]]:
    """Return the first lines, once for each way in which they can be read."""
    dates = [reading.date_order] if reading.date_order else list(DateOrder)
    signs = [reading.decimal_sign] if reading.decimal_sign else list(DecimalSign)
    found: list[tuple[TableReading, tuple[StatementLine, ...]]] = []
    for date_order, decimal_sign in product(dates, signs):
        way = reading.model_copy(update={"date_order": date_order, "decimal_sign": decimal_sign})
        try:
            lines = first_lines_of(uploaded, way)
        except Problem:
            continue
        if lines and lines not in [known for _, known in found]:
            found.append((way, lines))
    return found
