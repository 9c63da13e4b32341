"""Changes of a whole order: canceling it, adding a fee, bringing up its cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.history import EventName
from dunning.movements import Fee
from dunning.receivables import ReceivableState
from dunning.stages import WORKFLOW_ENDS_AT
from models.changes import change_case
from models.locks import LOCKED, lock_orders, lock_orders_of_cases
from models.outbox import CaseRef, mark_behind
from models.tables import CaseRow, EventRow, FeeRow, OrderRow, ReceivableRow

_AT_ONCE: Final = 20


async def locked_order(session: AsyncSession, seller_id: str, order_id: str) -> OrderRow | None:
    """Lock an order and, by that, its cases until the transaction ends; None if there is none."""
    await lock_orders(session, [(seller_id, order_id)])
    return await session.get(OrderRow, (seller_id, order_id), populate_existing=True)


async def cancel_order(
    session: AsyncSession,
    order: OrderRow,
    *,
    at: datetime,
    for_claim: bool = False,
    by_case: str | None = None,
) -> None:
    """R29: mark an order canceled, once; the caller has to bring up its cases.

    `by_case` is the case that cancels it (R11), `for_claim` if the reason is that the partner has
    taken its claim.
    """
    if order.canceled_at is None:
        order.canceled_at, order.canceled_for_claim = at, for_claim
        order.cancellation_teller = await _teller_of(session, order, by_case)
        session.add(order)
        await session.flush()


async def bring_up_order(
    session: AsyncSession, order: OrderRow, *, at: datetime, except_case: str | None = None
) -> list[CaseRef]:
    """Bring the cases of a locked order up to its ledger; return those to send to Temporal.

    `except_case` is the case that calls this and brings itself up. If there are many installments,
    the later ones follow soon, each in its own transaction.
    """
    query = (
        select(CaseRow.case_id)
        .where(CaseRow.seller_id == order.seller_id, CaseRow.order_id == order.order_id)
        .order_by(col(CaseRow.due_date), col(CaseRow.installment))
    )
    others = [
        CaseRef(order.seller_id, case_id)
        for case_id in await session.exec(query)
        if case_id != except_case
    ]
    return await bring_up_cases(session, others, at=at)


async def bring_up_cases(
    session: AsyncSession, cases: Sequence[CaseRef], *, at: datetime
) -> list[CaseRef]:
    """Bring cases up to the ledger; return those whose plan has to be sent to Temporal.

    Many cases would be locked for long: all but the first 20 follow soon, each in its own
    transaction.
    """
    at_once, soon = sorted(case.case_id for case in cases[:_AT_ONCE]), cases[_AT_ONCE:]
    await lock_orders_of_cases(session, at_once)
    unsent = []
    for case_id in at_once:
        unsent += (await change_case(session, case_id, at=at)).unsent
    await mark_behind(session, (case.case_id for case in soon))
    return [*unsent, *soon]


async def _teller_of(session: AsyncSession, order: OrderRow, by_case: str | None) -> str | None:
    """R29: return the case that tells the customer of the cancellation.

    It is the open one that is due first, unless a case has canceled the order. None if nothing is
    open, or if the customer has had no notice yet.
    """
    query = (
        select(CaseRow.case_id, CaseRow.stage, CaseRow.state)
        .where(CaseRow.seller_id == order.seller_id, CaseRow.order_id == order.order_id)
        .order_by(col(CaseRow.due_date), col(CaseRow.installment))
    )
    cases = (await session.exec(query)).all()
    still_open = [case_id for case_id, stage, _ in cases if stage not in WORKFLOW_ENDS_AT]
    teller = by_case or next(iter(still_open), None)
    # A notice of another system left a step; one that may have been sent left a `sending`.
    had_one = any(state.get("steps") or state.get("sending") for _, _, state in cases)
    if teller is None or had_one:
        return teller
    had = select(EventRow.id).where(
        col(EventRow.case_id).in_([case_id for case_id, _, _ in cases]),
        EventRow.event == EventName.NOTICE_SENT,
    )
    return teller if (await session.exec(had.limit(1))).first() is not None else None


def receivable_state(order: OrderRow, case: CaseRow | None) -> ReceivableState:
    """Return what decides whether a receivable can be owed or paid; `case` is None without one."""
    return ReceivableState(
        order_canceled=order.canceled_at is not None,
        for_claim=order.canceled_for_claim,
        had_claim=case is not None and case.claim_reference is not None,
        stage=case.stage if case else None,
    )


async def add_fee(session: AsyncSession, case_id: str, fee: Fee, *, ground: str) -> None:
    """Add a fee to a receivable, once for its key."""
    key = (case_id, fee.key)
    if await session.get(FeeRow, key) is not None:
        return
    receivable = await session.get_one(ReceivableRow, case_id, with_for_update=LOCKED)
    receivable.fees += fee.amount.amount
    receivable.open_amount += fee.amount.amount
    session.add(receivable)
    session.add(FeeRow(case_id=case_id, key=fee.key, ground=ground, amount=fee.amount.amount))
