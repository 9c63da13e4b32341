"""A seller's profile, checked and written."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from models.debt_summaries import summary_schedule
from models.locks import LOCKED
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from starter.input.schemas import SellerBody
from starter.input.tax_ids import checked_tax_id
from starter.intake.settings_question import new_settings_token


async def save_seller(
    session: AsyncSession, *, seller_id: str, profile: SellerProfile
) -> tuple[SellerRow, bool]:
    """Write a seller's profile; return the row, and whether it is new."""
    row = await session.get(SellerRow, seller_id, with_for_update=LOCKED)
    is_new = row is None
    if row is None:
        settings = SellerSettings().model_dump(mode="json")
        row = SellerRow(seller_id=seller_id, profile={}, settings=settings)
    change_profile(row, profile)
    session.add(row)
    return row, is_new


def change_profile(row: SellerRow, profile: SellerProfile) -> None:
    """Change a seller's profile. With another e-mail address, links sent to the old one end."""
    if row.settings_token is not None and row.profile.get("email") != profile.email:
        row.settings_token = new_settings_token()
    row.profile = profile.model_dump(mode="json")
    row.summary_wanted = summary_schedule(profile, SellerSettings.model_validate(row.settings))


def profile_of(body: SellerBody) -> SellerProfile:
    """Return the profile that a body gives.

    Raises `Invalid` for a tax number that its country does not know.
    """
    country = body.address.country if body.address else None
    tax_id = checked_tax_id(body.tax_id, country, field="tax_id")
    return SellerProfile.model_validate(body.model_dump(exclude_none=True) | {"tax_id": tax_id})
