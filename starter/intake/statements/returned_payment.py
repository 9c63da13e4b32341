"""Finding the payment that a return undoes (R13, R20)."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import PaymentRow, SellerRow, StatementLineRow
from starter.intake.payment_shares import what_is_left
from starter.reading.statements.matches import matches_of_line


class Returned(Protocol):
    """The part of a return that belongs to one order."""

    @property
    def order_id(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...


async def payment_to_undo(
    session: AsyncSession, seller: SellerRow, row: StatementLineRow, share: Returned
) -> PaymentRow | None:
    """Return the likeliest payment of the order of which enough is left; None if there is none.

    The one that is offered for the line comes first, then one of exactly this amount, then the
    newest.
    """
    match = (await matches_of_line(session, seller, row)).matches.get(row.line_id)
    offered = [
        one.payment_id
        for one in (match.candidates if match else ())
        if one.payment_id and one.shares[0].order_id == share.order_id
    ]
    query = (
        select(PaymentRow)
        .where(
            PaymentRow.seller_id == seller.seller_id,
            PaymentRow.order_id == share.order_id,
            PaymentRow.currency == row.currency,
            col(PaymentRow.taken_back_at).is_(None),
        )
        .order_by(col(PaymentRow.paid_at).desc(), col(PaymentRow.payment_id))
    )
    payments = sorted(
        await session.exec(query),
        key=lambda one: (
            offered.index(one.payment_id) if one.payment_id in offered else len(offered),
            one.amount != share.amount,
        ),
    )
    for payment in payments:
        credit, shares = await what_is_left(session, payment)
        left = sum((part.amount for part in shares), start=credit)
        if left.amount >= share.amount:
            return payment
    return None
