"""The seller's answer, by the link of a mail, to the question how to collect its money (R21).

The link needs no sign-in: its token lets its holder read this one seller's settings and answer, and
no more. It ends 30 days after the question, and when the seller's mail address changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED
from models.outbox import CaseRef
from models.tables import SellerRow
from starter.input.fields import is_id
from starter.intake.change_settings import change_settings
from starter.services import Services

# Old mails are forwarded and copied, and may reach people for whom they were not meant.
_LINK_ENDS_AFTER: Final = timedelta(days=30)


async def seller_of_link(
    session: AsyncSession, token: str, *, now: datetime, locked: bool = False
) -> SellerRow | None:
    """Return the seller of a link; None if the link is unknown or has ended."""
    if not is_id(token):
        return None
    query = select(SellerRow).where(SellerRow.settings_token == token)
    found = await session.exec(query.with_for_update(**LOCKED) if locked else query)
    seller = found.one_or_none()
    if seller is None or seller.settings_asked_at is None:
        return None
    return seller if now < seller.settings_asked_at + _LINK_ENDS_AFTER else None


async def answer_by_link(
    services: Services, token: str, changes: Mapping[str, Any]
) -> SellerRow | None:
    """Save the answer; return the seller, or None if the link is unknown or has ended.

    Raises `Conflict` with the reason `option_locked`; then nothing is changed.
    """
    change = partial(_change, token=token, changes=changes, now=services.clock.now())
    changed = await services.database.in_transaction(change)
    if changed is None:
        return None
    seller, unsent = changed
    await services.send_plans_soon(unsent)
    return seller


async def _change(
    session: AsyncSession, *, token: str, changes: Mapping[str, Any], now: datetime
) -> tuple[SellerRow, list[CaseRef]] | None:
    seller = await seller_of_link(session, token, now=now, locked=True)
    if seller is None:
        return None
    _, unsent = await change_settings(session, seller, changes, now=now)
    return seller, unsent
