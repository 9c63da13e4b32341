"""R24: one summary a customer and period, of what is overdue at that moment (R10, R16)."""

from __future__ import annotations

import re
import zlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from activities.summaries import OUTSIDE_WINDOW, SummaryActivities
from adapters.mail import Leaving, MailError, RecipientRefused
from dunning.receivables import case_id_of
from models.debt_summaries import DebtSummaryRow
from models.payloads import SendSummaries, SummariesSent
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow
from runtime.database import Database
from starter.input.schemas import OrderBody
from starter.intake.open_orders import open_orders
from tests.activity_runs import started
from tests.bodies import a_seller, ada, an_address, an_order
from tests.factories import eur, utc
from tests.outbox import MAIL_FROM, Outbox
from tests.seeded import set_case

MONDAY = utc("2026-03-09T09:00:00")
WEEKLY = {"debt_summary": "weekly"}


def order_of(order_id: str, customer_id: str = "c-1", **given: Any) -> OrderBody:
    customer = ada() | {"customer_id": customer_id, "email": f"{customer_id}@example.org"}
    customer |= given.pop("customer", {})
    # From another system with all its notices, so that none is near.
    had = {"kind": "final_notice", "sent_on": "2026-03-02"}
    parts = [part["number"] for part in given.get("installments", [])]
    notices = [had | {"installment": part} for part in parts or [None]]
    body = an_order(order_id, customer=customer, notices_sent=notices)
    return OrderBody.model_validate(body | given)


async def opened(
    database: Database, *orders: OrderBody, zone: str = "UTC", **settings: Any
) -> None:
    profile = a_seller(time_zone=zone)
    async with database.writing() as session:
        session.add(SellerRow(seller_id="s-1", profile=profile, settings=WEEKLY | settings))
        await session.flush()
        outcomes = await open_orders(session, orders, now=utc("2026-03-02T09:00:00"))
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)


async def change(database: Database, order_id: str, **columns: Any) -> None:
    """The case, the receivable or the order as something has made it since."""
    async with database.writing() as session:
        for table in (CaseRow, ReceivableRow, OrderRow):
            row = (await session.exec(select(table).where(table.order_id == order_id))).one()
            for name, value in columns.items():
                if name in table.model_fields:
                    setattr(row, name, value)
            session.add(row)


@pytest.fixture
def summaries(database: Database, outbox: Outbox) -> SummaryActivities:
    return SummaryActivities(database, outbox, mail_from=MAIL_FROM)


async def send(summaries: SummaryActivities, now: datetime = MONDAY, **task: Any) -> SummariesSent:
    environment = started(now)
    given = SendSummaries(seller_id="s-1", **({"at": now} | task))
    sent: SummariesSent = await environment.run(summaries.send_summaries, given)
    return sent


def words(outbox: Outbox, number: int = 0) -> str:
    body = outbox.messages[number].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_r24_several_overdue_receivables_are_one_mail(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2", invoice_number="2026-7", total="30.00"))

    sent = await send(summaries)

    assert sent == SummariesSent(sent=1)
    [message] = outbox.messages
    assert str(message["To"]) == "Ada Muster <c-1@example.org>"
    assert str(message["From"]) == "Kurse GmbH <dunning@example.com>"
    assert message["Date"].datetime == MONDAY
    assert all(part in words(outbox) for part in ("A-1", "2026-7", "149,00"))


async def test_r16_a_second_run_sends_nothing_again(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))

    await send(summaries)
    again = await send(summaries, MONDAY + timedelta(hours=2))
    await change(database, "A-1", open_amount=Decimal(1))
    changed = await send(summaries, MONDAY + timedelta(hours=3))

    assert again == changed == SummariesSent()
    assert len(outbox.messages) == 1


@pytest.mark.one_database
async def test_r16_killed_between_the_mail_and_the_record_it_is_the_same_message_again(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))
    outbox.dies_after_sending = True
    with pytest.raises(ApplicationError) as died:
        await send(summaries)
    outbox.dies_after_sending = False
    await send(summaries)

    assert not died.value.non_retryable
    assert len(outbox.ids()) == 2
    assert len(set(outbox.ids())) == 1


@pytest.mark.one_database
async def test_r24_the_next_week_has_a_summary_of_its_own(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))

    await send(summaries)
    await send(summaries, MONDAY + timedelta(days=7))

    assert len(set(outbox.ids())) == 2


@pytest.mark.one_database
async def test_r10_what_is_open_is_read_before_it_is_told(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"), order_of("A-3"))
    await change(database, "A-1", open_amount=Decimal("19.50"))
    await change(database, "A-2", open_amount=Decimal(0))

    await send(summaries)

    assert "138,50" in words(outbox)
    assert "A-2" not in words(outbox)


@pytest.mark.one_database
async def test_r10_what_the_partner_has_collected_is_not_asked_for_again(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))
    await set_case(database, case_id_of("s-1", "A-1", None), collected_before=eur("79.00"))

    await send(summaries)

    amounts = re.findall(r"[0-9]+,[0-9]{2}", words(outbox))
    assert set(amounts) == {"40,00", "119,00", "159,00"}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "change_of_one",
    [
        {"open_amount": Decimal(0)},
        {"stage": "on_hold"},
        {"stage": "stopped"},
        {"stage": "handed_over"},
        {"stage": "in_court"},
        {"stage": "paid"},
        {"canceled_at": MONDAY},
        {"due_date": MONDAY.date()},
    ],
)
async def test_r24_with_fewer_than_two_there_is_none(
    database: Database,
    summaries: SummaryActivities,
    outbox: Outbox,
    change_of_one: dict[str, Any],
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))
    await change(database, "A-2", **change_of_one)

    assert await send(summaries) == SummariesSent()
    assert outbox.messages == []


@pytest.mark.one_database
async def test_r24_the_debts_of_two_customers_are_not_one_summary(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("B-1", "c-2"))

    assert await send(summaries) == SummariesSent()
    assert outbox.messages == []


async def test_r7_days_on_which_all_was_paid_are_not_overdue_in_a_summary(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))
    await change(database, "A-1", open_again_on=date(2026, 3, 6))

    await send(summaries)

    assert "3 Tage" in words(outbox)
    assert "7 Tage" in words(outbox)


@pytest.mark.one_database
async def test_r24_what_went_back_today_is_not_overdue_yet(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"), order_of("A-3"))
    await change(database, "A-1", open_again_on=MONDAY.date())

    await send(summaries)

    assert "A-1" not in words(outbox)
    assert "238,00" in words(outbox)


async def test_r24_each_currency_has_its_total(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    pesos = {"currency": "CLP", "total": "45000"}
    await opened(
        database,
        order_of("A-1"),
        order_of("A-2"),
        order_of("A-3", **pesos),
        order_of("A-4", **pesos),
    )

    await send(summaries)

    assert "238,00" in words(outbox)
    assert "90.000" in words(outbox)


async def test_r24_installments_are_listed_by_their_numbers(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    parts = [
        {"number": number, "due_date": f"2026-03-0{number + 1}", "amount": "59.50"}
        for number in (1, 2)
    ]
    await opened(database, order_of("A-1", installments=parts))

    await send(summaries)

    assert "1 von 2" in words(outbox)
    assert "2 von 2" in words(outbox)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("settings", "at", "count"),
    [
        ({"debt_summary": "off"}, "2026-03-09T09:00:00", 0),
        ({"debt_summary": "weekly"}, "2026-03-10T09:00:00", 0),
        ({"debt_summary": "monthly"}, "2026-03-09T09:00:00", 0),
        ({"debt_summary": "monthly"}, "2026-04-01T09:00:00", 1),
        ({"debt_summary": "monthly"}, "2026-05-01T09:00:00", 1),
        ({"debt_summary": "monthly", "business_days_only": True}, "2026-05-01T09:00:00", 0),
        ({"debt_summary": "monthly", "business_days_only": True}, "2026-05-04T09:00:00", 1),
        ({"business_days_only": True}, "2026-04-06T09:00:00", 0),
        ({"business_days_only": True}, "2026-04-07T09:00:00", 1),
    ],
)
async def test_r24_on_its_day_by_the_calendar_of_the_customers_country(
    database: Database,
    summaries: SummaryActivities,
    outbox: Outbox,
    settings: dict[str, Any],
    at: str,
    count: int,
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"), **settings)

    await send(summaries, utc(at))

    assert len(outbox.messages) == count


async def test_r24_customers_of_several_countries_have_days_of_their_own(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    abroad = {"address": an_address(country="US")}
    await opened(
        database,
        order_of("A-1"),
        order_of("A-2"),
        order_of("B-1", "c-2", customer=abroad),
        order_of("B-2", "c-2", customer=abroad),
        business_days_only=True,
    )

    for day in (6, 7):  # Easter Monday, which is none in the United States
        await send(summaries, utc(f"2026-04-0{day}T09:00:00"))

    assert [str(message["To"].addresses[0].username) for message in outbox.messages] == [
        *("c-2", "c-1")
    ]


@pytest.mark.one_database
async def test_r24_overdue_is_counted_by_the_sellers_day(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    """At 09:30 on Monday in Auckland it is still Sunday in UTC."""
    await opened(
        database,
        order_of("A-1", invoice_date="2026-03-08", notices_sent=[]),
        order_of("A-2", invoice_date="2026-03-08", notices_sent=[]),
        zone="Pacific/Auckland",
    )

    await send(summaries, utc("2026-03-08T20:30:00"))

    assert len(outbox.messages) == 1


@pytest.mark.one_database
async def test_r9_outside_the_window_it_waits_for_the_next_one(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))

    with pytest.raises(ApplicationError) as late:
        await send(summaries, utc("2026-03-09T20:00:00"), at=MONDAY)
    await send(summaries, utc("2026-03-10T09:00:00"), at=MONDAY)

    assert (late.value.type, late.value.next_retry_delay) == (OUTSIDE_WINDOW, timedelta(hours=13))
    assert len(outbox.messages) == 1


@pytest.mark.one_database
async def test_r9_what_is_late_keeps_the_business_days(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    monthly = {"debt_summary": "monthly", "business_days_only": True}
    await opened(database, order_of("A-1"), order_of("A-2"), **monthly)

    planned, saturday = utc("2026-05-04T09:00:00"), utc("2026-05-09T09:30:00")
    with pytest.raises(ApplicationError) as late:
        await send(summaries, saturday, at=planned)

    assert late.value.next_retry_delay == timedelta(days=1, hours=23, minutes=30)


async def test_r24_a_refused_address_keeps_nobody_else_from_theirs(
    database: Database, summaries: SummaryActivities, caplog: pytest.LogCaptureFixture
) -> None:
    class Picky(Outbox):
        async def send(self, message: EmailMessage, *, leaving: Leaving | None = None) -> None:
            if "c-1@" in str(message["To"]):
                raise RecipientRefused(550, "c-1@example.org is unknown")
            await super().send(message, leaving=leaving)

    outbox = Picky()
    orders = [order_of(f"{c}-{n}", c) for c in ("c-1", "c-2") for n in (1, 2)]
    await opened(database, *orders)

    sent = await send(SummaryActivities(database, outbox, mail_from=MAIL_FROM))

    assert sent.sent == 1
    assert len(outbox.messages) == 1
    assert "c-1@" not in caplog.text


async def test_r24_what_cannot_be_written_to_one_keeps_nobody_else_from_theirs(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    orders = [order_of(f"{c}-{n}", c) for c in ("c-1", "c-2") for n in (1, 2)]
    await opened(database, *orders)
    async with database.writing() as session:
        row = await session.get_one(CustomerRow, ("s-1", "c-1"))
        row.email = "nobody"
        session.add(row)

    assert (await send(summaries)).sent == 1


@pytest.mark.one_database
async def test_r24_a_mail_server_that_is_down_is_tried_again(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))
    outbox.fails_with = MailError("connection refused")
    with pytest.raises(ApplicationError) as failed:
        await send(summaries)
    outbox.fails_with = None

    assert not failed.value.non_retryable
    assert (await send(summaries)).sent == 1


async def test_r24_it_goes_on_behind_the_last_customer(
    database: Database,
    summaries: SummaryActivities,
    outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("activities.summaries._A_PAGE", 2)
    orders = [order_of(f"{c}-{n}", f"c-{c}") for c in range(5) for n in (1, 2)]
    await opened(database, *orders)

    after, sent = "", []
    while True:
        page = await send(summaries, after_customer=after)
        sent.append(page.sent)
        if page.after_customer is None:
            break
        after = page.after_customer

    assert sent == [2, 2, 1]
    assert len({str(message["To"]) for message in outbox.messages}) == 5


@pytest.mark.one_database
async def test_r27_the_message_is_kept_as_it_was_sent(
    database: Database, summaries: SummaryActivities, outbox: Outbox
) -> None:
    await opened(database, order_of("A-1"), order_of("A-2"))
    await send(summaries)

    async with database.reading() as session:
        row = (await session.exec(select(DebtSummaryRow))).one()

    assert (row.period, row.items, row.sent_at) == ("2026-W11", 2, MONDAY)
    kept = message_from_bytes(zlib.decompress(row.content), policy=SMTP)
    assert [str(kept["Message-ID"])] == outbox.ids() == [row.message_id]
