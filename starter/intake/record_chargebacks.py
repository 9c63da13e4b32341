"""Recording chargebacks, each once; a chargeback reopens what the payment had paid (R13)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.ledger import Allocation, undo
from dunning.money import NotAnAmount, checked_money
from models.orders import bring_up_cases, locked_order, receivable_state
from models.outbox import CaseRef, mark_behind
from models.tables import (
    CaseRow,
    ChargebackRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
)
from starter.input.amounts import amount_of
from starter.input.fields import is_id
from starter.input.schemas import ChargebackBody
from starter.intake.batch_writes import Accepted
from starter.intake.payment_shares import end_waivers, what_is_left
from starter.reading.payment_documents import chargeback_document
from starter.refusals import Conflict, FieldError, Invalid, NotFound, wrong


async def record_chargeback(
    session: AsyncSession, payment_id: str, body: ChargebackBody, *, now: datetime
) -> Accepted:
    """Record a chargeback; return the answer, and the cases whose plans Temporal needs.

    The same one again gets the same answer; a different one with the same id is refused.
    """
    payment = await session.get(PaymentRow, payment_id) if is_id(payment_id) else None
    if payment is None:
        raise NotFound("payment")
    asked = _asked(body, payment)
    order = await locked_order(session, payment.seller_id, payment.order_id)
    if order is None:
        raise NotFound("order")
    known = await session.get(ChargebackRow, body.chargeback_id)
    if known is not None and known.asked != asked:
        raise Conflict("different_content", "Another chargeback has this id.")
    unsent: list[CaseRef] = []
    if known is None:
        unsent = await _record(session, payment, order, body, asked, now=now)
    chargeback = await session.get_one(ChargebackRow, body.chargeback_id)
    answer = await chargeback_document(session, chargeback)
    return Accepted(answer=answer, is_new=known is None, unsent=tuple(unsent))


async def _record(
    session: AsyncSession,
    payment: PaymentRow,
    order: OrderRow,
    body: ChargebackBody,
    asked: dict[str, Any],
    *,
    now: datetime,
) -> list[CaseRef]:
    """Undo the allocation of a payment; return the cases whose plans Temporal needs."""
    credit, shares = await what_is_left(session, payment)
    left = sum((share.amount for share in shares), start=credit)
    amount = left if body.amount is None else amount_of("amount", body.amount, payment.currency)
    if not left.is_positive:
        raise wrong("amount", "nothing is left of this payment")
    if left < amount:
        raise wrong("amount", f"only {left} is left of this payment")
    fee = amount_of("fee", body.fee or Decimal(0), payment.currency, zero_allowed=True)
    undone = undo(amount, credit=credit, shares=shares)
    chargeback = ChargebackRow(
        chargeback_id=body.chargeback_id,
        payment_id=payment.payment_id,
        asked=asked,
        amount=amount.amount,
        fee=fee.amount,
        credit=undone.credit.amount,
        occurred_at=body.occurred_at,
        received_at=now,
    )
    session.add(chargeback)
    await session.flush()
    reopened = await _reopen(session, payment, order, chargeback, undone)
    await session.flush()
    cases = [CaseRef(payment.seller_id, case_id) for case_id in reopened]
    await mark_behind(session, reopened)
    return await bring_up_cases(session, cases, at=now)


async def _reopen(
    session: AsyncSession,
    payment: PaymentRow,
    order: OrderRow,
    chargeback: ChargebackRow,
    undone: Allocation,
) -> list[str]:
    """Reopen what went back, the fee with its first part; return the cases concerned."""
    reopened: list[str] = []
    for share in undone.shares:
        row = await session.get_one(ReceivableRow, share.case_id)
        case = await session.get(CaseRow, share.case_id)
        has_costs = share is undone.shares[0] and receivable_state(order, case).can_be_owed
        costs = chargeback.fee if has_costs else Decimal(0)
        row.paid -= share.amount.amount
        row.fees += costs
        row.open_amount += share.amount.amount + costs
        session.add(row)
        await end_waivers(session, row, at=chargeback.received_at)
        session.add(_reversal(chargeback, share.case_id, share.amount.amount, costs))
        if row.has_case:
            reopened.append(row.case_id)
    if not undone.shares and (case_id := await _case_for_history(session, payment)):
        session.add(_reversal(chargeback, case_id, Decimal(0), Decimal(0)))
        reopened.append(case_id)
    return reopened


def _reversal(
    chargeback: ChargebackRow, case_id: str, amount: Decimal, costs: Decimal
) -> ReversalRow:
    return ReversalRow(
        chargeback_id=chargeback.chargeback_id, case_id=case_id, amount=amount, fee=costs
    )


async def _case_for_history(session: AsyncSession, payment: PaymentRow) -> str | None:
    """Return the case whose history mentions credit that went back.

    That is the case of the named installment, else the first.
    """
    rows = await session.exec(
        select(ReceivableRow)
        .where(
            ReceivableRow.seller_id == payment.seller_id,
            ReceivableRow.order_id == payment.order_id,
            col(ReceivableRow.has_case),
        )
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    found = list(rows)
    named = (row for row in found if row.installment == payment.installment)
    row = next(named, found[0] if found else None)
    return row.case_id if row else None


def _asked(body: ChargebackBody, payment: PaymentRow) -> dict[str, Any]:
    """Return a chargeback as reported, in one spelling. Raises `Invalid` with all that is wrong."""
    errors: list[FieldError] = []

    def text(field: str, amount: Decimal, *, zero_allowed: bool = False) -> str:
        try:
            return str(checked_money(amount, payment.currency, zero_allowed=zero_allowed))
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
