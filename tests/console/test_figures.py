"""What the figures count."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from sqlmodel import select

from dunning.history import EventName
from models.console.figures import paid_after, recovered_from
from models.tables import EventRow, PaymentRow
from tests.bodies import a_payment
from tests.console.offline_console import Clerk, OfflineConsole


async def test_r20_a_payment_that_was_taken_back_is_not_counted(console: OfflineConsole) -> None:
    await paid(console)
    since = console.now - timedelta(days=1)
    async with console.database.writing() as session:
        [payment] = await session.exec(select(PaymentRow))
        assert len(await paid_after(session, "s-1", "EUR", since=since)) == 1
        payment.taken_back_at = console.now
        session.add(payment)
        await session.flush()

        assert await paid_after(session, "s-1", "EUR", since=since) == []


async def test_r13_a_case_that_was_paid_twice_is_counted_once(console: OfflineConsole) -> None:
    case_id = await paid(console)
    since = console.now - timedelta(days=1)
    async with console.database.writing() as session:
        session.add(
            EventRow(
                case_id=case_id,
                at=console.now,
                event=EventName.STAGE_CHANGED,
                detail={"from": "final_notice", "stage": "paid"},
            )
        )
        await session.flush()

        found = await recovered_from(session, "s-1", "EUR", since=since)

    assert found == {"final_notice": Decimal("119")}


async def test_a_payment_counts_on_the_day_of_the_sellers_zone(
    console: OfflineConsole, clerk: Clerk
) -> None:
    """At ten in the evening of the due date it comes in time; in UTC it is the next day."""
    await console.seller("s-1", time_zone="America/Santiago")
    case_id = await console.order("A-1", invoice_date="2026-02-20")
    due = (await console.granted("GET", f"/v1/cases/{case_id}"))["due_date"]
    await console.granted("POST", "/v1/payments", a_payment(paid_at=f"{due}T22:00:00-03:00"))

    html = await clerk.page("/console/figures")

    rows = [row for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL) if "119.00" in row]
    assert any("in time" in row for row in rows)
    assert not any("late" in row for row in rows)


async def paid(console: OfflineConsole) -> str:
    """A case of 119.00 EUR that was paid."""
    case_id = await console.order("A-1")
    await console.granted("POST", "/v1/payments", a_payment())
    return case_id
