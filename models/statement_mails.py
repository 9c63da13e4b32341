"""The mail that the newest bank statement is old: one case sends it for its seller (R20)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import SellerRow


def statement_mailed(seller: SellerRow) -> bool:
    """Whether the seller was told that its newest statement is old, or a case has taken that on."""
    until, mailed = seller.statements_until, seller.statement_mail
    return until is not None and mailed is not None and mailed >= until.isoformat()


async def take_on_statement_mail(
    session: AsyncSession, seller_id: str, day: date, *, case_id: str
) -> bool:
    """Decide whether this case is the one that tells the seller; a retry gets the same answer."""
    mark = f"{day.isoformat()} {case_id}"
    mailed = col(SellerRow.statement_mail)
    await session.exec(
        update(SellerRow)
        .where(
            col(SellerRow.seller_id) == seller_id, or_(mailed.is_(None), mailed < day.isoformat())
        )
        .values(statement_mail=mark)
    )
    query = select(SellerRow.statement_mail).where(SellerRow.seller_id == seller_id)
    return (await session.exec(query)).one() == mark
