"""The answers about backends' endpoints as models, for the documentation."""

from __future__ import annotations

from pydantic import AwareDatetime

from starter.openapi.documents import ClosedDocument


class NewWebhookEndpoint(ClosedDocument):
    """An endpoint with its one showing: `secret` is never told again."""

    id: str
    url: str
    secret: str
    created_at: AwareDatetime


class WebhookEndpoint(ClosedDocument):
    """An endpoint: how many messages wait, and what it answered last.

    `gone_at` is when it answered 410; nothing is sent from then on, until it is replayed.
    """

    id: str
    url: str
    created_at: AwareDatetime
    waiting: int
    last_answer: str | None
    last_answer_at: AwareDatetime | None
    gone_at: AwareDatetime | None


class WebhookEndpoints(ClosedDocument):
    items: list[WebhookEndpoint]


class Replayed(ClosedDocument):
    """How many messages are on their way again."""

    replayed: int
