"""A database with one open order, for activities that are tried without a server."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from temporalio.testing import ActivityEnvironment

from adapters.mail import MailError
from adapters.partner import Claim, ClaimTaken, PartnerError
from dunning.deeds import DeedKind, Result
from dunning.state import Version
from models.casebook import case_of
from models.messages import TakeDeed
from models.queries import events_of
from models.tables import CaseRow, SellerRow
from runtime.database import Database
from starter.opening import open_order
from starter.schemas import OrderBody

MAIL_FROM = "dunning@example.com"


class Outbox:
    """A mail server that keeps what it was given, and fails when told to."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.fails_with: MailError | None = None
        self.dies_after_sending = False

    async def send(self, message: EmailMessage) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        self.messages.append(message)
        if self.dies_after_sending:
            raise ConnectionResetError

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]


class Agency:
    """A partner that remembers claims by reference, as the real one does."""

    def __init__(self) -> None:
        self.claims: dict[str, Claim] = {}
        self.fails_with: PartnerError | None = None
        self.dies_after_taking = False
        self.taken_at: datetime | None = None

    async def submit(self, claim: Claim) -> ClaimTaken:
        if self.fails_with is not None:
            raise self.fails_with
        is_new = claim.reference not in self.claims
        self.claims.setdefault(claim.reference, claim)
        if self.dies_after_taking:
            raise ConnectionResetError
        return self._taken(claim.reference).model_copy(update={"is_new": is_new})

    async def find(self, reference: str) -> ClaimTaken | None:
        if reference not in self.claims:
            return None
        return self._taken(reference)

    def _taken(self, reference: str) -> ClaimTaken:
        return ClaimTaken(partner_id=f"cp-{reference}", reference=reference, taken_at=self.taken_at)


async def open_books(database: Database, at: datetime, **given: Any) -> str:
    """An order of 119.00 EUR by Ada Muster, opened at a moment; the id of its case."""
    seller = given.pop("seller", {})
    settings = given.pop("settings", {})
    order = {
        "seller_id": "s-1",
        "order_id": "A-1",
        "invoice_date": at.date().isoformat(),
        "currency": "EUR",
        "total": "119.00",
        "customer": {
            "customer_id": "c-1",
            "first_name": "Ada",
            "last_name": "Muster",
            "email": "ada@example.org",
            "address": {
                "street": "Hauptstr. 5",
                "postal_code": "10115",
                "city": "Berlin",
                "country": "DE",
            },
        }
        | given.pop("customer", {}),
    }
    profile = {"company_name": "Kurse GmbH", "email": "seller@example.org", "time_zone": "UTC"}
    async with database.writing() as session:
        session.add(SellerRow(seller_id="s-1", profile=profile | seller, settings=settings))
        await session.flush()
        opened = await open_order(session, OrderBody.model_validate(order | given), now=at)
    case_id: str = opened.answer["cases"][0]["case_id"]
    return case_id


async def take(
    activity: Callable[[TakeDeed], Awaitable[Result]],
    case_id: str,
    deed: DeedKind,
    at: datetime,
    *,
    noted: int = 0,
    results: int = 0,
    attempt: int = 1,
) -> Result:
    """Run the activity of a deed as if the server had started it at a moment."""
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, started_time=at, attempt=attempt)
    known = Version(noted=noted, results=results)
    task = TakeDeed(case_id=case_id, known=known, deed=deed, clock_shift=timedelta(0))
    result: Result = await environment.run(activity, task)
    return result


async def set_case(database: Database, case_id: str, **changes: Any) -> None:
    """Put a case where a test wants it."""
    async with database.writing() as session:
        row = await session.get_one(CaseRow, case_id)
        changed = case_of(row).model_copy(update=changes)
        row.state = changed.model_dump(mode="json")
        row.stage = changed.stage
        session.add(row)


async def history(database: Database, case_id: str) -> list[str]:
    async with database.reading() as session:
        return [event["event"] for event in await events_of(session, [case_id])]


async def row_of(database: Database, case_id: str) -> CaseRow:
    async with database.reading() as session:
        return await session.get_one(CaseRow, case_id)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
