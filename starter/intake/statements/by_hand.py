"""Taking back payments that a seller recorded by hand, without a bank statement (R20)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.movements import ReportedBy
from models.outbox import CaseRef
from models.tables import PaymentRow, SellerRow
from starter.input.fields import is_id
from starter.intake.take_back_payments import take_back_payment
from starter.refusals import NotFound


async def take_back_by_hand(
    session: AsyncSession, seller: SellerRow, payment_id: str, *, now: datetime
) -> list[CaseRef]:
    """Take back a payment that was recorded by hand. Raises `NotFound` for any other payment."""
    payment = await session.get(PaymentRow, payment_id) if is_id(payment_id) else None
    if (
        payment is None
        or payment.seller_id != seller.seller_id
        or payment.reported_by != ReportedBy.BY_HAND
    ):
        raise NotFound("payment")
    return await take_back_payment(session, payment, now=now)
