"""Summaries of debts (R24): who is to get one, its contents, and those that were sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import ForeignKeyConstraint, LargeBinary, func, insert
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.overdue import days_since
from dunning.summaries import FEWEST, LISTED, Rhythm
from models.seller import SellerProfile, SellerSettings
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow
from models.tables.columns import UtcDateTime

_LISTED: Final = sorted(LISTED)


class DebtSummaryRow(SQLModel, table=True):
    """A summary that was sent; its key makes a second one in the period fail.

    `content` is the message as it was sent, compressed with zlib.
    """

    __tablename__ = "debt_summaries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["seller_id", "customer_id"], ["customers.seller_id", "customers.customer_id"]
        ),
    )

    seller_id: str = Field(primary_key=True)
    customer_id: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    message_id: str
    sent_at: datetime = Field(sa_type=UtcDateTime)
    items: int
    content: bytes = Field(sa_type=LargeBinary)


class Overdue(NamedTuple):
    """A receivable past its due date, with its open amount now."""

    customer_id: str
    case_id: str
    order_id: str
    invoice_number: str | None
    parts: int
    installment: int | None
    due_date: date
    open_again_on: date | None
    open_amount: Decimal
    currency: str

    def days(self, today: date) -> int:
        """Return for how many days it has been overdue; 0 if it is not (R7)."""
        return days_since(self.due_date, self.open_again_on, today)

    def without(self, collected: str | None) -> Overdue:
        """Return it without what the partner collected by claims that have ended."""
        return self._replace(open_amount=self.open_amount - Decimal(collected or 0))


def summary_schedule(profile: SellerProfile, settings: SellerSettings) -> str | None:
    """Return when Temporal checks daily for a seller's summaries: `09:00 Europe/Berlin`.

    None if the seller wants no summaries.
    """
    if settings.debt_summary is Rhythm.OFF:
        return None
    return f"{settings.sending_window.opens:%H:%M} {profile.time_zone}"


async def sellers_to_reschedule(session: AsyncSession, *, limit: int) -> Sequence[str]:
    """Return some of the sellers whose Schedule in Temporal is not the one wanted."""
    query = select(SellerRow.seller_id).where(
        col(SellerRow.summary_wanted).is_distinct_from(col(SellerRow.summary_schedule))
    )
    return (await session.exec(query.limit(limit))).all()


async def customers_to_mail(
    session: AsyncSession, seller_id: str, *, period: str, today: date, after: str, limit: int
) -> Sequence[str]:
    """Return customers with several overdue cases who got no summary in a period yet.

    They are ordered by their ids, beginning after the id `after`.
    """
    had = select(DebtSummaryRow.customer_id).where(
        DebtSummaryRow.seller_id == seller_id,
        DebtSummaryRow.customer_id == CaseRow.customer_id,
        DebtSummaryRow.period == period,
    )
    query = (
        select(CaseRow.customer_id)
        .where(
            CaseRow.seller_id == seller_id,
            col(CaseRow.customer_id) > after,
            col(CaseRow.due_date) < today,
            col(CaseRow.stage).in_(_LISTED),
            ~had.exists(),
        )
        .group_by(col(CaseRow.customer_id))
        .having(func.count() >= FEWEST)
        .order_by(col(CaseRow.customer_id))
        .limit(limit)
    )
    return (await session.exec(query)).all()


async def countries_of(session: AsyncSession, seller_id: str) -> set[str | None]:
    """Return the countries of a seller's customers; None for an address without one."""
    country = col(CustomerRow.address)["country"].as_string()
    query = select(country).where(CustomerRow.seller_id == seller_id).distinct()
    return set((await session.exec(query)).all())


async def customers_not_mailed(
    session: AsyncSession, seller_id: str, customer_ids: Collection[str], *, period: str
) -> list[CustomerRow]:
    """Return those of these customers who got no summary in a period yet."""
    had = select(DebtSummaryRow.customer_id).where(
        DebtSummaryRow.seller_id == seller_id,
        col(DebtSummaryRow.customer_id).in_(customer_ids),
        DebtSummaryRow.period == period,
    )
    query = select(CustomerRow).where(
        CustomerRow.seller_id == seller_id,
        col(CustomerRow.customer_id).in_(customer_ids),
        col(CustomerRow.customer_id).not_in(had),
    )
    return list(await session.exec(query.order_by(col(CustomerRow.customer_id))))


async def overdue_of(
    session: AsyncSession, seller_id: str, customer_ids: Collection[str], *, today: date
) -> dict[str, list[Overdue]]:
    """Return what customers owe and should have paid before today, the oldest first (R10)."""
    # By customer: an index on due dates would read everything that is overdue at the seller.
    query = select_columns(
        col(CaseRow.customer_id),
        col(CaseRow.case_id),
        col(CaseRow.order_id),
        col(OrderRow.invoice_number),
        col(OrderRow.parts),
        col(CaseRow.installment),
        col(CaseRow.due_date),
        col(CaseRow.open_again_on),
        col(ReceivableRow.open_amount),
        col(ReceivableRow.currency),
        col(CaseRow.state)["collected_before"]["amount"].as_string(),
    ).where(
        col(CaseRow.case_id) == ReceivableRow.case_id,
        col(CaseRow.seller_id) == OrderRow.seller_id,
        col(CaseRow.order_id) == OrderRow.order_id,
        col(CaseRow.seller_id) == seller_id,
        col(CaseRow.customer_id).in_(customer_ids),
        col(CaseRow.stage).in_(_LISTED),
        col(ReceivableRow.open_amount) > 0,
        col(OrderRow.canceled_at).is_(None),
    )
    connection = await session.connection()
    found: dict[str, list[Overdue]] = {}
    rows = await connection.execute(query)
    for one in sorted((Overdue(*row).without(got) for *row, got in rows), key=_place):
        if one.days(today) > 0 and one.open_amount > 0:
            found.setdefault(one.customer_id, []).append(one)
    return found


def _place(one: Overdue) -> tuple[date, str, int]:
    return one.due_date, one.order_id, one.installment or 0


async def write_down(session: AsyncSession, summary: DebtSummaryRow) -> None:
    connection = await session.connection()
    await connection.execute(insert(DebtSummaryRow), summary.model_dump())
