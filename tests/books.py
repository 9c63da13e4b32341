"""A database with one open order, for activities that are tried without a server."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.testing import ActivityEnvironment

from adapters.mail import Leaving, MailError
from adapters.partner.port import Claim, ClaimTaken, PartnerError
from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.case.state import DunningCase
from models.changes import change_case
from models.payloads import DoAction
from models.queries import events_of
from models.snapshot import case_of
from models.tables import AllocationRow, CaseRow, PaymentRow, ReceivableRow, SellerRow
from runtime.database import Database
from starter.input.schemas import OrderBody
from starter.intake.batch_writes import Accepted
from starter.intake.open_orders import open_orders
from starter.refusals import Problem
from tests.bodies import a_seller, ada, an_order

MAIL_FROM = "dunning@example.com"


class Outbox:
    """A mail server that keeps what it was given, and fails when told to.

    `before_taking` happens before it accepts a recipient, `before_answering` when it has the mail.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.fails_with: MailError | None = None
        self.dies_after_sending = False
        self.before_taking: Callable[[], Awaitable[None]] | None = None
        self.before_answering: Callable[[], Awaitable[None]] | None = None

    async def send(self, message: EmailMessage, *, leaving: Leaving | None = None) -> None:
        if self.before_taking is not None:
            await self.before_taking()
        if leaving is not None:
            await leaving()
        if self.before_answering is not None:
            await self.before_answering()
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


async def open_order(session: AsyncSession, body: OrderBody, *, now: datetime) -> Accepted:
    """Open one order. Raises `Problem` if it is refused."""
    [outcome] = await open_orders(session, [body], now=now)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def open_books(database: Database, at: datetime, **given: Any) -> str:
    """An order of 119.00 EUR by Ada Muster, opened at a moment; the id of its case."""
    seller = given.pop("seller", {})
    settings = given.pop("settings", {})
    customer = ada(language=None) | given.pop("customer", {})
    order = an_order(invoice_date=at.date().isoformat(), customer=customer)
    profile = a_seller(time_zone="UTC")
    async with database.writing() as session:
        session.add(SellerRow(seller_id="s-1", profile=profile | seller, settings=settings))
        await session.flush()
        opened = await open_order(session, OrderBody.model_validate(order | given), now=at)
    case_id: str = opened.answer["cases"][0]["case_id"]
    return case_id


async def act(
    activity: Callable[[DoAction], Awaitable[Plan]],
    case_id: str,
    kind: ActionKind,
    at: datetime,
    *,
    attempt: int = 1,
) -> Plan:
    """Run the activity of an action as if the server had started it at a moment."""
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, started_time=at, attempt=attempt)
    task = DoAction(case_id=case_id, kind=kind, at=at, clock_shift=timedelta(0))
    plan: Plan = await environment.run(activity, task)
    return plan


async def set_case(database: Database, case_id: str, **changes: Any) -> None:
    """Put a case where a test wants it, without the events that this would be."""
    async with database.writing() as session:
        row = await session.get_one(CaseRow, case_id)
        case = case_of(row).changed(**changes)
        row.state = case.model_dump(mode="json", exclude_defaults=True)
        row.stage = case.stage
        session.add(row)


async def bring_up(database: Database, case_id: str, at: datetime) -> Plan:
    """Bring a case up to a moment."""
    async with database.writing() as session:
        return (await change_case(session, case_id, at=at)).plan


async def the_case(database: Database, case_id: str) -> DunningCase:
    return case_of(await row_of(database, case_id))


async def pay(
    database: Database, case_id: str, amount: str, at: datetime, *, payment_id: str = "p-1"
) -> None:
    """A payment to a case of the order, as the API books it."""
    paid = Decimal(amount)
    async with database.writing() as session:
        payment = PaymentRow(
            payment_id=payment_id,
            seller_id="s-1",
            order_id="A-1",
            currency="EUR",
            amount=paid,
            credit=Decimal(0),
            paid_at=at,
            received_at=at,
        )
        receivable = await session.get_one(ReceivableRow, case_id)
        receivable.paid += paid
        receivable.open_amount -= paid
        session.add_all([payment, receivable])
        await session.flush()
        session.add(AllocationRow(payment_id=payment_id, case_id=case_id, amount=paid))
        await session.flush()
        await change_case(session, case_id, at=at)


async def history(database: Database, case_id: str) -> list[str]:
    async with database.reading() as session:
        return [event["event"] for event in await events_of(session, [case_id])]


async def row_of(database: Database, case_id: str) -> CaseRow:
    async with database.reading() as session:
        return await session.get_one(CaseRow, case_id)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
