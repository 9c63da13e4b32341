"""Writing customers as orders and changes give them; cases blocked by their data go on (R14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.addresses.address import Address, missing_fields
from dunning.stages import Stage
from models.composite_keys import Pair, named_by
from models.customers import country_of, name_of
from models.lists import searchable
from models.locks import LOCKED, lock_sellers
from models.orders import bring_up_cases
from models.outbox import CaseRef
from models.tables import CaseRow, CustomerRow
from starter.input.fields import is_id
from starter.input.schemas import CustomerBody, CustomerChange
from starter.input.tax_ids import with_checked_tax_id
from starter.refusals import NotFound, wrong
from starter.services import Services

PLAIN_FIELDS: Final = (
    "first_name",
    "last_name",
    "company",
    "email",
    "language",
    "phone",
    "tax_id",
    "registration_number",
)


def customer_of_order(known: CustomerRow | None, seller_id: str, body: CustomerBody) -> CustomerRow:
    """Return the row for an order's customer: the known one, or a new one for the order's data."""
    if known is not None:
        return known
    return CustomerRow(
        seller_id=seller_id, customer_id=body.customer_id, email=body.email, missing=[]
    )


def filled_fields(row: CustomerRow, body: CustomerBody) -> dict[str, Any]:
    """Return what an order changes: its filled fields replace known ones, its empty ones do not."""
    changes = {
        name: getattr(body, name) for name in PLAIN_FIELDS if getattr(body, name) is not None
    }
    if body.address is not None:
        filled = body.address.model_dump(exclude_none=True)
        changes["address"] = address_fields(row.address) | filled
    return changes


def change_fields(row: CustomerRow, changes: Mapping[str, Any]) -> bool:
    """Change a row; return whether blocked cases may go on with that (R14)."""
    email_before = row.email
    for name, value in changes.items():
        setattr(row, name, value)
    row.search = searchable(row.first_name, row.last_name, row.company)
    row.missing = list(missing_fields(_address_of(row), name=name_of(row)))
    if not row.missing:
        row.address_mail = None
    row.country, row.is_incomplete = country_of(row), bool(row.missing)
    if row.email != email_before:
        row.email_version = (row.email_version or 0) + 1
    return not row.missing or row.email != email_before


async def change_customer(
    session: AsyncSession, row: CustomerRow, changes: Mapping[str, Any], *, at: datetime
) -> list[CaseRef]:
    """Write changes of a customer, and let the cases go on that were blocked by its data (R14)."""
    may_help = change_fields(row, changes)
    session.add(row)
    await session.flush()
    if not may_help:
        return []
    waiting = (await cases_blocked(session, [(row.seller_id, row.customer_id)])).values()
    return await bring_up_cases(session, [case for cases in waiting for case in cases], at=at)


async def cases_blocked(
    session: AsyncSession, customers: Collection[Pair]
) -> dict[Pair, list[CaseRef]]:
    """Return the cases that are blocked by their customer's data, by seller and customer."""
    if not customers:
        return {}
    blocked = await session.exec(
        select(CaseRow.seller_id, CaseRow.customer_id, CaseRow.case_id).where(
            named_by(CaseRow.seller_id, CaseRow.customer_id, customers),
            col(CaseRow.blocked_by).is_not(None),
            col(CaseRow.stage).in_([Stage.BLOCKED, Stage.ON_HOLD]),
        )
    )
    waiting: dict[Pair, list[CaseRef]] = {}
    for seller_id, customer_id, case_id in blocked:
        case = CaseRef(seller_id, case_id)
        waiting.setdefault((seller_id, customer_id), []).append(case)
    return waiting


def address_fields(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: (given or {}).get(name) for name in Address.model_fields}


def _address_of(row: CustomerRow) -> Address | None:
    return None if row.address is None else Address.model_validate(row.address)


async def change_known_customer(
    services: Services, seller_id: str, customer_id: str, body: CustomerChange
) -> CustomerRow:
    """Change a customer; return it afterwards. Raises `Problem`; then nothing is changed."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "email" in changes and changes["email"] is None:
        raise wrong("email", "must not be null")
    if body.address is not None:
        changes["address"] = body.address.model_dump(exclude_unset=True)
    change = partial(
        _change_known,
        seller_id=seller_id,
        customer_id=customer_id,
        changes=changes,
        now=services.clock.now(),
    )
    row, unsent = await services.database.in_transaction(change)
    await services.send_plans_soon(unsent)
    return row


async def _change_known(
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
    unsent = await change_customer(session, row, checked, at=now)
    if not (row.last_name or row.company):
        raise wrong("last_name", "needs a last_name or a company")
    return row, unsent


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
