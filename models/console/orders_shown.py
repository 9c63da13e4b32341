"""An order with its parts, its payments and its claim, as the seller's case page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import (
    CaseRow,
    ChargebackRow,
    ClaimRow,
    CustomerRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
)


@dataclass(frozen=True)
class OrderShown:
    """An order for the case page; `parts` are its receivables, the earliest due first."""

    row: OrderRow
    customer: CustomerRow
    parts: list[tuple[ReceivableRow, CaseRow | None]]
    payments: list[PaymentRow]
    chargebacks: list[ChargebackRow]
    claim: ClaimRow | None


async def order_shown(session: AsyncSession, case: CaseRow) -> OrderShown:
    """Read all that belongs to the order of a case."""
    order = await session.get_one(OrderRow, (case.seller_id, case.order_id))
    parts = await session.exec(
        select(ReceivableRow, CaseRow)
        .outerjoin(CaseRow, col(CaseRow.case_id) == ReceivableRow.case_id)
        .where(ReceivableRow.seller_id == case.seller_id, ReceivableRow.order_id == case.order_id)
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    payments = await session.exec(
        select(PaymentRow)
        .where(PaymentRow.seller_id == case.seller_id, PaymentRow.order_id == case.order_id)
        .order_by(col(PaymentRow.received_at), col(PaymentRow.payment_id))
    )
    known = list(payments)
    ids = [payment.payment_id for payment in known]
    back = await session.exec(
        select(ChargebackRow)
        .where(col(ChargebackRow.payment_id).in_(ids))
        .order_by(col(ChargebackRow.received_at))
    )
    reference = case.claim_reference
    return OrderShown(
        row=order,
        customer=await session.get_one(CustomerRow, (case.seller_id, order.customer_id)),
        parts=[(receivable, row) for receivable, row in parts],
        payments=known,
        chargebacks=list(back),
        claim=await session.get(ClaimRow, reference) if reference else None,
    )
