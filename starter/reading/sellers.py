"""Sellers: found, and as the API answers them."""

from __future__ import annotations

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED
from models.seller import SellerSettings
from models.tables import SellerRow
from starter.input.fields import is_id
from starter.refusals import NotFound


async def known_seller(session: AsyncSession, seller_id: str, *, locked: bool = False) -> SellerRow:
    """Return the seller, locked until the transaction ends if wanted.

    Raises `NotFound` if there is none of this id.
    """
    row = None
    if is_id(seller_id):
        # Without a lock one that was read in this transaction is not read again.
        row = await session.get(SellerRow, seller_id, with_for_update=LOCKED if locked else None)
    if row is None:
        raise NotFound("seller")
    return row


def seller_document(row: SellerRow) -> dict[str, Any]:
    settings = SellerSettings.model_validate(row.settings)
    return {"seller_id": row.seller_id, **row.profile, "settings": settings_document(settings)}


def settings_document(settings: SellerSettings) -> dict[str, Any]:
    window = settings.sending_window
    return settings.model_dump(mode="json") | {
        "sending_window": {"from": f"{window.opens:%H:%M}", "to": f"{window.closes:%H:%M}"}
    }
