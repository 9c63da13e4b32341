"""Payments of a case: recorded by hand, and taken back (R20)."""

from __future__ import annotations

from datetime import date, time
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from console.form_acts import Nonce, act_id_of, back_to, keep_answer, known_act
from console.form_values import refused_fields
from console.own_cases import own_case
from console.pages.case import Typed, case_page
from console.typed_amounts import amount_typed
from console.visitor import Visitor, VisitorDep
from dunning.days import first_instant
from dunning.money import CURRENCY_DIGITS
from dunning.movements import ReportedBy
from models.tables import CaseRow, PaymentRow
from starter.input.fields import is_id
from starter.input.schemas import PaymentBody
from starter.intake.record_payments import Origin, record_payment
from starter.intake.statements import seller_actions
from starter.intake.take_back_payments import take_back_recorded_by_hand
from starter.refusals import NotFound, Problem, wrong
from starter.services import ServicesDep

router = APIRouter()

_NOON: Final = time(12)


@router.post("/cases/{case_id}/payments")
async def record_by_hand(
    request: Request, case_id: str, visitor: VisitorDep, services: ServicesDep
) -> Response:
    """Record a payment once, however often the form is sent; the history names who did it."""
    row = await own_case(services, visitor, case_id)
    form = await request.form()
    values = {name: str(form.get(name, "")).strip() for name in ("amount", "paid_on")}
    act_id = act_id_of(visitor, str(form.get("nonce", "")), f"payment/{case_id}")
    if await known_act(services, visitor, act_id) is None:
        now = services.clock.now()
        try:
            body = _body(row, visitor, values, str(form.get("currency", "")), f"hand:{act_id}")
            if body.paid_at > now and values["paid_on"] > f"{now.astimezone(visitor.zone):%F}":
                raise wrong("paid_on", "lies in the future")
            origin = Origin(ReportedBy.BY_HAND, by=visitor.by)
            record = partial(record_payment, body=body, now=now, origin=origin)
            accepted = await services.database.in_transaction(record)
        except (ValidationError, Problem) as error:
            typed = Typed("payment", values, _errors(error))
            return await case_page(request, visitor, services, case_id, typed=typed)
        await services.send_plans_soon(accepted.unsent)
        await keep_answer(services, visitor, act_id, {"said": "payment_recorded"})
    return back_to(f"/console/cases/{case_id}", act_id)


@router.post("/cases/{case_id}/payments/{payment_id}/take-back")
async def take_back(
    case_id: str,
    payment_id: str,
    visitor: VisitorDep,
    services: ServicesDep,
    nonce: Annotated[Nonce, Form()],
) -> RedirectResponse:
    """R20: take back a booking by the seller: of a statement's line, or one made by hand."""
    row = await own_case(services, visitor, case_id)
    act_id = act_id_of(visitor, nonce, f"take-back/{payment_id}")
    if await known_act(services, visitor, act_id) is None:
        async with services.database.reading() as session:
            payment = await session.get(PaymentRow, payment_id) if is_id(payment_id) else None
        place = (payment.seller_id, payment.order_id) if payment else None
        if payment is None or place != (row.seller_id, row.order_id):
            raise NotFound("payment")
        if payment.line_id is not None:
            await seller_actions.take_one_back(
                services, row.seller_id, payment.line_id, by=visitor.by
            )
        else:
            now = services.clock.now()
            undo = partial(
                take_back_recorded_by_hand, seller=visitor.seller, payment_id=payment_id, now=now
            )
            await services.send_plans_soon(await services.database.in_transaction(undo))
        await keep_answer(services, visitor, act_id, {"said": "payment_taken_back"})
    return back_to(f"/console/cases/{case_id}", act_id)


def _body(
    row: CaseRow, visitor: Visitor, values: dict[str, str], currency: str, payment_id: str
) -> PaymentBody:
    """Return the form as the API's body. Raises `ValidationError` and `Invalid`."""
    # With one digit too many after the point, the point may be a thousands separator.
    amount = amount_typed(values["amount"], most_digits=CURRENCY_DIGITS.get(currency, 0))
    try:
        day = date.fromisoformat(values["paid_on"])
    except ValueError:
        raise wrong("paid_on", "is not a real date") from None
    paid_at = first_instant(day, _NOON, visitor.profile.time_zone)
    given: dict[str, Any] = {
        "payment_id": payment_id,
        "seller_id": row.seller_id,
        "order_id": row.order_id,
        "installment": row.installment,
        "amount": amount,
        "currency": currency,
        "paid_at": paid_at.isoformat(),
    }
    return PaymentBody.model_validate(given)


def _errors(error: ValidationError | Problem) -> dict[str, str]:
    return {one.field.replace("paid_at", "paid_on"): one.message for one in refused_fields(error)}
