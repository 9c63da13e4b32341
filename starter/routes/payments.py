"""Payments and chargebacks as facts, each recorded once (R13, R20)."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Response, status

from starter.input.schemas import ChargebackBody, PaymentBody
from starter.intake.batch_writes import Accepted
from starter.intake.record_chargebacks import record_chargeback
from starter.intake.record_payments import record_payment
from starter.openapi import documents, examples
from starter.openapi.described import Success, described_as_fact
from starter.services import Services, ServicesDep

router = APIRouter(prefix="/v1/payments", tags=["payments"])


@router.post("", status_code=status.HTTP_201_CREATED)
@described_as_fact(Success(examples.PAYMENT, documents.PaymentDocument), examples.PAYMENT_BODY)
async def report_payment(
    body: PaymentBody, services: ServicesDep, response: Response
) -> dict[str, Any]:
    """A payment came in: 201, the same again 200."""
    recorded = await services.database.in_transaction(
        partial(record_payment, body=body, now=services.clock.now())
    )
    return await _answered(recorded, services, response)


@router.post("/{payment_id}/chargebacks", status_code=status.HTTP_201_CREATED)
@described_as_fact(
    Success(examples.CHARGEBACK, documents.ChargebackDocument), examples.CHARGEBACK_BODY
)
async def report_chargeback(
    payment_id: str, body: ChargebackBody, services: ServicesDep, response: Response
) -> dict[str, Any]:
    """A payment went back, all or in part: 201, the same again 200."""
    recorded = await services.database.in_transaction(
        partial(record_chargeback, payment_id=payment_id, body=body, now=services.clock.now())
    )
    return await _answered(recorded, services, response)


async def _answered(recorded: Accepted, services: Services, response: Response) -> dict[str, Any]:
    if not recorded.is_new:
        response.status_code = status.HTTP_200_OK
    await services.send_plans_soon(recorded.unsent)
    return recorded.answer
