"""The tables of callers: keys, endpoints with their webhooks, and requests with their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import UtcDateTime


class ApiKeyRow(SQLModel, table=True):
    """A key of a caller: a service of the platform, or one seller. Only its digest is stored.

    A seller's key may expire at `expires_at`.
    """

    __tablename__ = "api_keys"

    key_id: str = Field(primary_key=True)
    kind: str
    seller_id: str | None = Field(default=None, foreign_key="sellers.seller_id")
    label: str
    digest: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookEndpointRow(SQLModel, table=True):
    """An endpoint of a backend; it ends with the key that made it.

    `gone_at` is when it answered 410: since then it gets nothing, until its backend asks for a
    replay.
    """

    __tablename__ = "webhook_endpoints"

    endpoint_id: str = Field(primary_key=True)
    key_id: str = Field(foreign_key="api_keys.key_id", index=True)
    url: str
    secret: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_answer: str | None = None
    last_answer_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookMessageRow(SQLModel, table=True):
    """An event on its way to an endpoint.

    `due_at` is the moment of the next try; None once it was delivered or given up. The three days
    of tries count from `first_tried_at`; a replay starts them again.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_messages_event"),
        Index("ix_webhook_messages_due", "endpoint_id", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    endpoint_id: str = Field(foreign_key="webhook_endpoints.endpoint_id")
    event_id: int = Field(foreign_key="events.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    first_tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_answer: str | None = None


class RequestRow(SQLModel, table=True):
    """A request to a case and its answer; the same request gets the same answer again."""

    __tablename__ = "requests"

    case_id: str = Field(primary_key=True, foreign_key="cases.case_id")
    request_id: str = Field(primary_key=True)
    verb: str
    asked: dict[str, Any] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)
    status: int
    answer: dict[str, Any] = Field(sa_type=JSON)
