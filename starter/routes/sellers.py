"""Sellers and their settings."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Response, status

from starter.edge.keys import ForBackends
from starter.input.fields import NO_ID, is_id
from starter.input.schemas import SellerBody
from starter.intake.sellers import profile_of, save_seller
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.reading.sellers import known_seller, seller_document
from starter.refusals import wrong
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
        partial(save_seller, seller_id=seller_id, profile=profile)
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
