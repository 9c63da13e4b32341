"""R9: where the law counts messages, those of one customer go out one by one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from activities.notices import NoticeActivities
from adapters.mail import OutcomeUnknown
from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.stages import Stage
from models.debt_summaries import DebtSummaryRow
from runtime.database import Database
from starter.input.schemas import OrderBody
from tests.activity_runs import act
from tests.bodies import an_order
from tests.factories import utc
from tests.outbox import Outbox
from tests.seeded import case_of_an_open_order, history, open_order, set_case

# A Monday; the reminders fall on Saturday the 7th.
OPENED = utc("2026-03-02T15:00:00")
DUE = utc("2026-03-07T15:00:00")
CHILE: dict[str, Any] = {
    "street": "Moneda 970",
    "postal_code": "8320000",
    "city": "Santiago",
    "country": "CL",
}


async def two_cases(database: Database, address: dict[str, Any] = CHILE) -> list[str]:
    """Two orders of one customer, whose reminders are due."""
    first = await case_of_an_open_order(
        database,
        OPENED,
        seller={"time_zone": "America/Santiago"},
        customer={"address": address},
        currency="CLP",
        total="119000",
    )
    customer = {"customer_id": "c-1", "last_name": "Muster", "email": "ada@example.org"}
    body = an_order("A-2", currency="CLP", total="30000", customer=customer)
    async with database.writing() as session:
        second = await open_order(session, OrderBody.model_validate(body), now=OPENED)
    cases: list[str] = [first, second.answer["cases"][0]["case_id"]]
    for case_id in cases:
        await set_case(database, case_id, invoice_notice_due=False, invoice_notice_on=None)
    return cases


async def remind(notices: NoticeActivities, case_id: str) -> Plan:
    return await act(notices.send_notice, case_id, ActionKind.PAYMENT_REMINDER, DUE)


async def test_r9_the_second_message_to_a_customer_in_chile_waits_two_days(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    first, second = await two_cases(database)
    await remind(notices, first)

    waiting = await remind(notices, second)

    assert len(outbox.messages) == 1
    [reminder] = waiting.actions
    assert reminder.kind is ActionKind.PAYMENT_REMINDER
    # Monday, at the time of day of the message before
    assert reminder.at == DUE + timedelta(days=2)


async def test_r9_two_messages_at_once_are_one_and_one_that_waits(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    cases = await two_cases(database)
    ready = asyncio.Barrier(2)

    async def both_are_written() -> None:
        outbox.before_taking = None if ready.n_waiting else outbox.before_taking
        await ready.wait()

    outbox.before_taking = both_are_written

    plans = await asyncio.gather(*(remind(notices, case_id) for case_id in cases))

    assert len(outbox.messages) == 1
    assert sorted(plan.stage for plan in plans) == [Stage.REMINDED, Stage.SCHEDULED]


async def test_r9_a_message_that_may_have_left_counts_and_is_tried_again_all_the_same(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    first, second = await two_cases(database)
    outbox.fails_with = OutcomeUnknown("no answer")
    with pytest.raises(Exception, match="OutcomeUnknown"):
        await remind(notices, first)
    outbox.fails_with = None

    waiting = await remind(notices, second)
    again = await remind(notices, first)

    assert (waiting.stage, again.stage) == (Stage.SCHEDULED, Stage.REMINDED)
    assert len(outbox.messages) == 1


async def test_r9_a_summary_counts_as_a_message(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    first, _ = await two_cases(database)
    summary = DebtSummaryRow(
        seller_id="s-1",
        customer_id="c-1",
        period="2026-W10",
        message_id="<x@example.com>",
        sent_at=utc("2026-03-06T12:00:00"),
        items=2,
        content=b"",
    )
    async with database.writing() as session:
        session.add(summary)

    waiting = await remind(notices, first)

    assert outbox.messages == []
    # two days later is a Sunday
    assert f"{waiting.actions[0].at:%Y-%m-%d %H}" == "2026-03-09 12"


async def test_r9_elsewhere_nobody_waits(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    cases = await two_cases(database, CHILE | {"country": "DE", "postal_code": "10115"})

    for case_id in cases:
        await remind(notices, case_id)

    assert len(outbox.messages) == 2
    for case_id in cases:
        assert "notice.sent" in await history(database, case_id)
