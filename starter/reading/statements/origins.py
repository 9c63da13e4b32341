"""The origins of payments, and the decisions about lines: who, and from which file (R20, R27)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import (
    LineState,
    PaymentRow,
    StatementDecisionRow,
    StatementEntryRow,
    StatementLineRow,
    StatementRow,
)

_IDS_AT_ONCE: Final = 500


class PaymentOrigin(NamedTuple):
    """The origin of a payment; file and line only if it was booked from a statement."""

    reported_by: str
    recorded_by: str | None
    line_id: str | None
    statement_id: str | None
    filename: str | None
    position: int | None


class Decision(NamedTuple):
    """A decision about a line: `booked`, `aside` or `taken_back`."""

    decision: str
    at: datetime
    by: str
    reason: str | None
    shares: list[dict[str, Any]]


async def origins_of(
    session: AsyncSession, payment_ids: Collection[str]
) -> dict[str, PaymentOrigin]:
    """Return the origins of payments by their ids, including payments that were taken back."""
    query = (
        select(PaymentRow, StatementRow, StatementEntryRow.position)
        .outerjoin(StatementLineRow, col(StatementLineRow.line_id) == PaymentRow.line_id)
        .outerjoin(StatementRow, col(StatementRow.statement_id) == StatementLineRow.statement_id)
        .outerjoin(
            StatementEntryRow,
            (col(StatementEntryRow.statement_id) == StatementLineRow.statement_id)
            & (col(StatementEntryRow.line_id) == StatementLineRow.line_id),
        )
        .where(col(PaymentRow.payment_id).in_(sorted(payment_ids)))
    )
    return {
        payment.payment_id: PaymentOrigin(
            reported_by=payment.reported_by,
            recorded_by=payment.recorded_by,
            line_id=payment.line_id,
            statement_id=statement.statement_id if statement else None,
            filename=statement.filename if statement else None,
            position=position,
        )
        for payment, statement, position in await session.exec(query)
    }


async def last_decisions(session: AsyncSession, line_ids: Collection[str]) -> dict[str, Decision]:
    """Return the last decision about each line, by line id."""
    ids, found = sorted(line_ids), {}
    for at in range(0, len(ids), _IDS_AT_ONCE):
        query = (
            select(StatementDecisionRow)
            .where(col(StatementDecisionRow.line_id).in_(ids[at : at + _IDS_AT_ONCE]))
            .order_by(col(StatementDecisionRow.id))
        )
        for row in await session.exec(query):
            found[row.line_id] = Decision(row.decision, row.at, row.by, row.reason, row.shares)
    return found


async def count_open_lines(session: AsyncSession, seller_id: str) -> int:
    """Count the lines of money that came in and that wait for a decision."""
    query = select(func.count()).where(*_are_open(seller_id))
    return (await session.exec(query)).one()


async def first_open_lines(
    session: AsyncSession, seller_id: str, *, limit: int
) -> list[StatementLineRow]:
    """Return the lines that have waited longest."""
    query = select(StatementLineRow).where(*_are_open(seller_id))
    ordered = query.order_by(col(StatementLineRow.booked_on), col(StatementLineRow.line_id))
    return list(await session.exec(ordered.limit(limit)))


def _are_open(seller_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StatementLineRow.seller_id) == seller_id,
        col(StatementLineRow.state) == LineState.OPEN,
        or_(col(StatementLineRow.amount) > 0, col(StatementLineRow.is_return)),
    )
