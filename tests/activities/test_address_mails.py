"""R14: of all cases that wait for one address one tells the seller."""

from __future__ import annotations

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from activities.notices import NoticeActivities
from activities.seller_mails import SellerMailActivities
from dunning.actions import ActionKind
from dunning.stages import Stage
from models.tables import CaseRow, CustomerRow
from runtime.database import Database
from starter.intake.customers import change_customer
from tests.activity_runs import act
from tests.factories import utc
from tests.outbox import Outbox
from tests.seeded import case_of_an_open_order, history, row_of

OPENED = utc("2026-03-02T09:00:00")
DUE = utc("2026-03-12T10:00:00")
PARTS = [
    {"number": number, "due_date": "2026-03-02", "amount": amount}
    for number, amount in ((1, "50.00"), (2, "69.00"))
]
HAD = [
    {"installment": number, "kind": "payment_reminder", "sent_on": "2026-03-01"}
    for number in (1, 2)
]
NO_STREET = {"address": {"postal_code": "10115", "city": "Berlin", "country": "DE"}}


async def installments(database: Database) -> list[str]:
    """Two of one order, both due for their first notice."""
    given = {"installments": PARTS, "notices_sent": HAD}
    await case_of_an_open_order(database, OPENED, customer=NO_STREET, **given)
    async with database.reading() as session:
        query = select(CaseRow.case_id).order_by(CaseRow.installment)  # type: ignore[arg-type]
        return list(await session.exec(query))


async def complete(database: Database, street: str | None) -> None:
    async with database.writing() as session:
        row = await session.get_one(CustomerRow, ("s-1", "c-1"))
        address = NO_STREET["address"] | {"street": street}
        await change_customer(session, row, {"address": address}, at=DUE)


async def test_r14_installments_that_are_blocked_at_once_are_one_mail(
    database: Database, notices: NoticeActivities, mails: SellerMailActivities, outbox: Outbox
) -> None:
    cases = await installments(database)
    await act(mails.tell_seller, cases[0], ActionKind.TELL_SELLER, OPENED)
    outbox.messages.clear()

    for case_id in cases:
        plan = await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, DUE)
        assert plan.stage is Stage.BLOCKED
    for case_id in cases:
        await act(mails.tell_seller, case_id, ActionKind.TELL_SELLER, DUE)

    [mail] = outbox.messages
    text = mail.get_body(("plain",))
    assert text is not None
    assert "A-1" in text.get_content()
    assert "of 2" not in text.get_content()
    assert "50.00" not in text.get_content()
    assert "seller.told" not in await history(database, cases[1])
    assert not (await row_of(database, cases[1])).state.get("seller_mails")


async def test_r14_one_that_is_blocked_days_later_is_told_again(
    database: Database, notices: NoticeActivities, mails: SellerMailActivities, outbox: Outbox
) -> None:
    cases = await installments(database)
    days = (DUE, utc("2026-03-13T10:00:00"))
    for case_id, at in zip(cases, days, strict=True):
        await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, at)
        await act(mails.tell_seller, case_id, ActionKind.TELL_SELLER, at)

    assert len([m for m in outbox.messages if "address" in str(m["Subject"])]) == 2


async def test_r16_the_one_that_tells_is_the_same_after_a_crash(
    database: Database, notices: NoticeActivities, mails: SellerMailActivities, outbox: Outbox
) -> None:
    cases = await installments(database)
    for case_id in cases:
        await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, DUE)
    outbox.dies_after_sending = True
    with pytest.raises(ApplicationError):
        await act(mails.tell_seller, cases[0], ActionKind.TELL_SELLER, DUE)
    outbox.dies_after_sending = False
    for case_id in reversed(cases):
        await act(mails.tell_seller, case_id, ActionKind.TELL_SELLER, DUE)

    assert len(outbox.messages) == 2
    assert len(set(outbox.ids())) == 1


async def test_r14_an_address_that_becomes_incomplete_again_is_told_again(
    database: Database, notices: NoticeActivities, mails: SellerMailActivities, outbox: Outbox
) -> None:
    cases = await installments(database)
    await act(notices.send_notice, cases[0], ActionKind.FIRST_NOTICE, DUE)
    await act(mails.tell_seller, cases[0], ActionKind.TELL_SELLER, DUE)
    await complete(database, "Hauptstr. 5")
    await complete(database, None)

    await act(notices.send_notice, cases[1], ActionKind.FIRST_NOTICE, DUE)
    await act(mails.tell_seller, cases[1], ActionKind.TELL_SELLER, DUE)

    assert len(outbox.messages) == 2
