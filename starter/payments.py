"""Payments and chargebacks: facts, each recorded once (R13, R20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from fastapi import APIRouter, Response, status
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.deeds import Payment, Reversal
from dunning.ledger import Allocation, OpenItem, Share, allocate, undo
from dunning.money import Money, NotAnAmount, exact
from dunning.stages import AT_THE_PARTNER
from models.casebook import deliver_later
from models.orders import order_row
from models.tables import (
    AllocationRow,
    CaseRow,
    ChargebackRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
)
from starter.delivery import PAYMENT, REVERSAL
from starter.fields import is_id
from starter.problems import Conflict, FieldError, Invalid, NotFound, wrong
from starter.schemas import ChargebackBody, PaymentBody
from starter.services import Provided, Services

router = APIRouter(prefix="/v1/payments", tags=["payments"])


@dataclass(frozen=True)
class Reported:
    """What the caller is told, and the cases that have to hear something; none if not new."""

    answer: dict[str, Any]
    is_new: bool
    told: Sequence[str] = ()


@router.post("", status_code=status.HTTP_201_CREATED)
async def report_payment(
    body: PaymentBody, services: Provided, response: Response
) -> dict[str, Any]:
    """A payment came in: 201, the same again 200."""
    reported = await services.write(partial(_payment, body=body, now=services.clock.now()))
    return await _answered(reported, services, response)


@router.post("/{payment_id}/chargebacks", status_code=status.HTTP_201_CREATED)
async def report_chargeback(
    payment_id: str, body: ChargebackBody, services: Provided, response: Response
) -> dict[str, Any]:
    """A payment went back, all or in part: 201, the same again 200."""
    reported = await services.write(
        partial(_chargeback, payment_id=payment_id, body=body, now=services.clock.now())
    )
    return await _answered(reported, services, response)


async def _answered(reported: Reported, services: Services, response: Response) -> dict[str, Any]:
    if not reported.is_new:
        response.status_code = status.HTTP_200_OK
    await services.deliver_soon(reported.told)
    return reported.answer


async def _payment(session: AsyncSession, *, body: PaymentBody, now: datetime) -> Reported:
    known = await session.get(PaymentRow, body.payment_id)
    if known is not None and not _same_payment(known, body):
        raise Conflict("different_content", "Another payment has this id.")
    told = [] if known is not None else await _record_payment(session, body, now=now)
    answer = await _payment_document(session, body.payment_id)
    return Reported(answer=answer, is_new=known is None, told=told)


async def _chargeback(
    session: AsyncSession, *, payment_id: str, body: ChargebackBody, now: datetime
) -> Reported:
    payment = await session.get(PaymentRow, payment_id) if is_id(payment_id) else None
    if payment is None:
        raise NotFound("payment")
    asked = _asked(body, payment)
    order = await order_row(session, payment.seller_id, payment.order_id)
    if order is None:
        raise NotFound("order")
    known = await session.get(ChargebackRow, body.chargeback_id)
    if known is not None and known.asked != asked:
        raise Conflict("different_content", "Another chargeback has this id.")
    told: list[str] = []
    if known is None:
        told = await _record_chargeback(session, payment, order, body, asked, now=now)
    answer = await _chargeback_document(session, body.chargeback_id)
    return Reported(answer=answer, is_new=known is None, told=told)


async def _record_payment(session: AsyncSession, body: PaymentBody, *, now: datetime) -> list[str]:
    """Write a payment down with where it goes; the ids of the cases that will hear of it."""
    order = await order_row(session, body.seller_id, body.order_id)
    if order is None:
        raise NotFound("order")
    if body.currency != order.currency:
        raise wrong("currency", f"the order is in {order.currency}")
    amount = _exact("amount", body.amount, body.currency)
    receivables = await _receivables(session, order)
    numbers = [receivable.installment for receivable in receivables]
    if body.installment is not None and body.installment not in numbers:
        raise wrong("installment", "is no installment of this order")
    items = await _open_items(session, order, receivables)
    allocation = allocate(amount, items, named=body.installment)
    session.add(
        PaymentRow(
            payment_id=body.payment_id,
            seller_id=body.seller_id,
            order_id=body.order_id,
            installment=body.installment,
            currency=body.currency,
            amount=amount.amount,
            credit=allocation.credit.amount,
            paid_at=body.paid_at,
            received_at=now,
        )
    )
    await session.flush()
    rows = {receivable.case_id: receivable for receivable in receivables}
    told = []
    for share in allocation.shares or (_whole_credit(items, body.installment, body.currency),):
        row = rows[share.case_id]
        if share.amount.is_positive:
            row.paid += share.amount.amount
            row.open_amount -= share.amount.amount
            session.add(row)
            session.add(
                AllocationRow(
                    payment_id=body.payment_id,
                    case_id=share.case_id,
                    amount=share.amount.amount,
                )
            )
        if row.has_case:
            fact = Payment(
                payment_id=body.payment_id,
                amount=share.amount,
                credit=allocation.credit,
                at=now,
            )
            deliver_later(session, row.case_id, PAYMENT, fact.model_dump(mode="json"), now)
            told.append(row.case_id)
    await session.flush()
    return told


def _whole_credit(items: Sequence[OpenItem], named: int | None, currency: str) -> Share:
    """Money of which nothing is owed: the history of the named case tells of it, or the first."""
    item = next((item for item in items if item.installment == named), items[0])
    zero = Money.zero(currency)
    return Share(
        case_id=item.case_id, installment=item.installment, due_date=item.due_date, amount=zero
    )


async def _record_chargeback(
    session: AsyncSession,
    payment: PaymentRow,
    order: OrderRow,
    body: ChargebackBody,
    asked: dict[str, Any],
    *,
    now: datetime,
) -> list[str]:
    """Undo the allocation of a payment; the ids of the cases that will hear of it."""
    credit, shares = await _what_is_left(session, payment)
    left = sum((share.amount for share in shares), start=credit)
    amount = left if body.amount is None else _exact("amount", body.amount, payment.currency)
    if not left.is_positive:
        raise wrong("amount", "nothing is left of this payment")
    if left < amount:
        raise wrong("amount", f"only {left} is left of this payment")
    fee = _exact("fee", body.fee or Decimal(0), payment.currency, zero_allowed=True)
    is_open = order.canceled_at is None
    undone = undo(amount, credit=credit, shares=shares)
    session.add(
        ChargebackRow(
            chargeback_id=body.chargeback_id,
            payment_id=payment.payment_id,
            asked=asked,
            amount=amount.amount,
            fee=fee.amount,
            credit=undone.credit.amount,
            occurred_at=body.occurred_at,
            received_at=now,
        )
    )
    await session.flush()
    told = []
    for share in undone.shares:
        row = await session.get_one(ReceivableRow, share.case_id)
        costs = fee if share is undone.shares[0] and is_open else Money.zero(payment.currency)
        row.paid -= share.amount.amount
        row.fees += costs.amount
        row.open_amount += share.amount.amount + costs.amount
        session.add(row)
        session.add(
            ReversalRow(
                chargeback_id=body.chargeback_id,
                case_id=share.case_id,
                amount=share.amount.amount,
                fee=costs.amount,
            )
        )
        if row.has_case:
            fact = Reversal(
                chargeback_id=body.chargeback_id,
                payment_id=payment.payment_id,
                amount=share.amount,
                fee=costs,
                at=now,
            )
            deliver_later(session, row.case_id, REVERSAL, fact.model_dump(mode="json"), now)
            told.append(row.case_id)
    await session.flush()
    return told


async def _receivables(session: AsyncSession, order: OrderRow) -> list[ReceivableRow]:
    query = (
        select(ReceivableRow)
        .where(
            ReceivableRow.seller_id == order.seller_id,
            ReceivableRow.order_id == order.order_id,
        )
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    return list(await session.exec(query))


async def _open_items(
    session: AsyncSession, order: OrderRow, receivables: Sequence[ReceivableRow]
) -> list[OpenItem]:
    """What of an order can be paid; of a canceled one only what is at the partner (R29)."""
    at_the_partner: set[str] = set()
    if order.canceled_at is not None:
        query = select(CaseRow.case_id).where(
            CaseRow.seller_id == order.seller_id,
            CaseRow.order_id == order.order_id,
            col(CaseRow.stage).in_(list(AT_THE_PARTNER)),
        )
        at_the_partner = set(await session.exec(query))
    return [
        OpenItem(
            case_id=row.case_id,
            installment=row.installment,
            due_date=row.due_date,
            open_amount=Money(amount=row.open_amount, currency=row.currency),
            is_canceled=order.canceled_at is not None and row.case_id not in at_the_partner,
        )
        for row in receivables
    ]


async def _what_is_left(session: AsyncSession, payment: PaymentRow) -> tuple[Money, list[Share]]:
    """The credit and the shares of a payment that no chargeback has taken back yet."""

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=payment.currency)

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


async def _payment_document(session: AsyncSession, payment_id: str) -> dict[str, Any]:
    payment = await session.get_one(PaymentRow, payment_id)
    return await payment_document(session, payment)


async def payment_document(session: AsyncSession, payment: PaymentRow) -> dict[str, Any]:
    """A payment with where it went, as it was answered the first time."""
    query = (
        select(AllocationRow, ReceivableRow)
        .join(ReceivableRow, col(ReceivableRow.case_id) == AllocationRow.case_id)
        .where(AllocationRow.payment_id == payment.payment_id)
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    shares = Allocation(
        shares=tuple(
            Share(
                case_id=share.case_id if receivable.has_case else "",
                installment=receivable.installment,
                due_date=receivable.due_date,
                amount=Money(amount=share.amount, currency=payment.currency),
            )
            for share, receivable in await session.exec(query)
        ),
        credit=Money(amount=payment.credit, currency=payment.currency),
    )
    return {
        "payment_id": payment.payment_id,
        "seller_id": payment.seller_id,
        "order_id": payment.order_id,
        "installment": payment.installment,
        "amount": str(Money(amount=payment.amount, currency=payment.currency)),
        "currency": payment.currency,
        "paid_at": payment.paid_at.isoformat(),
        **_allocation_document(shares),
    }


def _allocation_document(allocation: Allocation) -> dict[str, Any]:
    return {
        "allocations": [
            {
                "case_id": share.case_id or None,
                "installment": share.installment,
                "amount": str(share.amount),
            }
            for share in allocation.shares
        ],
        "credit": str(allocation.credit),
    }


async def _chargeback_document(session: AsyncSession, chargeback_id: str) -> dict[str, Any]:
    chargeback = await session.get_one(ChargebackRow, chargeback_id)
    payment = await session.get_one(PaymentRow, chargeback.payment_id)
    query = (
        select(ReversalRow, ReceivableRow)
        .join(ReceivableRow, col(ReceivableRow.case_id) == ReversalRow.case_id)
        .where(ReversalRow.chargeback_id == chargeback_id)
        .order_by(col(ReceivableRow.due_date).desc(), col(ReceivableRow.installment).desc())
    )

    def text(amount: Decimal) -> str:
        return str(Money(amount=amount, currency=payment.currency))

    return {
        "chargeback_id": chargeback_id,
        "payment_id": payment.payment_id,
        "amount": text(chargeback.amount),
        "currency": payment.currency,
        "fee": text(chargeback.fee),
        "occurred_at": chargeback.occurred_at.isoformat(),
        "allocations": [
            {
                "case_id": share.case_id if receivable.has_case else None,
                "installment": receivable.installment,
                "amount": text(share.amount),
            }
            for share, receivable in await session.exec(query)
        ],
        "credit": text(chargeback.credit),
    }


def _same_payment(known: PaymentRow, body: PaymentBody) -> bool:
    return (
        known.seller_id == body.seller_id
        and known.order_id == body.order_id
        and known.installment == body.installment
        and known.amount == body.amount
        and known.currency == body.currency
        and known.paid_at == body.paid_at
    )


def _asked(body: ChargebackBody, payment: PaymentRow) -> dict[str, Any]:
    """A chargeback as it was reported, in one spelling; `Invalid` names all that is wrong."""
    errors: list[FieldError] = []

    def text(field: str, amount: Decimal, *, zero_allowed: bool = False) -> str:
        try:
            return str(exact(amount, payment.currency, zero_allowed=zero_allowed))
        except NotAnAmount as error:
            errors.append(FieldError(field=field, message=str(error)))
            return ""

    asked = {
        "payment_id": payment.payment_id,
        "amount": None if body.amount is None else text("amount", body.amount),
        "fee": text("fee", body.fee or Decimal(0), zero_allowed=True),
        "occurred_at": body.occurred_at.astimezone(UTC).isoformat(),
    }
    if errors:
        raise Invalid(*errors)
    return asked


def _exact(field: str, amount: Decimal, currency: str, *, zero_allowed: bool = False) -> Money:
    try:
        return exact(amount, currency, zero_allowed=zero_allowed)
    except NotAnAmount as error:
        raise wrong(field, str(error)) from error
