"""Changing an order as a whole: canceling it, adding a fee, bringing up its cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.history import EventName
from dunning.movements import Fee
from dunning.stages import WORKFLOW_ENDS_AT, Stage
from models.changes import change_case
from models.locks import LOCKED, lock_orders, lock_orders_of_cases
from models.outbox import Untold, mark_behind
from models.tables import CaseRow, EventRow, FeeRow, OrderRow, ReceivableRow

_AT_ONCE: Final = 20


async def order_row(session: AsyncSession, seller_id: str, order_id: str) -> OrderRow | None:
    """An order, locked with its cases until the transaction ends."""
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
    """R29: mark an order canceled, once; its cases are still to be brought up to that.

    `by_case` is the case that does it (R11), `for_claim` if that is because the partner has taken
    its claim.
    """
    if order.canceled_at is None:
        order.canceled_at, order.canceled_for_claim = at, for_claim
        order.cancellation_told_by = await _who_tells(session, order, by_case)
        session.add(order)
        await session.flush()


async def bring_up_cases(
    session: AsyncSession, order: OrderRow, *, at: datetime, but: str | None = None
) -> list[Untold]:
    """Bring the cases of an order up to its ledger; those whose plan Temporal has to be told.

    The order is locked. `but` is the case that does it, and brings itself up. Of a plan with many
    installments the later ones follow soon, each in a transaction of its own.
    """
    query = (
        select(CaseRow.case_id)
        .where(CaseRow.seller_id == order.seller_id, CaseRow.order_id == order.order_id)
        .order_by(col(CaseRow.due_date), col(CaseRow.installment))
    )
    others = [
        Untold(order.seller_id, case_id) for case_id in await session.exec(query) if case_id != but
    ]
    return await bring_up(session, others, at=at)


async def bring_up(session: AsyncSession, cases: Sequence[Untold], *, at: datetime) -> list[Untold]:
    """Bring cases up to the ledger as it now is; those whose plan Temporal has to be told.

    Many would be locked for long: all but the first follow soon, each in its own transaction.
    """
    at_once, soon = sorted(case.case_id for case in cases[:_AT_ONCE]), cases[_AT_ONCE:]
    await lock_orders_of_cases(session, at_once)
    untold = []
    for case_id in at_once:
        untold += (await change_case(session, case_id, at=at)).untold
    await mark_behind(session, (case.case_id for case in soon))
    return [*untold, *soon]


async def _who_tells(session: AsyncSession, order: OrderRow, by_case: str | None) -> str | None:
    """R29: the case that tells the customer of the cancellation, of those still open the one due
    first; None if nothing is open, or if the customer has had no notice yet."""
    query = (
        select(CaseRow.case_id, CaseRow.stage, CaseRow.state)
        .where(CaseRow.seller_id == order.seller_id, CaseRow.order_id == order.order_id)
        .order_by(col(CaseRow.due_date), col(CaseRow.installment))
    )
    cases = (await session.exec(query)).all()
    still_open = [case_id for case_id, stage, _ in cases if stage not in WORKFLOW_ENDS_AT]
    teller = by_case or next(iter(still_open), None)
    # A notice of another system is known by its step, one that may have left by its sending.
    had_one = any(state.get("steps") or state.get("sending") for _, _, state in cases)
    if teller is None or had_one:
        return teller
    had = select(EventRow.id).where(
        col(EventRow.case_id).in_([case_id for case_id, _, _ in cases]),
        EventRow.event == EventName.NOTICE_SENT,
    )
    return teller if (await session.exec(had.limit(1))).first() is not None else None


def can_be_owed(order: OrderRow, case: CaseRow | None) -> bool:
    """Whether anything of a receivable can still be owed.

    Of an order that was canceled for the sake of a claim (R11): what had been handed over, also
    if the partner has given it back since.
    """
    return may_be_owed(
        is_canceled=order.canceled_at is not None,
        for_claim=order.canceled_for_claim,
        had_claim=case is not None and case.claim_reference is not None,
        stage=case.stage if case else None,
    )


def may_be_owed(*, is_canceled: bool, for_claim: bool, had_claim: bool, stage: str | None) -> bool:
    """The same, by what is stored of an order and a case (`had_claim`: it was handed over)."""
    if not is_canceled:
        return True
    return for_claim and had_claim and stage != Stage.CANCELED


def may_be_paid(*, is_canceled: bool, for_claim: bool, had_claim: bool, stage: str | None) -> bool:
    """R20: what can still be owed, unless the partner got the money."""
    return stage != Stage.RECOVERED and may_be_owed(
        is_canceled=is_canceled, for_claim=for_claim, had_claim=had_claim, stage=stage
    )


async def add_fee(session: AsyncSession, case_id: str, fee: Fee, *, ground: str) -> None:
    """Costs join a receivable, once for their key."""
    key = (case_id, fee.key)
    if await session.get(FeeRow, key) is not None:
        return
    receivable = await session.get_one(ReceivableRow, case_id, with_for_update=LOCKED)
    receivable.fees += fee.amount.amount
    receivable.open_amount += fee.amount.amount
    session.add(receivable)
    session.add(FeeRow(case_id=case_id, key=fee.key, ground=ground, amount=fee.amount.amount))
