"""One bank statement, whose lines are booked, set aside, and taken back (R20)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from console.form_acts import Nonce, act_id_of, back_to, keep_answer, known_act
from console.form_values import page_number
from console.match_cache import MatchCache
from console.rendering import page
from console.statement_files import text_of
from console.typed_amounts import amount_typed
from console.views.statement_lines import (
    WAITING,
    Group,
    grouped,
    look_at,
    money_in_words,
    one_group,
    reason_in_words,
    with_lines,
)
from console.views.timeline import said_by
from console.visitor import Visitor, VisitorDep
from starter.input.schemas import ShareBody
from starter.intake.statements import seller_actions
from starter.intake.statements.booking import BookedShare
from starter.reading.statements.lines import known_line, known_statement
from starter.refusals import Invalid, NotFound, Problem, wrong
from starter.services import Services, ServicesDep

router = APIRouter()

# So that a page has at most 150 kB.
_A_GROUP: Final = 10
_A_PAGE: Final = 20
_MOST_ORDERS: Final = 4
_HELPERS: Final[dict[str, Any]] = {
    "reason_in_words": reason_in_words,
    "amount_of": money_in_words,
    "said_by": said_by,
}


@router.get("/statements/{statement_id}")
async def statement(
    request: Request, statement_id: str, visitor: VisitorDep, services: ServicesDep
) -> HTMLResponse:
    """Show the lines in groups; with `group` all of that group, with `line` only that line."""
    return await _statement_page(request, visitor, services, statement_id)


@router.post("/statements/{statement_id}/book")
async def book_certain(
    request: Request,
    statement_id: str,
    visitor: VisitorDep,
    services: ServicesDep,
    nonce: Annotated[Nonce, Form()],
) -> RedirectResponse:
    """Book all lines that are certain."""
    act_id = act_id_of(visitor, nonce, f"book/{statement_id}")
    if await known_act(services, visitor, act_id) is None:
        await seller_actions.book_all_certain(
            services, visitor.seller_id, statement_id, by=visitor.by
        )
        request.app.state.match_cache.forget(statement_id)
        await keep_answer(services, visitor, act_id, {"said": "certain_booked"})
    return back_to(f"/console/statements/{statement_id}", act_id, anchor="#answer")


@router.post("/statements/{statement_id}/lines/{line_id}/{act}")
async def decide(
    request: Request,
    statement_id: str,
    line_id: str,
    act: str,
    visitor: VisitorDep,
    services: ServicesDep,
) -> Response:
    """Book a line, set it aside, or take back the last decision about it."""
    form = await request.form()
    async with services.database.reading() as session:
        await known_statement(session, visitor.seller_id, statement_id)
        await known_line(session, visitor.seller_id, line_id)
    act_id = act_id_of(visitor, text_of(form, "nonce"), f"line/{line_id}/{act}")
    if await known_act(services, visitor, act_id) is None:
        try:
            said = await _decide(services, visitor, line_id, act, form)
        except Problem as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                raise
            typed = {str(name): text_of(form, str(name)) for name in form}
            return await _statement_page(
                request,
                visitor,
                services,
                statement_id,
                refused=(line_id, _refusal_of(problem)),
                typed=typed,
            )
        await keep_answer(services, visitor, act_id, {"said": said})
    return back_to(f"/console/statements/{statement_id}", act_id, anchor="#answer")


async def _decide(
    services: Services, visitor: Visitor, line_id: str, act: str, form: FormData
) -> str:
    """Do what the button says; return the name of the answer. Raises `Problem`."""
    seller_id, by = visitor.seller_id, visitor.by
    if act == "book":
        await seller_actions.book_one(services, seller_id, line_id, _shares_of(form), by=by)
        return "line_booked"
    if act == "aside":
        reason = text_of(form, "reason")[:500] or None
        await seller_actions.set_one_aside(services, seller_id, line_id, reason=reason, by=by)
        return "line_aside"
    if act == "take-back":
        await seller_actions.take_one_back(services, seller_id, line_id, by=by)
        return "line_taken_back"
    raise NotFound("request")


def _shares_of(form: FormData) -> list[BookedShare]:
    """Return the candidate whose button was pressed, or the typed orders. Raises `Invalid`."""
    chosen = text_of(form, "choice")
    shares = _of_candidate(chosen) if chosen else _typed_shares(form)
    if not shares:
        raise wrong("order_id", "no order was named")
    return shares


def _of_candidate(chosen: str) -> list[BookedShare]:
    try:
        return [
            _share(order_id, installment, amount)
            for order_id, installment, amount in json.loads(chosen)
        ]
    except (TypeError, ValueError):
        raise wrong("order_id", "no order was named") from None


def _typed_shares(form: FormData) -> list[BookedShare]:
    shares = []
    for number in range(1, _MOST_ORDERS + 1):
        order_id, amount = text_of(form, f"order_{number}"), text_of(form, f"amount_{number}")
        if not order_id:
            continue
        typed = amount_typed(amount)
        try:
            shares.append(_share(order_id, None, typed))
        except ValidationError:
            raise wrong("order_id", "is no number of an order") from None
    return shares


def _share(order_id: Any, installment: Any, amount: Any) -> BookedShare:
    """Return one validated share. Raises `ValidationError`."""
    given = {"order_id": order_id, "installment": installment, "amount": amount}
    body = ShareBody.model_validate(given)
    return BookedShare(body.order_id, body.installment, body.amount)


def _refusal_of(problem: Problem) -> str:
    """Return the name of the sentence that tells why a line could not be booked."""
    if not isinstance(problem, Invalid):
        return "decided"
    fields = {error.field.rpartition(".")[2] for error in problem.errors}
    return next((name for name in ("order_id", "amount", "currency") if name in fields), "other")


async def _statement_page(
    request: Request,
    visitor: Visitor,
    services: Services,
    statement_id: str,
    *,
    refused: tuple[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    asked = request.query_params
    alone = refused[0] if refused else asked.get("line")
    group, number = asked.get("group"), page_number(asked.get("page", "1"))
    match_cache: MatchCache = request.app.state.match_cache
    async with services.database.reading() as session:
        row = await known_statement(session, visitor.seller_id, statement_id)
        now = services.clock.now()
        places, cached = await look_at(session, match_cache, visitor.seller, row, now=now)
        if alone:
            shown = grouped([one for one in places if one.line_id == alone], most=_A_GROUP)
        elif group in set(Group):
            shown = [one_group(places, Group(group), page=number, most=_A_PAGE)]
        else:
            shown = grouped(places, most=_A_GROUP)
        shown = await with_lines(session, shown, cached)
    return page(
        request,
        "statements/one.html.j2",
        visitor=visitor,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        statement=row,
        groups=shown,
        group=group if group in set(Group) and not alone else None,
        number=number,
        pages=_A_PAGE,
        is_part=bool(alone),
        waiting=WAITING,
        count=len(places),
        judged_at=None if cached.is_of_now else cached.judged_at,
        most_orders=_MOST_ORDERS,
        refused=refused,
        typed=typed or {},
        **_HELPERS,
    )
