"""Previews of a seller's messages, also with settings that are not saved yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from starter.dependencies import PreviewTurnsDep
from starter.input.preview_query import PreviewQuery
from starter.messages.sample_messages import KINDS
from starter.openapi import examples
from starter.openapi.described import Success, described
from starter.reading.previews import preview_of
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/sellers", tags=["sellers"])

Kind = Annotated[str, Path(description=", ".join(KINDS), examples=["payment_reminder"])]


@router.get("/{seller_id}/preview/{kind}", response_class=Response)
@described({200: Success(examples.PREVIEW, media_type="text/html", also=examples.OTHER_PARTS)})
async def get_preview(
    seller_id: str,
    kind: Kind,
    asked: Annotated[PreviewQuery, Query()],
    services: ServicesDep,
    turns: PreviewTurnsDep,
) -> Response:
    """Any message with sample data, as the seller's customers or the seller would get it."""
    return await preview_of(seller_id, kind, asked, services, turns)
