"""The tables of sellers and their customers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Index,
    false,
)
from sqlmodel import Field, SQLModel

from models.tables.columns import UtcDateTime

Document = dict[str, Any]


class SellerRow(SQLModel, table=True):
    """A merchant: `profile` and `settings` are documents, checked where they come in.

    R21: `settings_asked_at` is when the seller was asked for its settings, `settings_asked_for` in
    the name of which case, `settings_question_sent` whether Temporal has got the question,
    `settings_answered_at` when the seller answered. `settings_token` opens the page that the mail
    links to. `option_changed_on` is a day in the seller's time zone.
    R20: `statements_until` is the last day that a bank statement covers. `statement_mail` is the
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
    settings_question_sent: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )
    settings_answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settings_token: str | None = Field(default=None, index=True, unique=True)
    option_changed_on: date | None = None
    summary_wanted: str | None = None
    summary_schedule: str | None = None
    statements_until: date | None = None
    statement_mail: str | None = None


class CustomerRow(SQLModel, table=True):
    """A buyer; `missing` are the parts without which a letter would not arrive (R14).

    `country` and `is_incomplete` repeat parts of `address` and `missing`, for counting customers.
    `email_version` counts the changes of the e-mail address. `address_mail` is the last mail that
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
    address_mail: Document | None = Field(default=None, sa_type=JSON)
    country: str | None = None
    is_incomplete: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
