"""The rest of a payment that can still be undone, and the end of waivers (R13, R20)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.ledger import Share
from dunning.money import Money
from models.tables import (
    AllocationRow,
    ChargebackRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
    WaiverRow,
)


async def what_is_left(session: AsyncSession, payment: PaymentRow) -> tuple[Money, list[Share]]:
    """Return the credit and the shares of a payment that were not taken back yet."""

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=payment.currency)

    if payment.taken_back_at is not None:
        return money(Decimal(0)), []
    chargebacks = list(
        await session.exec(
            select(ChargebackRow).where(ChargebackRow.payment_id == payment.payment_id)
        )
    )
    ids = [chargeback.chargeback_id for chargeback in chargebacks]
    reversals = list(
        await session.exec(select(ReversalRow).where(col(ReversalRow.chargeback_id).in_(ids)))
    )
    shares = await session.exec(
        select(AllocationRow, ReceivableRow)
        .join(ReceivableRow, col(ReceivableRow.case_id) == AllocationRow.case_id)
        .where(AllocationRow.payment_id == payment.payment_id)
    )
    left = []
    for share, receivable in shares:
        back = sum((r.amount for r in reversals if r.case_id == share.case_id), start=Decimal(0))
        left.append(
            Share(
                case_id=share.case_id,
                installment=receivable.installment,
                due_date=receivable.due_date,
                amount=money(share.amount - back),
            )
        )
    credit_back = sum((chargeback.credit for chargeback in chargebacks), start=Decimal(0))
    return money(payment.credit - credit_back), left


async def end_waivers(session: AsyncSession, receivable: ReceivableRow, *, at: datetime) -> None:
    """R20: money of a receivable goes back, so its waived rests are owed again."""
    query = select(WaiverRow).where(
        WaiverRow.case_id == receivable.case_id, col(WaiverRow.ended_at).is_(None)
    )
    for waiver in await session.exec(query):
        waiver.ended_at = at
        receivable.open_amount += waiver.amount
        session.add(waiver)
