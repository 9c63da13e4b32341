"""The tables of cases: where each stands, its history, its messages and its claims."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Index,
    LargeBinary,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from models.tables.columns import ExactAmount, UtcDateTime

Document = dict[str, Any]
# The order of cases in a list.
_PLACE: Final = ("due_date", "case_id")
# The next step that a case takes by itself, and the money that it owes.
_AHEAD: Final = ("ahead_on", "ahead_kind", "dunning_option", "currency", "owed")
# Cases whose plan Temporal does not have, or that are behind.
UNSENT: Final = "sent_version < version OR is_behind"
# Cases that wait for their seller.
NEEDS_SOMEBODY: Final = "stage IN ('awaiting_approval', 'blocked')"
# Cases that wait for a newer bank statement.
NEEDS_STATEMENT: Final = "waits_for_statement"


class CaseRow(SQLModel, table=True):
    """A case: `state` is all of it, the other columns are for reading.

    `models.changes` writes it. Beside it `ActionContext.write_attempt` writes `state`, and
    `models.outbox` marks `sent_version` and `is_behind`.
    `version` counts the changes. `plan` is what Temporal has to know of it, `sent_version` the
    version of which Temporal has heard, 0 if of none. `is_behind`: the ledger, the seller or the
    customer has news that the case has not taken in yet. `wakes_at` is when it next acts.
    `open_again_on`: the day on which a paid receivable came to be open again, from which on it is
    overdue.
    `waits_for_statement`: a step is due, and goes when a newer bank statement comes (R20).
    `ahead_on` and `ahead_kind` are the day and the kind of what it does first by itself, also after
    a hold that ends; `owed` is what it knows to be owed.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_order", "seller_id", "order_id"),
        Index("ix_cases_wakes", "wakes_at"),
        Index(
            "ix_cases_unsent",
            "seller_id",
            "updated_at",
            sqlite_where=text(UNSENT),
            postgresql_where=text(UNSENT),
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
    sent_version: int = 0
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
