"""Payments and chargebacks as the API answers them, with their allocations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.money import Money
from models.tables import (
    AllocationRow,
    ChargebackRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
)

Document = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """The part of a payment that went to one receivable."""

    receivable: ReceivableRow
    amount: Decimal


async def parts_of(session: AsyncSession, payment_ids: Collection[str]) -> dict[str, list[Part]]:
    """Return the parts of payments, in order of due date; every payment has an entry."""
    parts: dict[str, list[Part]] = {payment_id: [] for payment_id in payment_ids}
    if parts:
        query = (
            select(AllocationRow, ReceivableRow)
            .join(ReceivableRow, col(ReceivableRow.case_id) == AllocationRow.case_id)
            .where(col(AllocationRow.payment_id).in_(sorted(parts)), AllocationRow.amount > 0)
            .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
        )
        for share, receivable in await session.exec(query):
            parts[share.payment_id].append(Part(receivable, share.amount))
    return parts


def payment_document(payment: PaymentRow, parts: Iterable[Part]) -> Document:
    """Return a payment with its allocations, as it was answered the first time."""
    return {
        "payment_id": payment.payment_id,
        "seller_id": payment.seller_id,
        "order_id": payment.order_id,
        "installment": payment.installment,
        "amount": _text(payment.amount, payment.currency),
        "currency": payment.currency,
        "paid_at": payment.paid_at.astimezone(UTC).isoformat(),
        "allocations": [_allocation(part) for part in parts],
        "credit": _text(payment.credit, payment.currency),
    }


async def chargeback_document(session: AsyncSession, chargeback: ChargebackRow) -> Document:
    """Return a chargeback with what it reopened, as it was answered the first time."""
    payment = await session.get_one(PaymentRow, chargeback.payment_id)
    query = (
        select(ReversalRow, ReceivableRow)
        .join(ReceivableRow, col(ReceivableRow.case_id) == ReversalRow.case_id)
        .where(ReversalRow.chargeback_id == chargeback.chargeback_id, ReversalRow.amount > 0)
        .order_by(col(ReceivableRow.due_date).desc(), col(ReceivableRow.installment).desc())
    )
    parts = [Part(receivable, share.amount) for share, receivable in await session.exec(query)]
    return {
        "chargeback_id": chargeback.chargeback_id,
        "payment_id": payment.payment_id,
        "amount": _text(chargeback.amount, payment.currency),
        "currency": payment.currency,
        "fee": _text(chargeback.fee, payment.currency),
        "occurred_at": chargeback.occurred_at.astimezone(UTC).isoformat(),
        "allocations": [_allocation(part) for part in parts],
        "credit": _text(chargeback.credit, payment.currency),
    }


def _allocation(part: Part) -> Document:
    receivable = part.receivable
    return {
        "case_id": receivable.case_id if receivable.has_case else None,
        "installment": receivable.installment,
        "amount": _text(part.amount, receivable.currency),
    }


def _text(amount: Decimal, currency: str) -> str:
    return str(Money(amount=amount, currency=currency))
