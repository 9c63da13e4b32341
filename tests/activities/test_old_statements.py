"""Notices by old bank statements: they wait if wanted, and the seller hears of it once (R20)."""

from __future__ import annotations

from datetime import date

from activities.notices import NoticeActivities
from activities.seller_mails import SellerMailActivities
from dunning.actions import ActionKind
from dunning.stages import Stage
from models.statement_mails import statement_mailed, take_on_statement_mail
from models.tables import SellerRow
from runtime.database import Database
from starter.intake.statements.waiting_notices import bring_up_waiting
from starter.reading.statements.freshness import freshness
from tests.activity_runs import act
from tests.factories import utc
from tests.outbox import Outbox
from tests.seeded import case_of_an_open_order, history, row_of, set_case

OPENED = utc("2026-03-02T09:00:00")
REMINDER_DUE = utc("2026-03-07T10:00:00")
STATEMENT = date(2026, 3, 3)


async def opened(database: Database, **settings: object) -> str:
    case_id = await case_of_an_open_order(database, OPENED, settings=settings)
    await set_case(database, case_id, invoice_notice_due=False)
    await has_statement(database, STATEMENT)
    return case_id


async def has_statement(database: Database, until: date) -> None:
    async with database.writing() as session:
        seller = await session.get_one(SellerRow, "s-1")
        seller.statements_until = until
        session.add(seller)


async def the_seller(database: Database) -> SellerRow:
    async with database.reading() as session:
        return await session.get_one(SellerRow, "s-1")


async def test_r20_a_notice_that_goes_out_by_an_old_statement_is_told_to_the_seller(
    database: Database,
    notices: NoticeActivities,
    mails: SellerMailActivities,
    outbox: Outbox,
) -> None:
    case_id = await opened(database)

    plan = await act(notices.send_notice, case_id, ActionKind.PAYMENT_REMINDER, REMINDER_DUE)
    assert plan.stage is Stage.REMINDED
    await act(mails.tell_seller, case_id, ActionKind.TELL_SELLER, REMINDER_DUE)

    mail = outbox.messages[-1]
    assert mail["To"] == "Kurse GmbH <seller@example.org>"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "March 3, 2026" in text.get_content()
    assert "A-1" not in text.get_content()
    assert (await history(database, case_id))[-1] == "seller.told"
    assert statement_mailed(await the_seller(database))


async def test_r20_one_case_tells_for_all(database: Database) -> None:
    case_id = await opened(database)

    async with database.writing() as session:
        assert await take_on_statement_mail(session, "s-1", STATEMENT, case_id=case_id)
        assert await take_on_statement_mail(session, "s-1", STATEMENT, case_id=case_id)
        assert not await take_on_statement_mail(session, "s-1", STATEMENT, case_id="another")
        newer = date(2026, 3, 9)
        assert await take_on_statement_mail(session, "s-1", newer, case_id="another")
        assert not await take_on_statement_mail(session, "s-1", STATEMENT, case_id=case_id)


async def test_r20_a_notice_waits_until_a_newer_statement_comes(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database, hold_when_stale_days=2)

    plan = await act(notices.send_notice, case_id, ActionKind.PAYMENT_REMINDER, REMINDER_DUE)

    assert outbox.messages == []
    assert "waits for: a newer bank statement" in plan.words
    assert (await row_of(database, case_id)).waits_for_statement
    seller = await the_seller(database)
    async with database.reading() as session:
        figures = await freshness(session, seller, now=REMINDER_DUE)
    assert (figures.covers_until, figures.age_days, figures.is_old) == (STATEMENT, 4, True)
    assert (figures.going_out, figures.waiting) == (0, 1)
    assert figures.holds_from == utc("2026-03-06T00:00:00")

    await has_statement(database, date(2026, 3, 7))
    async with database.writing() as session:
        [told] = await bring_up_waiting(session, "s-1", now=REMINDER_DUE)
    assert told.case_id == case_id
    assert not (await row_of(database, case_id)).waits_for_statement
    plan = await act(notices.send_notice, case_id, ActionKind.PAYMENT_REMINDER, REMINDER_DUE)
    assert plan.stage is Stage.REMINDED
