"""Locks of rows, which last until their transaction ends, and the order in which they are taken.

Whoever locks several rows locks sellers first, then customers, then orders, then cases, and of each
kind the smaller ids first: so no two transactions wait for each other in a ring. Receivables,
payments and chargebacks belong to their order, messages to their endpoint. The import of a bank
statement locks its seller before anything else, a decision about lines locks these lines first.

SQLite has one writer at a time and locks no rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.composite_keys import Pair, named_by
from models.joins import of_customer, of_order
from models.tables import CaseRow, CustomerRow, OrderRow, SellerRow

# FOR NO KEY UPDATE, as keys never change: other transactions can still write rows that refer to a
# locked one, as an event refers to its case.
LOCKED: Final[dict[str, Any]] = {"key_share": True}
# FOR SHARE, for a reader that decides by a row: the row cannot change meanwhile.
_SHARED: Final[dict[str, Any]] = {"read": True}


async def lock_case(session: AsyncSession, case_id: str) -> None:
    """Lock the order of a case, and with it all its cases; share-lock what decides about them."""
    if _is_sqlite(session):
        return
    of_case = col(CaseRow.case_id) == case_id
    await session.exec(
        select(SellerRow.seller_id)
        .join(CaseRow, col(CaseRow.seller_id) == SellerRow.seller_id)
        .where(of_case, *_UNANSWERED)
        .with_for_update(of=SellerRow, **_SHARED)
    )
    await session.exec(
        select(CustomerRow.customer_id)
        .join(CaseRow, of_customer())
        .where(of_case)
        .with_for_update(of=CustomerRow, **_SHARED)
    )
    await session.exec(
        select(OrderRow.order_id)
        .join(CaseRow, of_order())
        .where(of_case)
        .with_for_update(of=OrderRow, **LOCKED)
    )


async def lock_customer(session: AsyncSession, customer: CustomerRow) -> None:
    """Lock a customer: nothing else is sent to it before this transaction ends (R9)."""
    if _is_sqlite(session):
        return
    await session.exec(
        select(CustomerRow.customer_id)
        .where(
            CustomerRow.seller_id == customer.seller_id,
            CustomerRow.customer_id == customer.customer_id,
        )
        .with_for_update(**LOCKED)
    )


async def lock_sellers(session: AsyncSession, sellers: Collection[str]) -> None:
    """Keep sellers that have not answered yet from answering before this transaction ends."""
    if _is_sqlite(session) or not sellers:
        return
    await session.exec(
        select(SellerRow.seller_id)
        .where(col(SellerRow.seller_id).in_(sellers), *_UNANSWERED)
        .order_by(col(SellerRow.seller_id))
        .with_for_update(**_SHARED)
    )


async def lock_orders(session: AsyncSession, orders: Collection[Pair]) -> None:
    """Lock orders, and with them all their cases; share-lock what decides about these."""
    if _is_sqlite(session) or not orders:
        return
    are_these = named_by(OrderRow.seller_id, OrderRow.order_id, orders)
    await lock_sellers(session, {seller_id for seller_id, _ in orders})
    await session.exec(
        select(CustomerRow.customer_id)
        .join(OrderRow, _of_the_customer())
        .where(are_these)
        .order_by(col(CustomerRow.seller_id), col(CustomerRow.customer_id))
        .with_for_update(of=CustomerRow, **_SHARED)
    )
    await session.exec(
        select(OrderRow.order_id)
        .where(are_these)
        .order_by(col(OrderRow.seller_id), col(OrderRow.order_id))
        .with_for_update(**LOCKED)
    )


async def lock_orders_of_cases(session: AsyncSession, case_ids: Collection[str]) -> None:
    """Lock the orders of cases, as `lock_orders` does.

    A single case is left out: `change_case` locks its order anyhow.
    """
    if _is_sqlite(session) or len(case_ids) < 2:
        return
    query = select(CaseRow.seller_id, CaseRow.order_id).where(col(CaseRow.case_id).in_(case_ids))
    await lock_orders(session, set(await session.exec(query)))


def _of_the_customer() -> Any:
    return (col(CustomerRow.seller_id) == OrderRow.seller_id) & (
        col(CustomerRow.customer_id) == OrderRow.customer_id
    )


# Sellers are locked only until they have answered (R21): their cases wait for that answer. A change
# of `hold_when_stale_days` brings up the waiting cases; any other setting is read again when a
# step's moment comes.
_UNANSWERED: Final = (
    col(SellerRow.settings_asked_at).is_not(None),
    col(SellerRow.settings_answered_at).is_(None),
)


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
