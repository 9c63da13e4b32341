"""Customers: who owes the money, and how to reach them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from fastapi import APIRouter
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.address import Address, missing_fields
from dunning.stages import Stage
from models.lists import searchable
from models.locks import LOCKED, lock_sellers
from models.orders import bring_up
from models.outbox import Untold
from models.pairs import Pair, named_by
from models.snapshot import name_of
from models.tables import CaseRow, CustomerRow
from starter.fields import is_id
from starter.problems import NotFound, wrong
from starter.schemas import CustomerBody, CustomerChange
from starter.services import Provided
from starter.tax_ids import with_checked_tax_id

router = APIRouter(prefix="/v1/customers", tags=["customers"])

_PLAIN: Final = (
    "first_name",
    "last_name",
    "company",
    "email",
    "language",
    "phone",
    "tax_id",
    "registration_number",
)


@router.get("/{seller_id}/{customer_id}")
async def get_customer(seller_id: str, customer_id: str, services: Provided) -> dict[str, Any]:
    async with services.database.reading() as session:
        return customer_document(await _known_customer(session, seller_id, customer_id))


@router.patch("/{seller_id}/{customer_id}")
async def patch_customer(
    seller_id: str, customer_id: str, body: CustomerChange, services: Provided
) -> dict[str, Any]:
    """Change what is given, null clears; what was mended lets blocked cases go on (R14)."""
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
    row, untold = await services.write(change)
    await services.tell_soon(untold)
    return customer_document(row)


async def _change(
    session: AsyncSession,
    *,
    seller_id: str,
    customer_id: str,
    changes: Mapping[str, Any],
    now: datetime,
) -> tuple[CustomerRow, list[Untold]]:
    row = await _known_customer(session, seller_id, customer_id, locked=True)
    if (given := changes.get("address")) is not None:
        changes = {**changes, "address": address_fields(row.address) | given}
    checked = with_checked_tax_id(row, dict(changes), field="tax_id")
    untold = await change_customer(session, row, checked, at=now)
    if not (row.last_name or row.company):
        raise wrong("last_name", "needs a last_name or a company")
    return row, untold


def customer_of_order(known: CustomerRow | None, seller_id: str, body: CustomerBody) -> CustomerRow:
    """The customer of an order, who may be new: the row that the order's fields go into."""
    if known is not None:
        return known
    return CustomerRow(
        seller_id=seller_id, customer_id=body.customer_id, email=body.email, missing=[]
    )


def filled_fields(row: CustomerRow, body: CustomerBody) -> dict[str, Any]:
    """What an order changes: filled fields replace what is known, empty ones never erase."""
    changes = {name: getattr(body, name) for name in _PLAIN if getattr(body, name) is not None}
    if body.address is not None:
        filled = body.address.model_dump(exclude_none=True)
        changes["address"] = address_fields(row.address) | filled
    return changes


def change_fields(row: CustomerRow, changes: Mapping[str, Any]) -> bool:
    """Change a row; whether that may be what a blocked case waits for (R14)."""
    email_before = row.email
    for name, value in changes.items():
        setattr(row, name, value)
    row.search = searchable(row.first_name, row.last_name, row.company)
    row.missing = list(missing_fields(_address_of(row), name=name_of(row)))
    if row.email != email_before:
        row.email_version = (row.email_version or 0) + 1
    return not row.missing or row.email != email_before


async def change_customer(
    session: AsyncSession, row: CustomerRow, changes: Mapping[str, Any], *, at: datetime
) -> list[Untold]:
    """Write changes down, and let the cases go on that have waited for them (R14)."""
    may_help = change_fields(row, changes)
    session.add(row)
    await session.flush()
    if not may_help:
        return []
    waiting = (await cases_blocked(session, [(row.seller_id, row.customer_id)])).values()
    return await bring_up(session, [case for cases in waiting for case in cases], at=at)


async def cases_blocked(
    session: AsyncSession, customers: Collection[Pair]
) -> dict[Pair, list[Untold]]:
    """The cases that wait for something of their customer's, by seller and customer."""
    if not customers:
        return {}
    blocked = await session.exec(
        select(CaseRow.seller_id, CaseRow.customer_id, CaseRow.case_id).where(
            named_by(CaseRow.seller_id, CaseRow.customer_id, customers),
            col(CaseRow.blocked_by).is_not(None),
            col(CaseRow.stage).in_([Stage.BLOCKED, Stage.ON_HOLD]),
        )
    )
    waiting: dict[Pair, list[Untold]] = {}
    for seller_id, customer_id, case_id in blocked:
        case = Untold(seller_id, case_id)
        waiting.setdefault((seller_id, customer_id), []).append(case)
    return waiting


def customer_document(row: CustomerRow) -> dict[str, Any]:
    return {
        "seller_id": row.seller_id,
        "customer_id": row.customer_id,
        **{name: getattr(row, name) for name in _PLAIN},
        "address": address_fields(row.address) if row.address is not None else None,
        "payment_term_days": row.payment_term_days,
    }


def address_fields(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: (given or {}).get(name) for name in Address.model_fields}


def _address_of(row: CustomerRow) -> Address | None:
    return None if row.address is None else Address.model_validate(row.address)


async def _known_customer(
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
