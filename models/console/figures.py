"""Figures of a seller in one currency: what is open, what was paid, how cases ended.

Each is one query.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.history import EventName
from dunning.stages import ENDS, Stage
from models.joins import of_receivable
from models.tables import AllocationRow, CaseRow, EventRow, PaymentRow, ReceivableRow

_SCALE: Final = Decimal(10_000)
_SENT: Final = frozenset({Stage.PAID, Stage.RECOVERED, Stage.SETTLED})


async def currencies(session: AsyncSession, seller_id: str) -> list[str]:
    """Return the currencies of a seller's receivables, the most frequent first."""
    query = (
        select(col(ReceivableRow.currency))
        .where(col(ReceivableRow.seller_id) == seller_id)
        .group_by(col(ReceivableRow.currency))
        .order_by(func.count().desc(), col(ReceivableRow.currency))
    )
    connection = await session.connection()
    return [row[0] for row in await connection.execute(query)]


async def open_by_due_date(
    session: AsyncSession, seller_id: str, currency: str
) -> list[tuple[date, Decimal]]:
    """Return what is still owed in running cases, by due date."""
    query = (
        select(col(ReceivableRow.due_date), _sum(ReceivableRow.open_amount))
        .join(CaseRow, of_receivable())
        .where(
            col(ReceivableRow.seller_id) == seller_id,
            col(ReceivableRow.currency) == currency,
            col(ReceivableRow.open_amount) > 0,
            col(CaseRow.stage).not_in(sorted(ENDS)),
        )
        .group_by(col(ReceivableRow.due_date))
    )
    connection = await session.connection()
    return [(row[0], _amount(row[1])) for row in await connection.execute(query)]


async def outcomes(session: AsyncSession, seller_id: str, currency: str) -> dict[str, Decimal]:
    """Return the amounts of ended cases, by their ends."""
    query = (
        select(col(CaseRow.stage), _sum(ReceivableRow.amount))
        .join(ReceivableRow, of_receivable())
        .where(
            col(CaseRow.seller_id) == seller_id,
            col(ReceivableRow.currency) == currency,
            col(CaseRow.stage).in_(sorted(ENDS)),
        )
        .group_by(col(CaseRow.stage))
    )
    connection = await session.connection()
    return {row[0]: _amount(row[1]) for row in await connection.execute(query)}


async def paid_after(
    session: AsyncSession, seller_id: str, currency: str, *, since: datetime
) -> list[tuple[date, datetime, Decimal]]:
    """Return due date, moment and amount of the payments that were received since a moment.

    Payments that were taken back are left out.
    """
    query = (
        select(
            col(ReceivableRow.due_date),
            col(PaymentRow.paid_at),
            type_coerce(col(AllocationRow.amount), BigInteger),
        )
        .join(AllocationRow, col(AllocationRow.payment_id) == PaymentRow.payment_id)
        .join(ReceivableRow, col(ReceivableRow.case_id) == AllocationRow.case_id)
        .where(
            col(PaymentRow.seller_id) == seller_id,
            col(PaymentRow.currency) == currency,
            col(PaymentRow.received_at) >= since,
            col(PaymentRow.taken_back_at).is_(None),
        )
    )
    connection = await session.connection()
    return [(row[0], row[1], _amount(row[2])) for row in await connection.execute(query)]


async def recovered_from(
    session: AsyncSession, seller_id: str, currency: str, *, since: datetime
) -> dict[str, Decimal]:
    """Return the amounts of cases paid since a moment, by the stage before their last payment.

    A case that was paid, reopened and paid again counts once.
    """
    came_from, went_to = (col(EventRow.detail)[name].as_string() for name in ("from", "stage"))
    reached_again = aliased(EventRow)
    last = (
        select(func.max(col(reached_again.id)))
        .where(
            col(reached_again.case_id) == CaseRow.case_id,
            col(reached_again.event) == EventName.STAGE_CHANGED,
            col(reached_again.detail)["stage"].as_string() == col(CaseRow.stage),
        )
        .correlate(CaseRow)
        .scalar_subquery()
    )
    query = (
        select(came_from, _sum(ReceivableRow.amount))
        .select_from(CaseRow)
        .join(ReceivableRow, of_receivable())
        .join(EventRow, col(EventRow.case_id) == CaseRow.case_id)
        .where(
            col(CaseRow.seller_id) == seller_id,
            col(CaseRow.stage).in_(sorted(_SENT)),
            col(ReceivableRow.currency) == currency,
            col(EventRow.event) == EventName.STAGE_CHANGED,
            col(EventRow.at) >= since,
            went_to == col(CaseRow.stage),
            col(EventRow.id) == last,
        )
        .group_by(came_from)
    )
    connection = await session.connection()
    return {row[0]: _amount(row[1]) for row in await connection.execute(query)}


def _sum(column: Any) -> Any:
    return func.sum(type_coerce(col(column), BigInteger))


def _amount(stored: Any) -> Decimal:
    return Decimal(int(stored)) / _SCALE
