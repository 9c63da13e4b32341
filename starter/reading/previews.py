"""A seller's messages before anybody gets them, also with settings not yet saved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response

from adapters.mail import wire_format
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from runtime.turns import TooBusy, Turns
from starter.input.preview_query import PreviewPart, PreviewQuery
from starter.messages.mail_parts import Part, part_of, whole
from starter.messages.sample_messages import KINDS, sample_message
from starter.reading.sellers import known_seller
from starter.refusals import NotFound, Problem
from starter.services import Services

_OF_THE_PROFILE: Final = (
    *("company_name", "phone", "website", "iban", "tax_id", "registration_number"),
    *("legal_notice", "payment_instructions"),
)
_OF_THE_BRAND: Final = ("primary_color", "accent_color", "logo_alignment")


async def preview_of(
    seller_id: str,
    kind: str,
    asked: PreviewQuery,
    services: Services,
    turns: Turns,
    *,
    brand: Mapping[str, Any] | None = None,
) -> Response:
    """Return a sample message, in another look if one is given. Raises `Problem`."""
    async with services.database.reading() as session:
        row = await known_seller(session, seller_id)
    if kind not in KINDS:
        raise NotFound("message")
    try:
        async with turns.turn():
            return await asyncio.to_thread(
                _preview, row, kind, asked, services.clock.now(), brand or {}
            )
    except TooBusy:
        detail = "Too many previews are being written; ask again."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None


def _preview(
    row: SellerRow, kind: str, asked: PreviewQuery, at: datetime, look: Mapping[str, Any]
) -> Response:
    """Write and typeset a sample message. It can take a second, so call it in a thread."""
    profile = SellerProfile.model_validate(row.profile)
    settings = SellerSettings.model_validate(row.settings)
    brand = settings.brand.model_copy(update={**asked.drafted(_OF_THE_BRAND), **look})
    option = asked.dunning_option or settings.dunning_option
    message = sample_message(
        kind,
        profile.model_copy(update=asked.drafted(_OF_THE_PROFILE)),
        settings.model_copy(update={"brand": brand, "dunning_option": option}),
        language=asked.language or profile.language,
        at=at,
    )
    if asked.part is PreviewPart.EML:
        return whole(wire_format(message), name=kind)
    answer = part_of(message, Part(asked.part.value), name=kind)
    if answer is None:
        raise NotFound("part of this message")
    return answer
