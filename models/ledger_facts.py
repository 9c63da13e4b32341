"""The facts that the ledger has about one receivable (R11, R13, R20)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.money import Money
from dunning.movements import (
    Fee,
    LedgerFacts,
    Payment,
    ReportedBy,
    Reversal,
    TakenBack,
    Waiver,
)
from models.tables import (
    AllocationRow,
    ChargebackRow,
    FeeRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
    WaiverRow,
)


async def facts_of(
    session: AsyncSession, receivable: ReceivableRow, order: OrderRow
) -> LedgerFacts:
    """Return all that has changed the open amount of a receivable or has canceled its order."""
    case_id, currency = receivable.case_id, receivable.currency

    def money(amount: Any) -> Money:
        return Money(amount=amount, currency=currency)

    found = await session.exec(
        select(AllocationRow, PaymentRow)
        .join(PaymentRow, col(PaymentRow.payment_id) == AllocationRow.payment_id)
        .where(AllocationRow.case_id == case_id)
        .order_by(col(PaymentRow.received_at), col(PaymentRow.payment_id))
    )
    paid = list(found)
    undone = await session.exec(
        select(ReversalRow, ChargebackRow)
        .join(ChargebackRow, col(ChargebackRow.chargeback_id) == ReversalRow.chargeback_id)
        .where(ReversalRow.case_id == case_id)
        .order_by(col(ChargebackRow.received_at), col(ChargebackRow.chargeback_id))
    )
    fees = await session.exec(
        select(FeeRow).where(FeeRow.case_id == case_id).order_by(col(FeeRow.key))
    )
    reversed_ = list(undone)
    waivers = await session.exec(
        select(WaiverRow)
        .where(WaiverRow.case_id == case_id)
        .order_by(col(WaiverRow.waived_at), col(WaiverRow.payment_id))
    )

    def left_of(share: AllocationRow) -> Money:
        """Return what chargebacks have left of a payment's part."""
        back = (r.amount for r, c in reversed_ if c.payment_id == share.payment_id)
        return money(share.amount - sum(back, start=Decimal(0)))

    return LedgerFacts(
        payments=tuple(
            Payment(
                payment_id=payment.payment_id,
                amount=money(share.amount),
                credit=money(payment.credit if not share.amount else 0),
                at=payment.received_at,
                paid_at=payment.paid_at,
                reported_by=ReportedBy(payment.reported_by),
            )
            for share, payment in paid
        ),
        taken_back=tuple(
            TakenBack(
                payment_id=payment.payment_id,
                amount=left_of(share),
                credit=money(payment.credit if not share.amount else 0),
                at=payment.taken_back_at,
            )
            for share, payment in paid
            if payment.taken_back_at is not None
        ),
        waivers=tuple(
            Waiver(payment_id=rest.payment_id, amount=money(rest.amount), at=rest.waived_at)
            for rest in waivers
        ),
        reversals=tuple(
            Reversal(
                chargeback_id=chargeback.chargeback_id,
                payment_id=chargeback.payment_id,
                amount=money(share.amount),
                credit=money(chargeback.credit),
                fee=money(share.fee),
                at=chargeback.received_at,
                occurred_at=chargeback.occurred_at,
                order_canceled=_had_been_canceled(order, chargeback.received_at),
                claims_go_on=order.canceled_for_claim,
            )
            for share, chargeback in reversed_
        ),
        fees=tuple(Fee(key=fee.key, amount=money(fee.amount)) for fee in fees),
        order_canceled_at=order.canceled_at,
        order_cancel_reason=order.cancel_reason,
        claims_go_on=order.canceled_for_claim,
        tells_of_cancellation=order.cancellation_told_by == case_id,
    )


def _had_been_canceled(order: OrderRow, moment: datetime) -> bool:
    return order.canceled_at is not None and order.canceled_at <= moment
