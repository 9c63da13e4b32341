"""Money that came in for an order and belongs to none of its receivables (R20)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import ChargebackRow, PaymentRow


async def credits_of(
    session: AsyncSession, orders: Collection[tuple[str, str]] | None = None
) -> dict[tuple[str, str], Decimal]:
    """The credit of each order that has any.

    Orders are named by seller and order id; all of them if none is named.
    """
    came = select(PaymentRow.seller_id, PaymentRow.order_id, func.sum(PaymentRow.credit)).group_by(
        PaymentRow.seller_id, PaymentRow.order_id
    )
    back = (
        select(PaymentRow.seller_id, PaymentRow.order_id, func.sum(ChargebackRow.credit))
        .join(PaymentRow, col(PaymentRow.payment_id) == ChargebackRow.payment_id)
        .group_by(PaymentRow.seller_id, PaymentRow.order_id)
    )
    if orders is None:
        came = came.where(PaymentRow.credit > 0)
    else:
        named = tuple_(col(PaymentRow.seller_id), col(PaymentRow.order_id)).in_(orders)
        came, back = came.where(named), back.where(named)
    credits = {(seller, order): amount for seller, order, amount in await session.exec(came)}
    for seller, order, amount in await session.exec(back):
        credits[seller, order] = credits.get((seller, order), Decimal(0)) - amount
    return {order: amount for order, amount in credits.items() if amount}
