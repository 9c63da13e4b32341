"""What happens to an order as a whole, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.deeds import Fee
from dunning.stages import ENDS, Stage
from models.casebook import deliver_later
from models.locks import LOCKED
from models.tables import CaseRow, FeeRow, OrderRow, ReceivableRow

ORDER_CANCELED = "order_canceled"


async def order_row(session: AsyncSession, seller_id: str, order_id: str) -> OrderRow | None:
    """An order, locked until the transaction ends."""
    query = (
        select(OrderRow)
        .where(OrderRow.seller_id == seller_id, OrderRow.order_id == order_id)
        .with_for_update(**LOCKED)
    )
    return (await session.exec(query)).one_or_none()


async def cancel_order(
    session: AsyncSession,
    seller_id: str,
    order_id: str,
    *,
    at: datetime,
    but: str | None = None,
    for_claim: bool = False,
) -> list[str]:
    """R29: mark an order canceled, once, and put the word on its way to its other cases.

    The ids of the cases that will hear of it; `but` is the one that cancels it itself,
    `for_claim` if that is because the partner has taken its claim (R11).
    """
    order = await order_row(session, seller_id, order_id)
    if order is None:
        raise LookupError("no such order")
    if order.canceled_at is None:
        order.canceled_at, order.canceled_for_claim = at, for_claim
        session.add(order)
    settled = [stage for stage in ENDS if stage is not Stage.STOPPED]
    cases = await session.exec(
        select(CaseRow.case_id).where(
            CaseRow.seller_id == seller_id,
            CaseRow.order_id == order_id,
            col(CaseRow.stage).not_in(settled),
        )
    )
    others = [case_id for case_id in cases if case_id != but]
    word = {"at": at.isoformat(), "claims_go_on": order.canceled_for_claim}
    for case_id in others:
        deliver_later(session, case_id, ORDER_CANCELED, word, at)
    return others


def can_be_owed(order: OrderRow, case: CaseRow | None) -> bool:
    """Whether anything of a receivable can still be owed.

    Of an order that was canceled for the sake of a claim (R11): what had been handed over, also
    if the partner has given it back since.
    """
    if order.canceled_at is None:
        return True
    if not order.canceled_for_claim or case is None or case.claim_reference is None:
        return False
    return case.stage != Stage.CANCELED


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


async def cases_beside(session: AsyncSession, case_id: str) -> list[str]:
    """The other cases of the order to which a case belongs."""
    case = await session.get_one(CaseRow, case_id)
    query = select(CaseRow.case_id).where(
        CaseRow.seller_id == case.seller_id,
        CaseRow.order_id == case.order_id,
        CaseRow.case_id != case_id,
    )
    return list(await session.exec(query))
