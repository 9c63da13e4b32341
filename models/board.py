"""What the seller's board shows beside the cases themselves: other orders, totals, what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, String, case, cast, func, null, select, text, type_coerce
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.actions import ActionKind
from dunning.address import Address
from dunning.case.state import DunningCase
from dunning.stages import Stage
from models.joins import of_customer, of_receivable
from models.lists import Filter
from models.tables import NEEDS_SOMEBODY, CaseRow, CustomerRow, ReceivableRow

_SCALE: Final = Decimal(10_000)
_MOST_HELD: Final = 200


class Sort(StrEnum):
    """The orders of a list; the first is that of the API."""

    DUE = "due"
    LAST_DUE = "-due"
    LARGEST = "-open"
    SMALLEST = "open"
    NEXT = "next"
    UPDATED = "-updated"


_ORDERS: Final[dict[Sort, tuple[Any, ...]]] = {
    Sort.DUE: (col(CaseRow.due_date), col(CaseRow.case_id)),
    Sort.LAST_DUE: (col(CaseRow.due_date).desc(), col(CaseRow.case_id).desc()),
    Sort.LARGEST: (col(ReceivableRow.open_amount).desc(), col(CaseRow.case_id)),
    Sort.SMALLEST: (col(ReceivableRow.open_amount), col(CaseRow.case_id)),
    Sort.NEXT: (col(CaseRow.next_at).is_(None), col(CaseRow.next_at), col(CaseRow.case_id)),
    Sort.UPDATED: (col(CaseRow.updated_at).desc(), col(CaseRow.case_id)),
}


class Total(NamedTuple):
    """What of the filtered cases is owed in one currency."""

    currency: str
    cases: int
    open_amount: Decimal


class Coming(NamedTuple):
    """Next steps that are alike: of one kind, on one day, in one currency.

    `day` counts from the first of the days that are looked at; `due_date` matters to an advance
    notice only, and `country` to sellers with business days only.
    """

    day: int
    kind: str
    option: str | None
    due_date: date | None
    currency: str
    is_complete: bool
    country: str | None
    cases: int
    open_amount: Decimal


class Named(NamedTuple):
    """One of the next steps of a day."""

    case_id: str
    kind: str
    currency: str
    open_amount: Decimal


class Held(NamedTuple):
    """A case on hold, with the address of its customer and what it lacks."""

    case: DunningCase
    address: Address | None
    missing: tuple[str, ...]


async def sorted_ids(
    session: AsyncSession, wanted: Filter, sort: Sort, *, limit: int, skip: int
) -> list[str]:
    """The next cases of a list in one of its orders."""
    query = _filtered(wanted, select(col(CaseRow.case_id))).order_by(*_ORDERS[sort])
    connection = await session.connection()
    rows = await connection.execute(query.limit(limit).offset(skip))
    return [row[0] for row in rows]


async def totals(session: AsyncSession, wanted: Filter) -> list[Total]:
    """By currency, never added across them."""
    amount = func.sum(type_coerce(col(ReceivableRow.open_amount), BigInteger))
    currency = col(ReceivableRow.currency)
    query = _filtered(wanted, select(currency, func.count(), amount))
    connection = await session.connection()
    rows = await connection.execute(query.group_by(currency).order_by(currency))
    return [Total(row[0], row[1], Decimal(int(row[2])) / _SCALE) for row in rows]


def _filtered(wanted: Filter, query: Any) -> Any:
    query = query.select_from(CaseRow).join(ReceivableRow, of_receivable())
    if wanted.words:
        query = query.join(CustomerRow, of_customer())
    return query.where(*wanted.conditions())


async def cases_of(session: AsyncSession, case_ids: Collection[str]) -> dict[str, DunningCase]:
    """Cases as the rules see them."""
    connection = await session.connection()
    query = select(col(CaseRow.case_id), col(CaseRow.state))
    rows = await connection.execute(query.where(col(CaseRow.case_id).in_(case_ids)))
    return {row[0]: DunningCase.model_validate(row[1]) for row in rows}


async def count_waiting(session: AsyncSession, seller_id: str) -> int:
    """How many cases wait for their seller."""
    query = select(func.count()).select_from(CaseRow)
    connection = await session.connection()
    found = await connection.execute(query.where(*_waiting(seller_id)))
    return int(found.scalar_one())


async def waiting_ids(session: AsyncSession, seller_id: str, *, limit: int) -> list[str]:
    """The cases that wait for their seller, the one due first at the head."""
    query = select(col(CaseRow.case_id)).where(*_waiting(seller_id))
    ordered = query.order_by(col(CaseRow.due_date), col(CaseRow.case_id))
    connection = await session.connection()
    return [row[0] for row in await connection.execute(ordered.limit(limit))]


def _waiting(seller_id: str) -> tuple[Any, ...]:
    # As text: a database uses the small index only if it sees that nothing else is asked for.
    return (col(CaseRow.seller_id) == seller_id, text(NEEDS_SOMEBODY))


async def coming(
    session: AsyncSession, seller_id: str, *, ends: Sequence[datetime], by_country: bool
) -> list[Coming]:
    """The next steps of a seller's cases, counted by day; `ends` are the moments at which days end.

    What is late belongs to the first day.
    """
    at = col(CaseRow.next_at)
    day = case(*((at < end, number) for number, end in enumerate(ends)), else_=len(ends))
    due_date = case((col(CaseRow.next_kind) == ActionKind.ADVANCE_NOTICE, col(CaseRow.due_date)))
    # Few lack something: they are looked up once, not for each case.
    lacking = select(col(CustomerRow.customer_id)).where(
        col(CustomerRow.seller_id) == seller_id, cast(col(CustomerRow.missing), String) != "[]"
    )
    groups = (
        day,
        col(CaseRow.next_kind),
        col(CaseRow.dunning_option),
        due_date,
        col(ReceivableRow.currency),
        col(CaseRow.customer_id).not_in(lacking),
        col(CustomerRow.address)["country"].as_string() if by_country else null(),
    )
    amount = type_coerce(col(ReceivableRow.open_amount), BigInteger)
    named = [group.label(f"of_{number}") for number, group in enumerate(groups)]
    steps = select(*named, amount.label("amount")).select_from(CaseRow)
    steps = steps.join(ReceivableRow, of_receivable())
    if by_country:
        steps = steps.join(CustomerRow, of_customer())
    is_soon = (col(CaseRow.seller_id) == seller_id, at.is_not(None), at < ends[-1])
    alike = steps.where(*is_soon).subquery()
    names = [alike.c[f"of_{number}"] for number in range(len(groups))]
    query = select(*names, func.count(), func.sum(alike.c.amount).label("open_amount"))
    connection = await session.connection()
    rows: Any = await connection.execute(query.group_by(*names))
    return [
        Coming(*row)._replace(open_amount=Decimal(int(row.open_amount)) / _SCALE) for row in rows
    ]


async def named_between(
    session: AsyncSession, seller_id: str, *, since: datetime | None, until: datetime, limit: int
) -> list[Named]:
    """The first of the next steps between two moments."""
    query = (
        select(
            col(CaseRow.case_id),
            col(CaseRow.next_kind),
            col(ReceivableRow.currency),
            col(ReceivableRow.open_amount),
        )
        .join(ReceivableRow, of_receivable())
        .where(
            col(CaseRow.seller_id) == seller_id,
            col(CaseRow.next_at).is_not(None),
            col(CaseRow.next_at) < until,
            *((col(CaseRow.next_at) >= since,) if since is not None else ()),
        )
        .order_by(col(CaseRow.next_at))
        .limit(limit)
    )
    connection = await session.connection()
    rows: Any = await connection.execute(query)
    return [Named(*row) for row in rows]


async def held_until(session: AsyncSession, seller_id: str, *, last: date) -> list[Held]:
    """The cases whose holds end by themselves until a day; of very many only the first."""
    query = (
        select(col(CaseRow.state), col(CustomerRow.address), col(CustomerRow.missing))
        .join(CustomerRow, of_customer())
        .where(
            col(CaseRow.seller_id) == seller_id,
            col(CaseRow.stage) == Stage.ON_HOLD,
            col(CaseRow.hold_until) < last,
        )
        .order_by(col(CaseRow.hold_until))
        .limit(_MOST_HELD)
    )
    connection = await session.connection()
    return [
        Held(
            DunningCase.model_validate(row[0]),
            Address.model_validate(row[1]) if row[1] else None,
            tuple(row[2]),
        )
        for row in await connection.execute(query)
    ]
