"""The facts that the ledger has about one receivable (R11, R13, R20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
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

_Paid = tuple[AllocationRow, PaymentRow]
_Undone = tuple[ReversalRow, ChargebackRow]
_AsMoney = Callable[[Any], Money]


async def facts_of(
    session: AsyncSession, receivable: ReceivableRow, order: OrderRow
) -> LedgerFacts:
    """Return all that has changed the open amount of a receivable or has canceled its order."""
    case_id = receivable.case_id
    paid = await _paid(session, case_id)
    undone = await _undone(session, case_id)
    money = partial(_money, receivable.currency)
    return LedgerFacts(
        payments=_payments(paid, money),
        taken_back=_taken_back(paid, undone, money),
        waivers=await _waivers(session, case_id, money),
        reversals=_reversals(undone, order, money),
        fees=await _fees(session, case_id, money),
        order_canceled_at=order.canceled_at,
        order_cancel_reason=order.cancel_reason,
        claims_go_on=order.canceled_for_claim,
        tells_of_cancellation=order.cancellation_teller == case_id,
    )


def _money(currency: str, amount: Any) -> Money:
    return Money(amount=amount, currency=currency)


async def _paid(session: AsyncSession, case_id: str) -> Sequence[_Paid]:
    query = (
        select(AllocationRow, PaymentRow)
        .join(PaymentRow, col(PaymentRow.payment_id) == AllocationRow.payment_id)
        .where(AllocationRow.case_id == case_id)
        .order_by(col(PaymentRow.received_at), col(PaymentRow.payment_id))
    )
    return (await session.exec(query)).all()


async def _undone(session: AsyncSession, case_id: str) -> Sequence[_Undone]:
    query = (
        select(ReversalRow, ChargebackRow)
        .join(ChargebackRow, col(ChargebackRow.chargeback_id) == ReversalRow.chargeback_id)
        .where(ReversalRow.case_id == case_id)
        .order_by(col(ChargebackRow.received_at), col(ChargebackRow.chargeback_id))
    )
    return (await session.exec(query)).all()


def _payments(paid: Sequence[_Paid], money: _AsMoney) -> tuple[Payment, ...]:
    return tuple(
        Payment(
            payment_id=payment.payment_id,
            amount=money(share.amount),
            credit=money(payment.credit if not share.amount else 0),
            at=payment.received_at,
            paid_at=payment.paid_at,
            reported_by=ReportedBy(payment.reported_by),
        )
        for share, payment in paid
    )


def _taken_back(
    paid: Sequence[_Paid], undone: Sequence[_Undone], money: _AsMoney
) -> tuple[TakenBack, ...]:
    """R20: what chargebacks had left of each payment that was taken back."""

    def left_of(share: AllocationRow) -> Decimal:
        back = (part.amount for part, c in undone if c.payment_id == share.payment_id)
        return share.amount - sum(back, start=Decimal(0))

    return tuple(
        TakenBack(
            payment_id=payment.payment_id,
            amount=money(left_of(share)),
            credit=money(payment.credit if not share.amount else 0),
            at=payment.taken_back_at,
        )
        for share, payment in paid
        if payment.taken_back_at is not None
    )


async def _waivers(session: AsyncSession, case_id: str, money: _AsMoney) -> tuple[Waiver, ...]:
    query = (
        select(WaiverRow)
        .where(WaiverRow.case_id == case_id)
        .order_by(col(WaiverRow.waived_at), col(WaiverRow.payment_id))
    )
    return tuple(
        Waiver(payment_id=rest.payment_id, amount=money(rest.amount), at=rest.waived_at)
        for rest in await session.exec(query)
    )


def _reversals(undone: Sequence[_Undone], order: OrderRow, money: _AsMoney) -> tuple[Reversal, ...]:
    return tuple(
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
        for share, chargeback in undone
    )


async def _fees(session: AsyncSession, case_id: str, money: _AsMoney) -> tuple[Fee, ...]:
    query = select(FeeRow).where(FeeRow.case_id == case_id).order_by(col(FeeRow.key))
    return tuple(Fee(key=fee.key, amount=money(fee.amount)) for fee in await session.exec(query))


def _had_been_canceled(order: OrderRow, moment: datetime) -> bool:
    return order.canceled_at is not None and order.canceled_at <= moment
