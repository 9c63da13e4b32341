"""Taking back payments that the seller booked or recorded by mistake; no chargeback (R20)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.movements import ReportedBy
from models.orders import bring_up_cases, locked_order
from models.outbox import CaseRef, mark_behind
from models.tables import AllocationRow, PaymentRow, ReceivableRow, SellerRow
from starter.input.fields import is_id
from starter.intake.payment_shares import end_waivers, what_is_left
from starter.refusals import NotFound


async def take_back_recorded_by_hand(
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


async def take_back_payment(
    session: AsyncSession, payment: PaymentRow, *, now: datetime
) -> list[CaseRef]:
    """Undo all that is left of a payment, once; return the cases whose plans Temporal needs.

    Each case is brought up in this transaction, and goes on where it stood.
    """
    await locked_order(session, payment.seller_id, payment.order_id)
    await session.refresh(payment)
    if payment.taken_back_at is not None:
        return []
    _, shares = await what_is_left(session, payment)
    for share in shares:
        row = await session.get_one(ReceivableRow, share.case_id)
        row.paid -= share.amount.amount
        row.open_amount += share.amount.amount
        if share.amount.is_positive:
            await end_waivers(session, row, at=now)
        session.add(row)
    payment.taken_back_at = now
    session.add(payment)
    await session.flush()
    query = (
        select(ReceivableRow.case_id)
        .join(AllocationRow, col(AllocationRow.case_id) == ReceivableRow.case_id)
        .where(AllocationRow.payment_id == payment.payment_id, col(ReceivableRow.has_case))
        .order_by(col(ReceivableRow.case_id))
    )
    cases = [CaseRef(payment.seller_id, case_id) for case_id in await session.exec(query)]
    await mark_behind(session, (case.case_id for case in cases))
    return await bring_up_cases(session, cases, at=now)
