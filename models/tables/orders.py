"""The tables of orders: receivables, and what was paid, came back, or is not asked for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ForeignKeyConstraint,
    Index,
    false,
)
from sqlmodel import Field, SQLModel

from models.tables.columns import ExactAmount, UtcDateTime

Document = dict[str, Any]
# The order of cases in a list.
_PLACE: Final = ("due_date", "case_id")


class OrderRow(SQLModel, table=True):
    """One purchase on account, as it was given; `answer` is what the caller was answered.

    `ordered_on` is the day of the contract, if it is not that of the invoice. `canceled_for_claim`:
    it was canceled because the partner took one of its claims (R11). `cancellation_teller` is the
    case that tells the customer of the cancellation, None if there is nothing to tell (R29).
    `canceled_by` is the person at the seller's who canceled it, `cancel_reason` the reason.
    """

    __tablename__ = "orders"
    __table_args__ = (
        ForeignKeyConstraint(
            ["seller_id", "customer_id"], ["customers.seller_id", "customers.customer_id"]
        ),
    )

    seller_id: str = Field(primary_key=True)
    order_id: str = Field(primary_key=True)
    customer_id: str
    invoice_number: str | None = None
    invoice_date: date
    ordered_on: date | None = None
    currency: str
    total: Decimal = Field(sa_type=ExactAmount)
    cancellation_costs: Decimal = Field(sa_type=ExactAmount)
    subject: str | None = None
    parts: int
    given: Document = Field(sa_type=JSON)
    answer: Document = Field(sa_type=JSON)
    received_at: datetime = Field(sa_type=UtcDateTime)
    canceled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    canceled_for_claim: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    canceled_by: str | None = None
    cancel_reason: str | None = None
    cancellation_teller: str | None = None


class ReceivableRow(SQLModel, table=True):
    """One amount with one due date, and what payments have left of it."""

    __tablename__ = "receivables"
    __table_args__ = (
        ForeignKeyConstraint(["seller_id", "order_id"], ["orders.seller_id", "orders.order_id"]),
        Index("ix_receivables_order", "seller_id", "order_id"),
        Index("ix_receivables_due", *_PLACE, "open_amount", "order_id"),
        Index("ix_receivables_seller_due", "seller_id", *_PLACE, "open_amount", "order_id"),
        Index("ix_receivables_open", "seller_id", "open_amount", "case_id"),
    )

    case_id: str = Field(primary_key=True)
    seller_id: str
    order_id: str
    installment: int | None = None
    due_date: date
    currency: str
    amount: Decimal = Field(sa_type=ExactAmount)
    fees: Decimal = Field(sa_type=ExactAmount)
    paid: Decimal = Field(sa_type=ExactAmount)
    open_amount: Decimal = Field(sa_type=ExactAmount)
    has_case: bool


class FeeRow(SQLModel, table=True):
    """Costs that joined a receivable, each with its ground."""

    __tablename__ = "fees"

    case_id: str = Field(primary_key=True, foreign_key="receivables.case_id")
    key: str = Field(primary_key=True)
    ground: str
    amount: Decimal = Field(sa_type=ExactAmount)


class PaymentRow(SQLModel, table=True):
    """Money that came in for an order; `credit` is the part that went to no receivable.

    `reported_by` is how we know of it. `line_id` is the line of a bank statement that it was booked
    from, `recorded_by` the person who booked it, or recorded it by hand. `taken_back_at`: that was
    a mistake, and since then the payment does not count (R20).
    """

    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(["seller_id", "order_id"], ["orders.seller_id", "orders.order_id"]),
        Index("ix_payments_order", "seller_id", "order_id"),
        Index("ix_payments_line", "line_id"),
    )

    payment_id: str = Field(primary_key=True)
    seller_id: str
    order_id: str
    installment: int | None = None
    currency: str
    amount: Decimal = Field(sa_type=ExactAmount)
    credit: Decimal = Field(sa_type=ExactAmount)
    paid_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    reported_by: str = Field(default="backend", sa_column_kwargs={"server_default": "backend"})
    line_id: str | None = None
    recorded_by: str | None = None
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AllocationRow(SQLModel, table=True):
    """The part of a payment that went to one receivable.

    A payment that is all credit has one row with amount 0, for the case whose history mentions it.
    """

    __tablename__ = "allocations"

    payment_id: str = Field(primary_key=True, foreign_key="payments.payment_id")
    case_id: str = Field(primary_key=True, foreign_key="receivables.case_id")
    amount: Decimal = Field(sa_type=ExactAmount)


class WaiverRow(SQLModel, table=True):
    """A small rest that a payment has left of a receivable, and that is not asked for (R20).

    `ended_at` is when money went back, so that the rest is owed again.
    """

    __tablename__ = "waivers"

    payment_id: str = Field(primary_key=True, foreign_key="payments.payment_id")
    case_id: str = Field(primary_key=True, foreign_key="receivables.case_id")
    amount: Decimal = Field(sa_type=ExactAmount)
    waived_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ChargebackRow(SQLModel, table=True):
    """A payment that went back, all or in part; `credit` is its part of the order's credit."""

    __tablename__ = "chargebacks"

    chargeback_id: str = Field(primary_key=True)
    payment_id: str = Field(foreign_key="payments.payment_id", index=True)
    asked: Document = Field(sa_type=JSON)
    amount: Decimal = Field(sa_type=ExactAmount)
    fee: Decimal = Field(sa_type=ExactAmount)
    credit: Decimal = Field(sa_type=ExactAmount)
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)


class ReversalRow(SQLModel, table=True):
    """The part of a chargeback that reopened one receivable, and the costs that joined it.

    If only credit went back, one row has both as 0, for the case whose history mentions it.
    """

    __tablename__ = "reversals"

    chargeback_id: str = Field(primary_key=True, foreign_key="chargebacks.chargeback_id")
    case_id: str = Field(primary_key=True, foreign_key="receivables.case_id")
    amount: Decimal = Field(sa_type=ExactAmount)
    fee: Decimal = Field(sa_type=ExactAmount)
