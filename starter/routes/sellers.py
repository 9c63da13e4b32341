"""Sellers and their settings."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Response, status
from sqlmodel.ext.asyncio.session import AsyncSession

from models.debt_summaries import summary_schedule
from models.locks import LOCKED
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from starter.edge.keys import ForBackends
from starter.input.fields import NO_ID, is_id
from starter.input.schemas import SellerBody
from starter.input.tax_ids import checked_tax_id
from starter.intake.settings_question import new_settings_token
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.refusals import NotFound, wrong
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/sellers", tags=["sellers"])


@router.put("/{seller_id}", dependencies=[ForBackends])
@described(
    dict.fromkeys((201, 200), Success(examples.SELLER, documents.SellerDocument)),
    body=examples.SELLER_BODY,
)
async def put_seller(
    seller_id: str, body: SellerBody, services: ServicesDep, response: Response
) -> dict[str, Any]:
    """Create a seller (201), or replace what is known of it (200); its settings stay."""
    if not is_id(seller_id):
        raise wrong("seller_id", NO_ID)
    profile = profile_of(body)
    row, is_new = await services.database.in_transaction(
        partial(_save_seller, seller_id=seller_id, profile=profile)
    )
    await services.renew_schedule(seller_id)
    if is_new:
        response.status_code = status.HTTP_201_CREATED
    return seller_document(row)


@router.get("/{seller_id}")
@described({200: Success(examples.SELLER, documents.SellerDocument)})
async def get_seller(seller_id: str, services: ServicesDep) -> dict[str, Any]:
    async with services.database.reading() as session:
        return seller_document(await known_seller(session, seller_id))


async def _save_seller(
    session: AsyncSession, *, seller_id: str, profile: SellerProfile
) -> tuple[SellerRow, bool]:
    """Create or replace a seller; return the row, and whether it is new."""
    row = await session.get(SellerRow, seller_id, with_for_update=LOCKED)
    is_new = row is None
    if row is None:
        settings = SellerSettings().model_dump(mode="json")
        row = SellerRow(seller_id=seller_id, profile={}, settings=settings)
    change_profile(row, profile)
    session.add(row)
    return row, is_new


def change_profile(row: SellerRow, profile: SellerProfile) -> None:
    """Replace a seller's profile; with another e-mail address the links sent to the old one end."""
    if row.settings_token is not None and row.profile.get("email") != profile.email:
        row.settings_token = new_settings_token()
    row.profile = profile.model_dump(mode="json")
    row.summary_wanted = summary_schedule(profile, SellerSettings.model_validate(row.settings))


def profile_of(body: SellerBody) -> SellerProfile:
    """Return the profile. Raises `Invalid` for a tax number that cannot be one of its country."""
    country = body.address.country if body.address else None
    tax_id = checked_tax_id(body.tax_id, country, field="tax_id")
    return SellerProfile.model_validate(body.model_dump(exclude_none=True) | {"tax_id": tax_id})


async def known_seller(session: AsyncSession, seller_id: str, *, locked: bool = False) -> SellerRow:
    """Return the seller, if wanted locked until the transaction ends. Raises `NotFound`."""
    row = None
    if is_id(seller_id):
        # Without a lock a row that this transaction has read is not read again.
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
