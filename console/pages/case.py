"""The page of one case: its stage and why, the forecast, the history, and the possible requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from console.case_requests import Wanted, ask_all, day_or_none
from console.form_acts import Nonce, act_id_of, back_to, keep_answer, known_act
from console.own_cases import own_case, own_case_in
from console.preferences import language_of
from console.rendering import page
from console.views.ladder import ladder_of
from console.views.rows import name_of, plan_in_words, row_of, waits_in_words
from console.views.timeline import line_in_words, missing_in_words, said_by, timeline_of
from console.visitor import Visitor, VisitorDep
from console.wording import words_in
from dunning.case.forecast import Planned, PlannedKind
from dunning.requests import Verb
from models.console.orders_shown import OrderShown, order_shown
from models.queries import case_document
from starter.intake.cancel_order import cancel_known_order
from starter.reading.forecasts import CaseForecast, case_forecast
from starter.reading.statements.origins import origins_of
from starter.refusals import NotFound, Problem
from starter.services import Services, ServicesDep

router = APIRouter()

HOLD_REASONS: Final = ("promised", "disputed", "goods", "arrangement", "check")
# The kinds of step that a case can take on the day of the handoff.
_HANDOFF: Final = frozenset({PlannedKind.HANDOFF, PlannedKind.AWAITING_APPROVAL})
_HELPERS: Final[dict[str, Any]] = {
    "name_of": name_of,
    "plan": plan_in_words,
    "waits": waits_in_words,
    "missing_in_words": missing_in_words,
    "said_by": said_by,
    "line_in_words": line_in_words,
    "hold_reasons": HOLD_REASONS,
}


@dataclass(frozen=True)
class Typed:
    """The values of a form that was not accepted, and the errors by field."""

    form: str
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("/cases/{case_id}")
async def show_case(
    request: Request, case_id: str, visitor: VisitorDep, services: ServicesDep
) -> HTMLResponse:
    """Show the case; with `until`, also the days that would move if it were held until then."""
    until = request.query_params.get("until", "")
    return await case_page(request, visitor, services, case_id, until=until)


@router.post("/cases/{case_id}/cancel-order")
async def cancel_order(
    case_id: str,
    visitor: VisitorDep,
    services: ServicesDep,
    nonce: Annotated[Nonce, Form()],
) -> RedirectResponse:
    """R29: cancel the order; never refused, and a second time the answer is the same."""
    row = await own_case(services, visitor, case_id)
    act_id = act_id_of(visitor, nonce, f"cancel/{row.order_id}")
    if await known_act(services, visitor, act_id) is None:
        await cancel_known_order(services, visitor.seller_id, row.order_id, by=visitor.by)
        await keep_answer(services, visitor, act_id, {"said": "order_canceled"})
    return back_to(f"/console/cases/{case_id}", act_id)


class VerbForm(BaseModel):
    """The form of a verb.

    `known_reason` is one of the offered reasons. It is used if `reason` is empty, and is written
    down in `language`, the language of the page.
    """

    nonce: Nonce
    reason: Annotated[str, Field(max_length=500)] = ""
    known_reason: Annotated[str, Field(max_length=40)] = ""
    until: Annotated[str, Field(max_length=20)] = ""
    language: Annotated[str, Field(max_length=2)] = "en"
    despite_term: bool = False

    def said_reason(self) -> str:
        if not self.reason.strip() and self.known_reason in HOLD_REASONS:
            return words_in(self.language)(f"hold_reason.{self.known_reason}")
        return self.reason


@router.post("/cases/{case_id}/{verb}")
async def ask(
    case_id: str,
    verb: str,
    visitor: VisitorDep,
    services: ServicesDep,
    sent: Annotated[VerbForm, Form()],
) -> Response:
    """Send a request to the case, and go back to its page, which shows the answer."""
    await own_case(services, visitor, case_id)
    if verb not in set(Verb):
        raise NotFound("request")
    wanted = Wanted(Verb(verb), sent.said_reason(), sent.until, sent.despite_term)
    act_id = await ask_all(services, visitor, [case_id], wanted, nonce=sent.nonce)
    return back_to(f"/console/cases/{case_id}", act_id)


async def case_page(
    request: Request,
    visitor: Visitor,
    services: Services,
    case_id: str,
    *,
    until: str = "",
    typed: Typed | None = None,
) -> HTMLResponse:
    now = services.clock.now()
    async with services.database.reading() as session:
        await own_case_in(session, visitor, case_id)
        document = await case_document(session, case_id, now=now)
        found = await case_forecast(session, case_id, now=now)
        held, hold_error = await _as_if_held(session, case_id, until, now)
        order = await order_shown(session, found.snapshot.row)
        origins = await origins_of(session, [one.payment_id for one in order.payments])
    assert document is not None
    words = words_in(language_of(request, visitor.profile.language[:2]))
    payments = {payment.payment_id: payment for payment in order.payments}
    return page(
        request,
        "case/page.html.j2",
        visitor=visitor,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if typed else HTTPStatus.OK,
        case=found.case,
        document=document,
        row=row_of(document, found.case, now=now),
        outlook=found,
        ladder=ladder_of(found.case, found.items, visitor.settings.dunning_option),
        timeline=timeline_of(
            document["history"],
            words,
            currency=document["currency"],
            payments=payments,
            origins=origins,
            canceled_by=order.row.canceled_by,
        ),
        order=order,
        origins=origins,
        moved=_moved(found, held),
        held_until=until,
        hold_error=hold_error,
        escalation_day=_escalation_day(found),
        typed=typed,
        today=now.astimezone(visitor.zone).date(),
        now=now,
        **_HELPERS,
    )


async def _as_if_held(
    session: Any, case_id: str, until: str, now: Any
) -> tuple[CaseForecast | None, bool]:
    """Return the forecast as if the case were held until a day, and whether that day is invalid."""
    day = day_or_none(until)
    if day is None:
        return None, bool(until)
    try:
        return await case_forecast(session, case_id, now=now, held_until=day), False
    except Problem:
        return None, True


@dataclass(frozen=True)
class Moved:
    """A coming step: its day now, and its day if the case were held."""

    kind: str
    day: date | None
    held: date


def _moved(now: CaseForecast, held: CaseForecast | None) -> list[Moved] | None:
    if held is None:
        return None
    terms = now.case.terms
    days = {item.kind: terms.day_of(item.at) for item in now.items}
    return [Moved(item.kind, days.get(item.kind), terms.day_of(item.at)) for item in held.items]


def _escalation_day(found: CaseForecast) -> date | None:
    """R18: the first day on which the seller can escalate; not before the day that was named."""
    if (named := found.case.term_ends_on) is not None:
        return named
    handoff: Planned | None = next((item for item in found.items if item.kind in _HANDOFF), None)
    return found.case.terms.day_of(handoff.at) if handoff else None


__all__ = ["OrderShown", "Typed", "case_page", "router"]
