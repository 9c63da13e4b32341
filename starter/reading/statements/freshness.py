"""The age of a seller's newest bank statement, and the notices that go out meanwhile (R20)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.notices import NoticeKind
from dunning.statements.age import is_old, stale_from
from models.seller import SellerProfile, SellerSettings
from models.tables import NEEDS_STATEMENT, CaseRow, SellerRow

_NOTICES: Final = frozenset(NoticeKind)
_AHEAD: Final = timedelta(days=7)
# As text: a database uses the partial index only if the condition is literally the same.
_WAITS_FOR_STATEMENT: Final = text(NEEDS_STATEMENT)


class Freshness(NamedTuple):
    """The figures about a seller's bank statements that the console shows.

    `covers_until` is the newest day that a statement covers, and `age_days` how many days ago that
    is for the seller; None if none was imported. `going_out` counts the notices planned for the
    next seven days, `waiting` those that wait for a newer statement. `is_old`: the seller gets a
    mail about it. `holds_from`: the moment from which notices wait.
    """

    covers_until: date | None
    age_days: int | None
    is_old: bool
    going_out: int
    waiting: int
    holds_from: datetime | None


async def freshness(session: AsyncSession, seller: SellerRow, *, now: datetime) -> Freshness:
    """Return these figures at a moment."""
    profile = SellerProfile.model_validate(seller.profile)
    settings = SellerSettings.model_validate(seller.settings)
    until, today = seller.statements_until, now.astimezone(profile.zone).date()
    planned = select(func.count()).where(
        col(CaseRow.seller_id) == seller.seller_id,
        col(CaseRow.next_kind).in_(_NOTICES),
        col(CaseRow.next_at) <= now + _AHEAD,
    )
    holds_from = stale_from(until, days=settings.hold_when_stale_days, time_zone=profile.time_zone)
    return Freshness(
        covers_until=until,
        age_days=(today - until).days if until else None,
        is_old=until is not None and is_old(until, today=today),
        going_out=(await session.exec(planned)).one(),
        waiting=await _waiting(session, seller.seller_id) if holds_from else 0,
        holds_from=holds_from,
    )


async def _waiting(session: AsyncSession, seller_id: str) -> int:
    query = select(func.count()).where(col(CaseRow.seller_id) == seller_id, _WAITS_FOR_STATEMENT)
    return (await session.exec(query)).one()
