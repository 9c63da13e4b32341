"""The mail that the newest bank statement is old: one case sends it for its seller (R20)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import SellerRow


def statement_told(seller: SellerRow) -> bool:
    """Whether the seller was told that its newest statement is old, or a case has taken that on."""
    until, told = seller.statements_until, seller.statements_told
    return until is not None and told is not None and told >= until.isoformat()


async def take_on_statement_mail(
    session: AsyncSession, seller_id: str, day: date, *, case_id: str
) -> bool:
    """Decide whether this case is the one that tells the seller; a retry gets the same answer."""
    mark = f"{day.isoformat()} {case_id}"
    told = col(SellerRow.statements_told)
    await session.exec(
        update(SellerRow)
        .where(col(SellerRow.seller_id) == seller_id, or_(told.is_(None), told < day.isoformat()))
        .values(statements_told=mark)
    )
    query = select(SellerRow.statements_told).where(SellerRow.seller_id == seller_id)
    return (await session.exec(query)).one() == mark
