"""Changing a seller's settings in SQL, which may answer the question about them (R21, R23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.actions import ActionKind
from dunning.ladder import DunningOption
from dunning.settings import OptionLocked, answer_until, option_changed_on
from models.debt_summaries import summary_schedule
from models.orders import bring_up_cases
from models.outbox import CaseRef
from models.seller import SellerProfile, SellerSettings
from models.tables import CaseRow, SellerRow
from starter.input.schemas import BrandBody
from starter.intake.statements.waiting_notices import bring_up_waiting
from starter.refusals import Conflict

_ANSWERS: Final = frozenset({"dunning_option", "auto_handoff", "auto_chargeback_handoff"})


async def change_settings(
    session: AsyncSession, row: SellerRow, changes: Mapping[str, Any], *, now: datetime
) -> tuple[SellerSettings, list[CaseRef]]:
    """Change settings; return them, and the cases whose plans Temporal needs.

    Raises `Conflict` with the reason `option_locked`; then nothing is changed.
    """
    profile = SellerProfile.model_validate(row.profile)
    settings = SellerSettings.model_validate(row.settings)
    if "dunning_option" in changes:
        row.option_changed_on = _changed_on(
            row, settings, DunningOption(changes["dunning_option"]), profile, now
        )
    settings = settings.model_copy(update=_merged(settings, changes))
    row.settings = settings.model_dump(mode="json")
    row.summary_wanted = summary_schedule(profile, settings)
    session.add(row)
    unsent: list[CaseRef] = []
    if row.settings_answered_at is None and _ANSWERS & changes.keys():
        unsent = await _answered(session, row, profile, now=now)
    if "hold_when_stale_days" in changes:
        await session.flush()
        unsent += await bring_up_waiting(session, row.seller_id, now=now)
    return settings, unsent


def _merged(settings: SellerSettings, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes; of `brand` only the given fields change."""
    brand = changes.get("brand")
    if not isinstance(brand, BrandBody):
        return dict(changes)
    named = {name: getattr(brand, name) for name in brand.model_fields_set}
    return {**changes, "brand": settings.brand.model_copy(update=named)}


def _changed_on(
    row: SellerRow,
    settings: SellerSettings,
    wanted: DunningOption,
    profile: SellerProfile,
    now: datetime,
) -> date | None:
    try:
        return option_changed_on(
            wanted,
            in_force=settings.dunning_option,
            changed_on=row.option_changed_on,
            today=now.astimezone(profile.zone).date(),
        )
    except OptionLocked as locked:
        detail = "The option can be changed once every 30 days."
        possible_from = locked.possible_from.isoformat()
        raise Conflict("option_locked", detail, possible_from=possible_from) from locked


async def _answered(
    session: AsyncSession, row: SellerRow, profile: SellerProfile, *, now: datetime
) -> list[CaseRef]:
    """Note the answer, and let the cases go on whose handoff waits for it."""
    row.settings_answered_at = now
    await session.flush()
    asked_at = row.settings_asked_at
    if asked_at is None or answer_until(asked_at, profile.time_zone) <= now:
        return []
    query = (
        select(CaseRow.seller_id, CaseRow.case_id)
        .where(CaseRow.seller_id == row.seller_id, CaseRow.next_kind == ActionKind.HANDOFF)
        .order_by(col(CaseRow.next_at))
    )
    unsent = [CaseRef(*case) for case in await session.exec(query)]
    return await bring_up_cases(session, unsent, at=now)
