"""Reading the sellers, customers and earlier orders that new orders name, all in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.composite_keys import Pair, named_by
from models.locks import LOCKED, lock_sellers
from models.outbox import CaseRef
from models.seller import SellerProfile, SellerSettings
from models.tables import CustomerRow, OrderRow, SellerRow
from starter.input.schemas import OrderBody
from starter.intake.customers import cases_blocked
from starter.intake.settings_question import may_ask

Document = dict[str, Any]


@dataclass(frozen=True)
class Seller:
    """A seller's row, and the documents in it."""

    row: SellerRow
    profile: SellerProfile
    settings: SellerSettings


@dataclass(frozen=True)
class KnownOrder:
    """An order as it was given, and the answer that its caller got."""

    given: Document
    answer: Document


@dataclass
class KnownRows:
    """The rows that new orders name; each order that is opened adds its own for those after it.

    `blocked` are the cases that wait for their customer's address or e-mail.
    """

    sellers: dict[str, Seller]
    customers: dict[Pair, CustomerRow]
    orders: dict[Pair, KnownOrder]
    blocked: dict[Pair, list[CaseRef]] = field(default_factory=dict)


async def look_up(session: AsyncSession, bodies: Sequence[OrderBody]) -> KnownRows:
    """Read everything that these orders name.

    Locked are the sellers that have not answered yet, then the customers of new orders.
    """
    sellers = await _sellers(session, {body.seller_id for body in bodies})
    named = [body for body in bodies if body.seller_id in sellers]
    orders = await _orders(session, {(body.seller_id, body.order_id) for body in named})
    new = [body for body in named if (body.seller_id, body.order_id) not in orders]
    customers = await _customers(
        session, {(body.seller_id, body.customer.customer_id) for body in new}
    )
    blocked = await cases_blocked(session, customers)
    return KnownRows(sellers, customers, orders, blocked)


async def _sellers(session: AsyncSession, seller_ids: Collection[str]) -> dict[str, Seller]:
    """R21: the sellers, those that have not answered yet locked before anything else.

    A seller that was asked must not answer before these orders are written. One that is still to be
    asked is locked exclusively: two first orders at once would otherwise block each other.
    """
    await lock_sellers(session, seller_ids)
    query = select(SellerRow).order_by(col(SellerRow.seller_id))
    rows = list(await session.exec(query.where(col(SellerRow.seller_id).in_(sorted(seller_ids)))))
    if may_be_asked := [row.seller_id for row in rows if may_ask(row)]:
        locked = query.where(col(SellerRow.seller_id).in_(may_be_asked)).with_for_update(**LOCKED)
        await session.exec(locked.execution_options(populate_existing=True))
    return {
        row.seller_id: Seller(
            row=row,
            profile=SellerProfile.model_validate(row.profile),
            settings=SellerSettings.model_validate(row.settings),
        )
        for row in rows
    }


async def _orders(session: AsyncSession, orders: Collection[Pair]) -> dict[Pair, KnownOrder]:
    if not orders:
        return {}
    query = select(OrderRow.seller_id, OrderRow.order_id, OrderRow.given, OrderRow.answer)
    known = await session.exec(query.where(named_by(OrderRow.seller_id, OrderRow.order_id, orders)))
    return {
        (seller_id, order_id): KnownOrder(given=dict(given), answer=dict(answer))
        for seller_id, order_id, given, answer in known
    }


async def _customers(session: AsyncSession, customers: Collection[Pair]) -> dict[Pair, CustomerRow]:
    """Lock customers in the order of their ids, so that no two transactions block each other."""
    if not customers:
        return {}
    query = (
        select(CustomerRow)
        .where(named_by(CustomerRow.seller_id, CustomerRow.customer_id, customers))
        .order_by(col(CustomerRow.seller_id), col(CustomerRow.customer_id))
        .with_for_update(**LOCKED)
    )
    return {(row.seller_id, row.customer_id): row for row in await session.exec(query)}
