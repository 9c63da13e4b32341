"""Changing a seller's settings, which may answer the question about them (R21)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from starter.dependencies import LogosDep
from starter.input.schemas import SettingsBody
from starter.intake.save_settings import save_settings
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.reading.sellers import settings_document
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/sellers", tags=["sellers"])


@router.patch("/{seller_id}/settings")
@described(
    {200: Success(examples.SETTINGS, documents.SettingsDocument)},
    body=examples.SETTINGS_BODY,
    conflicts=("option_locked",),
)
async def patch_settings(
    seller_id: str, body: SettingsBody, services: ServicesDep, logos: LogosDep, request: Request
) -> dict[str, Any]:
    """Change some of the settings; what running cases take from it, they take by themselves."""
    settings = await save_settings(services, logos, request.receive, seller_id, body)
    return settings_document(settings)
