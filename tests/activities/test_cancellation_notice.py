"""R11, R29: what the customer of a canceled order is told, and by which of its cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import select

from activities.decisions import DecisionActivities
from activities.handoff import HandoffActivities
from activities.notices import NoticeActivities
from dunning.actions import ActionKind
from dunning.stages import Stage
from models.orders import bring_up_order, cancel_order, locked_order
from models.queries import events_of
from models.tables import CaseRow
from runtime.database import Database
from tests.activity_runs import act
from tests.factories import utc
from tests.outbox import Outbox
from tests.partners.fake import FakePartner
from tests.seeded import case_of_an_open_order, pay

OPENED = utc("2026-03-02T10:00:00")
PLAN = [
    {"number": 1, "due_date": "2026-03-02", "amount": "60.00"},
    {"number": 2, "due_date": "2026-05-02", "amount": "59.00"},
]


async def send(notices: NoticeActivities, case_id: str, *kinds: ActionKind, day: int = 0) -> Stage:
    stage = Stage.SCHEDULED
    for kind in kinds:
        at = OPENED + timedelta(days=day)
        stage = (await act(notices.send_notice, case_id, kind, at)).stage
    return stage


async def climb(notices: NoticeActivities, case_id: str) -> None:
    for kind, day in {
        ActionKind.INVOICE_NOTICE: 0,
        ActionKind.PAYMENT_REMINDER: 5,
        ActionKind.FIRST_NOTICE: 10,
        ActionKind.FINAL_NOTICE: 20,
    }.items():
        await send(notices, case_id, kind, day=day)


async def cancel(database: Database, *, day: int = 1) -> None:
    async with database.writing() as session:
        order = await locked_order(session, "s-1", "A-1")
        assert order is not None
        at = OPENED + timedelta(days=day)
        await cancel_order(session, order, at=at)
        await bring_up_order(session, order, at=at)


async def planned(database: Database) -> list[list[str]]:
    async with database.reading() as session:
        rows = await session.exec(select(CaseRow).order_by(CaseRow.due_date))
        return [[action["kind"] for action in row.plan["actions"]] for row in rows]


async def stages(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.exec(select(CaseRow.stage).order_by(CaseRow.due_date)))


async def told(database: Database, case_id: str) -> list[dict[str, Any]]:
    async with database.reading() as session:
        events = await events_of(session, [case_id])
    sent = [event["detail"] for event in events if event["event"] == "notice.sent"]
    return [detail for detail in sent if detail["kind"] == "cancellation_notice"]


def text_of(outbox: Outbox) -> str:
    body = outbox.messages[-1].get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def test_r29_after_a_notice_one_case_of_the_order_tells_the_customer(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await case_of_an_open_order(database, OPENED, installments=PLAN)
    await send(notices, case_id, ActionKind.INVOICE_NOTICE)

    await cancel(database)
    assert await planned(database) == [["cancellation_notice"], []]
    await send(notices, case_id, ActionKind.CANCELLATION_NOTICE, day=1)

    assert await planned(database) == [[], []]
    [detail] = await told(database, case_id)
    assert detail["open_amount"] == "0.00"
    assert "You do not have to pay the open amount any more." in text_of(outbox)
    assert "We will contact you" not in text_of(outbox)
    assert not list(outbox.messages[-1].iter_attachments())


async def test_r29_a_customer_who_has_had_no_notice_hears_nothing(database: Database) -> None:
    await case_of_an_open_order(database, OPENED)

    await cancel(database)

    assert await planned(database) == [[]]


async def test_r29_what_was_paid_already_is_named(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await case_of_an_open_order(database, OPENED)
    await send(notices, case_id, ActionKind.INVOICE_NOTICE)
    await pay(database, case_id, "40.00", OPENED)

    await cancel(database)
    await send(notices, case_id, ActionKind.CANCELLATION_NOTICE, day=1)

    assert "You have already paid 40,00 €. We will contact you about this." in text_of(outbox)


async def test_r29_an_order_that_was_paid_has_nothing_to_tell(
    database: Database, notices: NoticeActivities
) -> None:
    case_id = await case_of_an_open_order(database, OPENED)
    await send(notices, case_id, ActionKind.INVOICE_NOTICE)
    await pay(database, case_id, "119.00", OPENED)

    await cancel(database)

    assert await planned(database) == [[]]


async def test_r11_without_collection_the_whole_order_is_canceled_and_the_customer_told_once(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    settings = {"dunning_option": "no_collection"}
    case_id = await case_of_an_open_order(database, OPENED, settings=settings, installments=PLAN)
    await climb(notices, case_id)
    decisions = DecisionActivities(database, _send_nothing)

    at = OPENED + timedelta(days=30)
    await act(decisions.cancel_order, case_id, ActionKind.CANCELLATION, at)
    assert await stages(database) == ["canceled", "canceled"]
    assert await planned(database) == [["cancellation_notice"], []]
    await send(notices, case_id, ActionKind.CANCELLATION_NOTICE, day=30)

    assert await planned(database) == [[], []]
    assert len(await told(database, case_id)) == 1
    assert "has been canceled" in str(outbox.messages[-1]["Subject"])


async def test_r11_what_the_partner_has_is_still_claimed_with_the_costs(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await case_of_an_open_order(
        database,
        OPENED,
        settings={"dunning_option": "cancellation"},
        installments=PLAN,
        cancellation_costs="15.00",
    )
    await climb(notices, case_id)
    handoff = HandoffActivities(database, FakePartner(), _send_nothing)

    at = OPENED + timedelta(days=30)
    await act(handoff.hand_over, case_id, ActionKind.HANDOFF, at)
    await send(notices, case_id, ActionKind.CANCELLATION_NOTICE, day=30)

    [detail] = await told(database, case_id)
    assert detail["open_amount"] == "75.00"
    text = text_of(outbox)
    assert "is still claimed: 75,00 €, including cancellation costs of 15,00 €." in text
    assert "You do not have to pay anything else." in text


async def _send_nothing(_unsent: Any) -> None:
    """No Temporal server is running here."""
