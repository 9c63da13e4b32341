"""What the ledger has about one receivable (R11, R13, R20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.money import Money
from dunning.movements import Fee, LedgerFacts, Payment, Reversal
from models.tables import (
    AllocationRow,
    ChargebackRow,
    FeeRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
)


async def facts_of(
    session: AsyncSession, receivable: ReceivableRow, order: OrderRow
) -> LedgerFacts:
    """Every payment, reversal and fee of a receivable, and whether its order was canceled."""
    case_id, currency = receivable.case_id, receivable.currency

    def money(amount: Any) -> Money:
        return Money(amount=amount, currency=currency)

    paid = await session.exec(
        select(AllocationRow, PaymentRow)
        .join(PaymentRow, col(PaymentRow.payment_id) == AllocationRow.payment_id)
        .where(AllocationRow.case_id == case_id)
        .order_by(col(PaymentRow.received_at), col(PaymentRow.payment_id))
    )
    undone = await session.exec(
        select(ReversalRow, ChargebackRow)
        .join(ChargebackRow, col(ChargebackRow.chargeback_id) == ReversalRow.chargeback_id)
        .where(ReversalRow.case_id == case_id)
        .order_by(col(ChargebackRow.received_at), col(ChargebackRow.chargeback_id))
    )
    fees = await session.exec(
        select(FeeRow).where(FeeRow.case_id == case_id).order_by(col(FeeRow.key))
    )
    return LedgerFacts(
        payments=tuple(
            Payment(
                payment_id=payment.payment_id,
                amount=money(share.amount),
                credit=money(payment.credit if not share.amount else 0),
                at=payment.received_at,
            )
            for share, payment in paid
        ),
        reversals=tuple(
            Reversal(
                chargeback_id=chargeback.chargeback_id,
                payment_id=chargeback.payment_id,
                amount=money(share.amount),
                credit=money(chargeback.credit),
                fee=money(share.fee),
                at=chargeback.received_at,
                order_canceled=_had_been_canceled(order, chargeback.received_at),
                claims_go_on=order.canceled_for_claim,
            )
            for share, chargeback in undone
        ),
        fees=tuple(Fee(key=fee.key, amount=money(fee.amount)) for fee in fees),
        order_canceled_at=order.canceled_at,
        claims_go_on=order.canceled_for_claim,
        tells_of_cancellation=order.cancellation_told_by == case_id,
    )


def _had_been_canceled(order: OrderRow, moment: datetime) -> bool:
    return order.canceled_at is not None and order.canceled_at <= moment
