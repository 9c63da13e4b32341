"""The agency's data: claims and their course, divisions, webhooks and their events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, Field
from pydantic.alias_generators import to_camel

from sandbox.partner.dates import moment_of

Json = dict[str, Any]
AGENCY: Final = "Sandbox Collections"


class Lifecycle(StrEnum):
    PENDING = "PendingVerification"
    ACTIVE = "Active"
    CLOSED = "Closed"


class Phase(StrEnum):
    PRE_LEGAL = "Pre-legal"
    LEGAL = "Legal"


class CloseCode(StrEnum):
    PAID = "Paid"
    PARTIALLY_PAID = "PartiallyPaid"
    INSOLVENT = "DebtorInsolventBankrupt"
    UNTRACEABLE = "DebtorUntraceable"
    DISPUTED = "DisputedLegalActionDeclinedByClient"
    WITHDRAWN = "WithdrawnByClient"
    NO_PAYMENT = "PreLegalExhaustedNoPayment"
    OUT_OF_TIME = "StatuteOfLimitationsExpired"
    SETTLEMENT_REJECTED = "SettlementRejectedByClient"
    UNRESPONSIVE = "UnresponsiveClient"
    OTHER = "Other"


class EventType(StrEnum):
    """The types of events that a webhook can get."""

    CREATED = "case.created"
    UPDATED = "case.updated"
    CLOSED = "case.closed"
    PAYMENT = "payment.created"


@dataclass(frozen=True)
class Payment:
    """Money that the agency got from the debtor."""

    payment_id: str
    at: datetime
    amount: Decimal


@dataclass(frozen=True)
class Attachment:
    file_id: str
    at: datetime
    name: str
    description: str | None
    document_type: str
    size: int


@dataclass(frozen=True)
class Message:
    """A message of the seller's side to the agency."""

    message_id: str
    at: datetime
    text: str
    sender: str | None


@dataclass(frozen=True)
class Entry:
    """A line of a claim's timeline; `actor` is who did it."""

    at: datetime
    type: str
    title: str
    description: str
    actor: Literal["System", "Creditor user", "Partner user"]


@dataclass
class Claim:
    """One case: the body as it was sent, and its present state."""

    claim_id: str
    at: datetime
    sent: Json
    started_at: datetime | None = None
    finished_at: datetime | None = None
    close_code: CloseCode | None = None
    phase: Phase | None = None
    is_disputed: bool | None = None
    payments: list[Payment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    timeline: list[Entry] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The agency's own reference."""
        return self.claim_id[:8].upper()

    @property
    def reference(self) -> str:
        """Our reference, by which the system finds the case; empty if it came without one."""
        return str(self.sent.get("creditorReference") or "")

    @property
    def currency(self) -> str:
        currency: str = self.sent["currencyCode"]
        return currency

    @property
    def invoice_date(self) -> datetime:
        return moment_of(self.sent["date"])

    @property
    def due_date(self) -> datetime | None:
        written = self.sent.get("dueDate")
        return None if written is None else moment_of(written)

    @property
    def gross(self) -> Decimal:
        return Decimal(self.sent["amountToRecover"])

    @property
    def paid(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), start=Decimal(0))

    @property
    def remainder(self) -> Decimal:
        return max(self.gross - self.paid, Decimal(0))

    @property
    def is_test(self) -> bool:
        return bool(self.sent.get("isTest"))

    @property
    def is_closed(self) -> bool:
        return self.finished_at is not None

    @property
    def lifecycle(self) -> Lifecycle:
        if self.is_closed:
            return Lifecycle.CLOSED
        return Lifecycle.PENDING if self.started_at is None else Lifecycle.ACTIVE


@dataclass(frozen=True)
class Answered:
    """The answer to a request, which the same request always gets."""

    body_sha256: str
    status: int
    answer: Json


@dataclass(frozen=True)
class Webhook:
    """A subscription: a URL, and the events that it gets."""

    webhook_id: str
    at: datetime
    url: str
    events: tuple[EventType, ...]
    is_test_mode: bool
    secret: str


@dataclass
class Dispatch:
    """One event for one webhook; `due_at` is when it is sent next, None if never."""

    dispatch_id: str
    number: int
    event_id: str
    webhook_id: str
    claim_id: str
    type: EventType
    payload: str
    at: datetime
    due_at: datetime | None
    copies: int
    attempts: int = 0
    failures: int = 0
    delivered_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None


class Behavior(BaseModel, alias_generator=to_camel, extra="forbid", frozen=True):
    """The faults of webhooks: late, more than once, out of order, some or all of them lost.

    The same `seed` repeats what is random (`shuffled`, `lost_percent`).
    """

    delay_seconds: int = Field(default=0, ge=0, le=86_400, strict=True)
    copies: int = Field(default=1, ge=1, le=5, strict=True)
    order: Literal["asItHappened", "newestFirst", "shuffled"] = "asItHappened"
    lost: bool = Field(default=False, strict=True)
    lost_percent: int = Field(default=0, ge=0, le=100, strict=True)
    seed: int = Field(default=0, ge=0, lt=2**31, strict=True)


@dataclass
class Memory:
    """All data of the agency, as the facts so far have made it."""

    answers: dict[tuple[str, str], Answered] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    created: Counter[str] = field(default_factory=Counter)
    divisions: dict[str, Json] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    dispatches: dict[str, Dispatch] = field(default_factory=dict)
    told: int = 0
    behavior: Behavior = field(default_factory=Behavior)
