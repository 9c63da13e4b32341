"""The tables of bank statements: files, transactions, and what was decided about each (R20)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import ExactAmount, UtcDateTime

Document = dict[str, Any]


class LineState(StrEnum):
    """The states of a line: not decided yet, booked, or set aside."""

    OPEN = "open"
    BOOKED = "booked"
    ASIDE = "aside"


class StatementRow(SQLModel, table=True):
    """A file that was imported, once for its content.

    `covers_until` is the last day that it covers. `imported_by` is the id of a key, or a word for
    anybody else. `reading` is how a table was interpreted.
    """

    __tablename__ = "statements"
    __table_args__ = (UniqueConstraint("seller_id", "digest", name="uq_statements_digest"),)

    statement_id: str = Field(primary_key=True)
    seller_id: str = Field(foreign_key="sellers.seller_id")
    digest: str
    filename: str | None = None
    format: str
    covers_until: date | None = None
    imported_at: datetime = Field(sa_type=UtcDateTime)
    imported_by: str
    reading: Document | None = Field(default=None, sa_type=JSON)


class StatementLineRow(SQLModel, table=True):
    """A transaction of an account, stored once for all files that contain it.

    `statement_id` is the first of them. `content` is all that the bank says (`StatementLine`); the
    columns are for finding it. `bookings` counts how often it was booked, for the ids of payments.
    """

    __tablename__ = "statement_lines"
    __table_args__ = (
        UniqueConstraint("seller_id", "key", name="uq_statement_lines_key"),
        Index("ix_statement_lines_day", "seller_id", "booked_on"),
        Index("ix_statement_lines_state", "seller_id", "state"),
    )

    line_id: str = Field(primary_key=True)
    seller_id: str = Field(foreign_key="sellers.seller_id")
    key: str
    statement_id: str = Field(foreign_key="statements.statement_id")
    booked_on: date
    amount: Decimal = Field(sa_type=ExactAmount)
    currency: str
    counterparty_iban: str | None = None
    is_return: bool
    content: Document = Field(sa_type=JSON)
    state: str = LineState.OPEN
    bookings: int = 0


class StatementEntryRow(SQLModel, table=True):
    """The place of a transaction in a file; `is_known` if an earlier file contained it."""

    __tablename__ = "statement_entries"

    statement_id: str = Field(primary_key=True, foreign_key="statements.statement_id")
    position: int = Field(primary_key=True)
    line_id: str = Field(foreign_key="statement_lines.line_id", index=True)
    is_known: bool


class StatementDecisionRow(SQLModel, table=True):
    """A decision about a line: `booked`, `aside` or `taken_back`.

    `shares` are the amounts booked to each order, with the ids of their payments or chargebacks.
    """

    __tablename__ = "statement_decisions"

    id: int | None = Field(default=None, primary_key=True)
    line_id: str = Field(foreign_key="statement_lines.line_id", index=True)
    decision: str
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    reason: str | None = None
    shares: list[Document] = Field(sa_type=JSON)


class TableReadingRow(SQLModel, table=True):
    """A seller's correction of how tables with one header are read."""

    __tablename__ = "table_readings"

    seller_id: str = Field(primary_key=True, foreign_key="sellers.seller_id")
    header_digest: str = Field(primary_key=True)
    reading: Document = Field(sa_type=JSON)
