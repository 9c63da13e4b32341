"""Data of the seller's board: sorted lists of cases, totals, and cases that wait for the seller."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, func, select, text, type_coerce
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.state import DunningCase
from models.joins import of_customer, of_receivable
from models.lists import Filter
from models.tables import NEEDS_SOMEBODY, CaseRow, CustomerRow, ReceivableRow

_SCALE: Final = Decimal(10_000)


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
    Sort.UPDATED: (col(CaseRow.updated_at).desc(), col(CaseRow.case_id).desc()),
}
_BY_AMOUNT: Final[dict[Sort, tuple[Any, ...]]] = {
    Sort.LARGEST: (col(ReceivableRow.open_amount).desc(), col(ReceivableRow.case_id).desc()),
    Sort.SMALLEST: (col(ReceivableRow.open_amount), col(ReceivableRow.case_id)),
}


class Total(NamedTuple):
    """The number and open amount of the filtered cases in one currency."""

    currency: str
    cases: int
    open_amount: Decimal


async def sorted_ids(
    session: AsyncSession, wanted: Filter, sort: Sort, *, limit: int, skip: int
) -> list[str]:
    """Return the next cases of a list in one of its orders."""
    if sort is Sort.NEXT:
        return await _next_first(session, wanted, limit=limit, skip=skip)
    if sort in _BY_AMOUNT:
        query = _by_amount(wanted).order_by(*_BY_AMOUNT[sort])
    else:
        query = _cases(wanted).order_by(*_ORDERS[sort])
    return await _some(session, query, limit=limit, skip=skip)


async def _next_first(session: AsyncSession, wanted: Filter, *, limit: int, skip: int) -> list[str]:
    """Return the cases sorted by their next step; those without one come last."""
    is_planned = col(CaseRow.next_at).is_not(None)
    planned = _cases(wanted).where(is_planned).order_by(col(CaseRow.next_at), col(CaseRow.case_id))
    found = await _some(session, planned, limit=limit, skip=skip)
    if len(found) == limit:
        return found
    before = skip + len(found)
    if not found:
        counted = select(func.count()).select_from(_cases(wanted).where(is_planned).subquery())
        connection = await session.connection()
        before = min(skip, int((await connection.execute(counted)).scalar_one()))
    others = _cases(wanted).where(~is_planned).order_by(*_ORDERS[Sort.DUE])
    left = limit - len(found)
    return found + await _some(session, others, limit=left, skip=max(0, skip - before))


def _cases(wanted: Filter) -> Any:
    query = select(col(CaseRow.case_id)).select_from(CaseRow)
    if wanted.has_amounts:
        query = query.join(ReceivableRow, of_receivable())
    return _with_names(wanted, query).where(*wanted.conditions())


def _by_amount(wanted: Filter) -> Any:
    """Select receivables along their index, and check for each whether its case is wanted."""
    case = _with_names(wanted, select(col(CaseRow.case_id)))
    is_wanted = case.where(of_receivable(), *wanted.conditions()).correlate(ReceivableRow).exists()
    query = select(col(ReceivableRow.case_id))
    return query.where(*wanted.of_place(ReceivableRow), *wanted.of_amount(), is_wanted)


async def _some(session: AsyncSession, query: Any, *, limit: int, skip: int) -> list[str]:
    connection = await session.connection()
    return [row[0] for row in await connection.execute(query.limit(limit).offset(skip))]


async def totals(session: AsyncSession, wanted: Filter) -> list[Total]:
    """Return the totals by currency, never added across them."""
    amount = func.sum(type_coerce(col(ReceivableRow.open_amount), BigInteger))
    currency = col(ReceivableRow.currency)
    query = _filtered(wanted, select(currency, func.count(), amount))
    connection = await session.connection()
    rows = await connection.execute(query.group_by(currency).order_by(currency))
    return [Total(row[0], row[1], Decimal(int(row[2])) / _SCALE) for row in rows]


def _filtered(wanted: Filter, query: Any) -> Any:
    query = query.select_from(CaseRow).join(ReceivableRow, of_receivable())
    return _with_names(wanted, query).where(*wanted.conditions())


def _with_names(wanted: Filter, query: Any) -> Any:
    return query.join(CustomerRow, of_customer()) if wanted.words else query


async def cases_of(session: AsyncSession, case_ids: Collection[str]) -> dict[str, DunningCase]:
    """Return cases as the rules see them."""
    connection = await session.connection()
    query = select(col(CaseRow.case_id), col(CaseRow.state))
    rows = await connection.execute(query.where(col(CaseRow.case_id).in_(case_ids)))
    return {row[0]: DunningCase.model_validate(row[1]) for row in rows}


async def count_waiting(session: AsyncSession, seller_id: str) -> int:
    """Return how many cases wait for their seller."""
    query = select(func.count()).select_from(CaseRow)
    connection = await session.connection()
    found = await connection.execute(query.where(*_waiting(seller_id)))
    return int(found.scalar_one())


async def waiting_ids(session: AsyncSession, seller_id: str, *, limit: int) -> list[str]:
    """Return the cases that wait for their seller, the earliest due first."""
    query = select(col(CaseRow.case_id)).where(*_waiting(seller_id))
    ordered = query.order_by(col(CaseRow.due_date), col(CaseRow.case_id))
    connection = await session.connection()
    return [row[0] for row in await connection.execute(ordered.limit(limit))]


def _waiting(seller_id: str) -> tuple[Any, ...]:
    # As text: the database uses the partial index only if it recognizes its condition.
    return (col(CaseRow.seller_id) == seller_id, text(NEEDS_SOMEBODY))
