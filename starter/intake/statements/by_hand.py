"""Payments that a seller records by hand, without a line of a statement (R20)."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.days import first_instant
from dunning.movements import ReportedBy
from models.outbox import Untold
from models.seller import SellerProfile
from models.tables import PaymentRow, SellerRow
from starter.input.fields import is_id
from starter.input.schemas import PaymentBody
from starter.intake.batch_writes import Accepted
from starter.intake.record_payments import Origin, record_payment
from starter.intake.take_back_payments import take_back_payment
from starter.refusals import NotFound

_ID_BYTES: Final = 10


def new_payment_id() -> str:
    """For a form that shows it: sent twice, the payment is recorded once."""
    return f"hand-{secrets.token_hex(_ID_BYTES)}"


async def record_by_hand(
    session: AsyncSession,
    seller: SellerRow,
    *,
    payment_id: str,
    order_id: str,
    installment: int | None,
    amount: Decimal,
    currency: str,
    paid_on: date,
    by: str,
    now: datetime,
) -> Accepted:
    """Record a payment; its cases hear of it in this transaction. Raises `Problem`."""
    zone = SellerProfile.model_validate(seller.profile).time_zone
    body = PaymentBody.model_construct(
        payment_id=payment_id,
        seller_id=seller.seller_id,
        order_id=order_id,
        installment=installment,
        amount=amount,
        currency=currency,
        paid_at=first_instant(paid_on, time(12), zone).astimezone(UTC),
    )
    origin = Origin(ReportedBy.BY_HAND, by=by)
    return await record_payment(session, body, now=now, origin=origin)


async def take_back_by_hand(
    session: AsyncSession, seller: SellerRow, payment_id: str, *, now: datetime
) -> list[Untold]:
    """Take back a payment that was recorded by hand; of others nothing is known here (404)."""
    payment = await session.get(PaymentRow, payment_id) if is_id(payment_id) else None
    if (
        payment is None
        or payment.seller_id != seller.seller_id
        or payment.reported_by != ReportedBy.BY_HAND
    ):
        raise NotFound("payment")
    return await take_back_payment(session, payment, now=now)
