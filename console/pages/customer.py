"""Correcting the customer of a case; a case that was blocked by the address goes on (R14)."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from console.form_acts import act_id_of, back_to, keep_answer, known_act
from console.form_values import ADDRESS, address_in, refused_fields
from console.own_cases import own_case
from console.pages.case import Typed, case_page
from console.visitor import VisitorDep
from starter.input.schemas import CustomerChange
from starter.intake.customers import change_known_customer
from starter.refusals import Problem
from starter.services import ServicesDep

router = APIRouter()

FIELDS: Final = ("first_name", "last_name", "company", "email", "phone")


@router.post("/cases/{case_id}/customer")
async def change_customer(
    request: Request, case_id: str, visitor: VisitorDep, services: ServicesDep
) -> Response:
    """Save the customer, or show the form again with the typed values and the errors."""
    row = await own_case(services, visitor, case_id)
    form = await request.form()
    values = {name: str(form.get(name, "")).strip() for name in (*FIELDS, *ADDRESS)}
    act_id = act_id_of(visitor, str(form.get("nonce", "")), f"customer/{case_id}")
    if await known_act(services, visitor, act_id) is None:
        try:
            change = CustomerChange.model_validate(_given(values))
            await change_known_customer(services, visitor.seller_id, row.customer_id, change)
        except (ValidationError, Problem) as error:
            typed = Typed("customer", values, _errors(error))
            return await case_page(request, visitor, services, case_id, typed=typed)
        await keep_answer(services, visitor, act_id, {"said": "customer_saved"})
    return back_to(f"/console/cases/{case_id}", act_id)


def _given(values: dict[str, str]) -> dict[str, object]:
    """Return the fields of the form; an empty one clears the value, except the e-mail address."""
    plain: dict[str, object] = {name: values[name] or None for name in FIELDS if name != "email"}
    return {**plain, "email": values["email"], "address": address_in(values)}


def _errors(error: ValidationError | Problem) -> dict[str, str]:
    return {one.field.rpartition(".")[2]: one.message for one in refused_fields(error)}
