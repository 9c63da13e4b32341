"""Customers: the people who owe the money, and how to reach them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from models.tables import CustomerRow
from starter.input.schemas import CustomerChange
from starter.intake.customers import (
    PLAIN_FIELDS,
    address_fields,
    change_known_customer,
    known_customer,
)
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/customers", tags=["customers"])


@router.get("/{seller_id}/{customer_id}")
@described({200: Success(examples.CUSTOMER, documents.CustomerDocument)})
async def get_customer(seller_id: str, customer_id: str, services: ServicesDep) -> dict[str, Any]:
    async with services.database.reading() as session:
        return customer_document(await known_customer(session, seller_id, customer_id))


@router.patch("/{seller_id}/{customer_id}")
@described(
    {200: Success(examples.CUSTOMER, documents.CustomerDocument)}, body=examples.CUSTOMER_BODY
)
async def patch_customer(
    seller_id: str, customer_id: str, body: CustomerChange, services: ServicesDep
) -> dict[str, Any]:
    """Change what is given, null clears; what was mended lets blocked cases go on (R14)."""
    return customer_document(await change_known_customer(services, seller_id, customer_id, body))


def customer_document(row: CustomerRow) -> dict[str, Any]:
    return {
        "seller_id": row.seller_id,
        "customer_id": row.customer_id,
        **{name: getattr(row, name) for name in PLAIN_FIELDS},
        "address": address_fields(row.address) if row.address is not None else None,
        "payment_term_days": row.payment_term_days,
    }
