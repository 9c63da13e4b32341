"""Which messages to a customer count where the law limits them (R9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dunning.history import EventName
from dunning.notices import NoticeKind
from models.contacts import last_messages, messages_since
from models.snapshot import case_of
from models.tables import CaseRow, EventRow, MessageRow
from runtime.database import Database
from tests.factories import sending
from tests.models.sellers import order_of, sellers

OPENED = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_r9_what_was_sent_or_may_have_been_counts_and_nothing_else(
    database: Database,
) -> None:
    await sellers(database, "s-1", answered_at=OPENED)
    [sent, refused, under_way] = [
        (await order_of(database, "s-1", order_id, OPENED))[0] for order_id in ("A-1", "A-2", "A-3")
    ]
    async with database.writing() as session:
        for kind, days in ((NoticeKind.INVOICE_NOTICE, 0), (NoticeKind.PAYMENT_REMINDER, 5)):
            detail = {"kind": kind}
            at = OPENED + days * DAY
            session.add(EventRow(case_id=sent, at=at, event=EventName.NOTICE_SENT, detail=detail))
        # The mail server did not accept this one: its row stays, and the history has no entry.
        session.add(
            MessageRow(
                key=f"{refused}/1/first_notice",
                case_id=refused,
                kind=NoticeKind.FIRST_NOTICE,
                message_id="<1@example.com>",
                sent_at=OPENED + 7 * DAY,
                currency="EUR",
                open_amount=10,
            )
        )
        row = await session.get_one(CaseRow, under_way)
        case = case_of(row)
        leaving = sending(case, NoticeKind.FIRST_NOTICE, OPENED + 9 * DAY)
        row.state = case.changed(sending=leaving).model_dump(mode="json", exclude_defaults=True)
        session.add(row)

    async with database.reading() as session:
        last = await last_messages(session, "s-1", "c-1", count=9)
        [since] = (await messages_since(session, "s-1", ["c-1"], since=OPENED)).values()
        [later] = (await messages_since(session, "s-1", ["c-1"], since=OPENED + 6 * DAY)).values()

    assert last == (OPENED + 9 * DAY, OPENED + 5 * DAY)
    assert sorted(since, reverse=True) == list(last)
    assert later == [OPENED + 9 * DAY]
