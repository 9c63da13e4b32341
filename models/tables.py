"""The tables: facts that the API writes, and the cases that follow from them.

Facts: sellers, customers, orders, receivables, payments, chargebacks.
Cases: cases, events, messages, claims.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from models.columns import ExactAmount, UtcDateTime

Document = dict[str, Any]
# The order of cases in a list.
_PLACE: Final = ("due_date", "case_id")
# The next step that a case takes by itself, and the money that it owes.
_AHEAD: Final = ("ahead_on", "ahead_kind", "dunning_option", "currency", "owed")
# Cases whose plan Temporal does not have, or that are behind.
UNTOLD: Final = "told_version < version OR is_behind"
# Cases that wait for their seller.
NEEDS_SOMEBODY: Final = "stage IN ('awaiting_approval', 'blocked')"
# Cases that wait for a newer bank statement.
NEEDS_STATEMENT: Final = "waits_for_statement"


class SellerRow(SQLModel, table=True):
    """A merchant: `profile` and `settings` are documents, checked where they come in.

    R21: `settings_asked_at` is when the seller was asked for its settings, `settings_asked_for` in
    the name of which case, `settings_question_told` whether Temporal has got the question,
    `settings_answered_at` when the seller answered. `settings_token` opens the page that the mail
    links to. `option_changed_on` is a day in the seller's time zone.
    R20: `statements_until` is the last day that a bank statement covers. `statements_told` is the
    day of the statement about which the seller was last told that it is old, and the case that told
    it.
    R24: `summary_wanted` is when Temporal is to look for summaries, `summary_schedule` what it has
    got.
    """

    __tablename__ = "sellers"

    seller_id: str = Field(primary_key=True)
    profile: Document = Field(sa_type=JSON)
    settings: Document = Field(sa_type=JSON)
    settings_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settings_asked_for: str | None = None
    settings_question_told: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )
    settings_answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settings_token: str | None = Field(default=None, index=True, unique=True)
    option_changed_on: date | None = None
    summary_wanted: str | None = None
    summary_schedule: str | None = None
    statements_until: date | None = None
    statements_told: str | None = None


class CustomerRow(SQLModel, table=True):
    """A buyer; `missing` are the parts without which a letter would not arrive (R14).

    `country` and `is_incomplete` repeat parts of `address` and `missing`, for counting customers.
    `email_version` counts the changes of the e-mail address. `address_told` is the last mail that
    told the seller that the address is incomplete. `search` is the name in the form for searching:
    first name, last name, company.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_search", "seller_id", "customer_id", "search"),
        Index("ix_customers_country", "seller_id", "country", "is_incomplete", "customer_id"),
    )

    seller_id: str = Field(primary_key=True, foreign_key="sellers.seller_id")
    customer_id: str = Field(primary_key=True)
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str
    language: str | None = None
    phone: str | None = None
    tax_id: str | None = None
    registration_number: str | None = None
    address: Document | None = Field(default=None, sa_type=JSON)
    payment_term_days: int | None = None
    missing: list[str] = Field(sa_type=JSON)
    search: str = Field(default="", sa_column_kwargs={"server_default": ""})
    email_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    address_told: Document | None = Field(default=None, sa_type=JSON)
    country: str | None = None
    is_incomplete: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class OrderRow(SQLModel, table=True):
    """One purchase on account, as it was given; `answer` is what the caller was answered.

    `ordered_on` is the day of the contract, if it is not that of the invoice. `canceled_for_claim`:
    it was canceled because the partner took one of its claims (R11). `cancellation_told_by` is the
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
    cancellation_told_by: str | None = None


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


class CaseRow(SQLModel, table=True):
    """A case: `state` is all of it, the other columns are for reading.

    `models/changes.py` writes it; the one exception is named there. `version` counts the changes.
    `plan` is what Temporal has to know, `told_version` the version that it has got, 0 for none.
    `is_behind`: the ledger, the seller or the customer has changed since the case was brought up.
    `wakes_at` is when the case next acts. `open_again_on` is the day on which money went back, so
    that a paid receivable is open again and overdue from then on. `waits_for_statement`: a step is
    due and waits for a newer bank statement (R20). `ahead_on` and `ahead_kind` are day and kind of
    the first step that comes by itself, even if a hold has to end first. `owed` is the amount owed
    as the case knows it.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_order", "seller_id", "order_id"),
        Index("ix_cases_wakes", "wakes_at"),
        Index(
            "ix_cases_untold",
            "seller_id",
            "updated_at",
            sqlite_where=text(UNTOLD),
            postgresql_where=text(UNTOLD),
        ),
        # Lists are read along these; they contain the columns that lists are filtered by.
        Index("ix_cases_due", *_PLACE, "stage", "order_id", "seller_id", "customer_id"),
        Index("ix_cases_seller_due", "seller_id", *_PLACE, "stage", "order_id", "customer_id"),
        Index("ix_cases_customer", "seller_id", "customer_id", *_PLACE, "stage", *_AHEAD),
        Index("ix_cases_next", "seller_id", "next_at", "case_id", "next_kind"),
        Index("ix_cases_updated", "seller_id", "updated_at", "case_id"),
        # Upcoming steps are counted along this, without reading the cases themselves.
        Index("ix_cases_ahead", "seller_id", *_AHEAD, *_PLACE),
        Index(
            "ix_cases_needs",
            "seller_id",
            *_PLACE,
            sqlite_where=text(NEEDS_SOMEBODY),
            postgresql_where=text(NEEDS_SOMEBODY),
        ),
        Index(
            "ix_cases_statement",
            "seller_id",
            *_PLACE,
            sqlite_where=text(NEEDS_STATEMENT),
            postgresql_where=text(NEEDS_STATEMENT),
        ),
    )

    case_id: str = Field(primary_key=True, foreign_key="receivables.case_id")
    seller_id: str
    order_id: str
    customer_id: str
    installment: int | None = None
    due_date: date
    stage: str
    blocked_by: str | None = None
    dunning_option: str | None = None
    hold_since: date | None = None
    hold_until: date | None = None
    hold_reason: str | None = None
    claim_reference: str | None = None
    handed_over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    actions: list[str] = Field(sa_type=JSON)
    escalate_from: date | None = None
    open_again_on: date | None = None
    next_kind: str | None = None
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wakes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    state: Document = Field(sa_type=JSON)
    version: int
    plan: Document = Field(sa_type=JSON)
    told_version: int = 0
    is_behind: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    waits_for_statement: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    ahead_on: date | None = None
    ahead_kind: str | None = None
    currency: str = Field(default="", sa_column_kwargs={"server_default": ""})
    owed: Decimal = Field(
        default=Decimal(0), sa_type=ExactAmount, sa_column_kwargs={"server_default": "0"}
    )


class EventRow(SQLModel, table=True):
    """One thing that happened to a case, written once for its key.

    Only an attempt without an answer is corrected later (R16).
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("case_id", "key", name="uq_events_key"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(foreign_key="cases.case_id")
    key: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    event: str
    detail: Document = Field(sa_type=JSON)


class MessageRow(SQLModel, table=True):
    """A notice that was sent, or may have been; it is written before it is sent, once for its key.

    `content` is the message as it was sent, compressed with zlib.
    """

    __tablename__ = "messages"

    key: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.case_id", index=True)
    kind: str
    message_id: str
    sent_at: datetime = Field(sa_type=UtcDateTime)
    currency: str
    open_amount: Decimal = Field(sa_type=ExactAmount)
    content: bytes | None = Field(default=None, sa_type=LargeBinary)


class ClaimRow(SQLModel, table=True):
    """A receivable at the collection partner, by our reference, or one that it refused.

    `partner_id` is None if the claim was refused at once. `reason` is the partner's wording,
    `collected` what the debtor has paid to the partner.
    """

    __tablename__ = "claims"

    reference: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.case_id", index=True)
    partner_id: str | None = Field(default=None, index=True)
    status: str
    close_code: str | None = None
    reason: str | None = None
    currency: str
    amount: Decimal = Field(sa_type=ExactAmount)
    collected: Decimal = Field(
        default=Decimal(0), sa_type=ExactAmount, sa_column_kwargs={"server_default": "0"}
    )
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
