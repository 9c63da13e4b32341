"""The answer to the question how a seller wants its money collected, by the link of a mail (R21).

Who has the link is the seller: its token opens the settings of that one seller, to read them and
to answer, and no more. It ends 30 days after the question, and when the seller's mail address
changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED
from models.outbox import Untold
from models.tables import SellerRow
from starter.input.fields import is_id
from starter.intake.settings import change_settings
from starter.services import Services

# Old mails are forwarded, and copied, and outlive the people they were for.
_LINK_ENDS_AFTER: Final = timedelta(days=30)


async def seller_of_link(
    session: AsyncSession, token: str, *, now: datetime, locked: bool = False
) -> SellerRow | None:
    """Whose link it is, as long as it opens anything."""
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
    """The seller with the answer; None if the link opens nothing.

    Raises `Conflict` with the reason `option_locked`; then nothing is changed.
    """
    change = partial(_change, token=token, changes=changes, now=services.clock.now())
    changed = await services.write(change)
    if changed is None:
        return None
    seller, waiting = changed
    await services.tell_soon(waiting)
    return seller


async def _change(
    session: AsyncSession, *, token: str, changes: Mapping[str, Any], now: datetime
) -> tuple[SellerRow, list[Untold]] | None:
    seller = await seller_of_link(session, token, now=now, locked=True)
    if seller is None:
        return None
    _, waiting = await change_settings(session, seller, changes, now=now)
    return seller, waiting
