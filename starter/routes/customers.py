"""Customers: the people who owe the money, and how to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED, lock_sellers
from models.outbox import CaseRef
from models.tables import CustomerRow
from starter.input.fields import is_id
from starter.input.schemas import CustomerChange
from starter.input.tax_ids import with_checked_tax_id
from starter.intake.customers import PLAIN_FIELDS, address_fields, change_customer
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.refusals import NotFound, wrong
from starter.services import Services, ServicesDep

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


async def change_known_customer(
    services: Services, seller_id: str, customer_id: str, body: CustomerChange
) -> CustomerRow:
    """Change a customer and return it. Raises `Problem`; then nothing is changed."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "email" in changes and changes["email"] is None:
        raise wrong("email", "must not be null")
    if body.address is not None:
        changes["address"] = body.address.model_dump(exclude_unset=True)
    change = partial(
        _change,
        seller_id=seller_id,
        customer_id=customer_id,
        changes=changes,
        now=services.clock.now(),
    )
    row, untold = await services.database.in_transaction(change)
    await services.tell_soon(untold)
    return row


async def _change(
    session: AsyncSession,
    *,
    seller_id: str,
    customer_id: str,
    changes: Mapping[str, Any],
    now: datetime,
) -> tuple[CustomerRow, list[CaseRef]]:
    row = await known_customer(session, seller_id, customer_id, locked=True)
    if (given := changes.get("address")) is not None:
        changes = {**changes, "address": address_fields(row.address) | given}
    checked = with_checked_tax_id(row, dict(changes), field="tax_id")
    untold = await change_customer(session, row, checked, at=now)
    if not (row.last_name or row.company):
        raise wrong("last_name", "needs a last_name or a company")
    return row, untold


def customer_document(row: CustomerRow) -> dict[str, Any]:
    return {
        "seller_id": row.seller_id,
        "customer_id": row.customer_id,
        **{name: getattr(row, name) for name in PLAIN_FIELDS},
        "address": address_fields(row.address) if row.address is not None else None,
        "payment_term_days": row.payment_term_days,
    }


async def known_customer(
    session: AsyncSession, seller_id: str, customer_id: str, *, locked: bool = False
) -> CustomerRow:
    row = None
    if is_id(seller_id) and is_id(customer_id):
        key = (seller_id, customer_id)
        if locked:
            await lock_sellers(session, [seller_id])
        row = await session.get(CustomerRow, key, with_for_update=LOCKED if locked else None)
    if row is None:
        raise NotFound("customer")
    return row
