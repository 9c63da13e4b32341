"""The question about a seller's settings, which its first order triggers (R21)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import CursorResult, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import SellerRow

_TOKEN_BYTES: Final = 24


def may_ask(seller: SellerRow) -> bool:
    """Whether a seller has neither been asked nor answered."""
    return seller.settings_asked_at is None and seller.settings_answered_at is None


def new_settings_token() -> str:
    """Return the token of the link to one seller's settings."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


async def ask_once(session: AsyncSession, seller: SellerRow, *, case_id: str, at: datetime) -> None:
    """Have the seller asked, in the name of this case; of several first orders only one does."""
    if not may_ask(seller):
        return
    connection = await session.connection()
    marked: CursorResult[tuple[()]] = await connection.execute(
        update(SellerRow)
        .where(
            col(SellerRow.seller_id) == seller.seller_id,
            col(SellerRow.settings_asked_at).is_(None),
            col(SellerRow.settings_answered_at).is_(None),
        )
        .values(
            settings_asked_at=at,
            settings_asked_for=case_id,
            settings_token=new_settings_token(),
        )
    )
    if marked.rowcount:
        await session.refresh(seller)
