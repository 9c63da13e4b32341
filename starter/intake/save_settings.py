"""How a seller wants its money collected: checked, drawn and saved (R21)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import Receive

from models.outbox import CaseRef
from models.seller import SellerProfile, SellerSettings
from starter.input.amounts import amount_of
from starter.input.schemas import SettingsBody
from starter.intake.change_settings import change_settings
from starter.intake.logos import Logos, while_connected
from starter.intake.sellers import change_profile
from starter.reading.sellers import known_seller
from starter.refusals import FieldError, Invalid
from starter.services import Services

_MAY_BE_UNSET: Final = frozenset(
    {
        "payment_term_days",
        "collect_past_from",
        "collect_new_from",
        "waive_below",
        "hold_when_stale_days",
    }
)


async def save_settings(
    services: Services,
    logos: Logos,
    receive: Receive,
    seller_id: str,
    body: SettingsBody,
    *,
    profile: SellerProfile | None = None,
) -> SellerSettings:
    """Save settings, and the profile if one is given; return the settings.

    Raises `Problem`; then nothing is changed.
    """
    given = sorted(body.model_fields_set)
    empty = [name for name in given if name not in _MAY_BE_UNSET and getattr(body, name) is None]
    if empty:
        raise Invalid(*(FieldError(field=name, message="must not be null") for name in empty))
    changes = {name: getattr(body, name) for name in given}
    if body.brand is not None and (logo := body.brand.logo) is not None:
        async with services.database.reading() as session:
            row = await known_seller(session, seller_id)
        kept = SellerSettings.model_validate(row.settings).brand.logo
        drawing = logos.drawn(seller_id, logo, kept=kept)
        drawn = await while_connected(receive, drawing)
        changes["brand"] = body.brand.model_copy(update={"logo": drawn})
    if body.sending_window is not None:
        changes["sending_window"] = body.sending_window.window()
    if "waive_below" in changes:
        changes["waive_below"] = {
            currency: amount_of(f"waive_below.{currency}", amount, currency).amount
            for currency, amount in (body.waive_below or {}).items()
        }
    change = partial(
        _change, seller_id=seller_id, changes=changes, profile=profile, now=services.clock.now()
    )
    settings, unsent = await services.database.in_transaction(change)
    await services.send_plans_soon(unsent)
    await services.renew_schedule(seller_id)
    return settings


async def _change(
    session: AsyncSession,
    *,
    seller_id: str,
    changes: Mapping[str, Any],
    profile: SellerProfile | None,
    now: datetime,
) -> tuple[SellerSettings, list[CaseRef]]:
    row = await known_seller(session, seller_id, locked=True)
    if profile is not None:
        change_profile(row, profile)
    return await change_settings(session, row, changes, now=now)
