"""Orders and cases put into a database as the API does it, for tests without a server."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.plan import Plan
from dunning.case.state import DunningCase
from dunning.claims import ClaimPhase
from models.changes import change_case
from models.outbox import mark_behind
from models.queries import events_of
from models.snapshot import case_of
from models.tables import AllocationRow, CaseRow, ClaimRow, PaymentRow, ReceivableRow, SellerRow
from runtime.database import Database
from starter.input.schemas import OrderBody
from starter.intake.batch_writes import Accepted
from starter.intake.open_orders import open_orders
from starter.refusals import Problem
from tests.bodies import a_seller, ada, an_order


async def open_order(session: AsyncSession, body: OrderBody, *, now: datetime) -> Accepted:
    """Open one order. Raises `Problem` if it is refused."""
    [outcome] = await open_orders(session, [body], now=now)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def case_of_an_open_order(database: Database, at: datetime, **given: Any) -> str:
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


def claim_row(case_id: str, at: datetime, **given: Any) -> ClaimRow:
    """The first claim of a case, of 119.00 EUR, as the partner took it at a moment."""
    reference = f"{case_id}-1"
    row = {
        "reference": reference,
        "case_id": case_id,
        "partner_id": f"cp-{reference}",
        "status": ClaimPhase.SUBMITTED,
        "currency": "EUR",
        "amount": Decimal("119.00"),
        "submitted_at": at,
    }
    return ClaimRow(**(row | given))


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
    await pay_unheard(database, case_id, amount, at, payment_id=payment_id)
    async with database.writing() as session:
        await change_case(session, case_id, at=at)


async def pay_unheard(
    database: Database, case_id: str, amount: str, at: datetime, *, payment_id: str = "p-1"
) -> None:
    """As an import books a payment: its case is still to be brought up to it."""
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
        await mark_behind(session, [case_id])


async def history(database: Database, case_id: str) -> list[str]:
    async with database.reading() as session:
        return [event["event"] for event in await events_of(session, [case_id])]


async def row_of(database: Database, case_id: str) -> CaseRow:
    async with database.reading() as session:
        return await session.get_one(CaseRow, case_id)
