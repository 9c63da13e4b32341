"""A notice is sent once, and only if it is owed, deliverable and its moment (R9, R10, R14, R16)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError

from activities.notices import NoticeActivities
from adapters.mail import MailError, RecipientRefused
from dunning.deeds import DeedKind, Outcome
from dunning.plan import StepKind, StepTaken
from dunning.stages import BlockedBy
from models.queries import events_of
from models.tables import OrderRow, ReceivableRow
from runtime.database import Database
from tests.books import MAIL_FROM, Outbox, history, open_books, row_of, set_case, take, utc

OPENED = utc("2026-03-02T09:00:00")
REMINDER_DUE = utc("2026-03-07T10:00:00")
REMINDED = StepTaken(kind=StepKind.PAYMENT_REMINDER, on=REMINDER_DUE.date())
NO_NUMBER = {"street": "Hauptstr.", "postal_code": "10115", "city": "Berlin", "country": "DE"}


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def notices(database: Database, outbox: Outbox) -> NoticeActivities:
    return NoticeActivities(database, outbox, mail_from=MAIL_FROM)


async def opened(database: Database, **given: object) -> str:
    """A case whose invoice notice has been sent."""
    case_id = await open_books(database, OPENED, **given)
    await set_case(database, case_id, opening=None)
    return case_id


async def test_r16_an_attempt_after_a_lost_answer_finds_what_was_done(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)

    first = await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)
    again = await take(
        notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, utc("2026-03-07T11:00:00")
    )

    assert first.outcome is Outcome.DONE
    assert again == first
    assert len(outbox.messages) == 1
    assert (await history(database, case_id)).count("notice.sent") == 1


async def test_r16_killed_between_the_mail_and_the_record_it_is_the_same_message_again(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    outbox.dies_after_sending = True
    with pytest.raises(ApplicationError) as died:
        await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)
    outbox.dies_after_sending = False

    await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE, attempt=2)

    assert not died.value.non_retryable
    assert outbox.ids() == [f"<{case_id}.1.payment_reminder@example.com>"] * 2


async def test_r10_nothing_owed_nothing_sent(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    async with database.writing() as session:
        receivable = await session.get_one(ReceivableRow, case_id)
        receivable.paid, receivable.open_amount = Decimal(119), Decimal(0)
        session.add(receivable)
        order = await session.get_one(OrderRow, ("s-1", "A-1"))
        order.canceled_at = REMINDER_DUE
        session.add(order)

    result = await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)

    assert result.outcome is Outcome.NOTHING_OWED
    assert outbox.messages == []


async def test_r9_outside_the_window_nothing_is_done_and_the_settings_are_told(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database, settings={"business_days_only": True})
    saturday = REMINDER_DUE

    result = await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, saturday)

    assert result.outcome is Outcome.NOT_NOW
    assert outbox.messages == []


async def test_r14_a_written_notice_needs_the_address_and_the_reminder_does_not(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database, customer={"address": NO_NUMBER})

    reminder = await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)
    notice = await take(
        notices.send_notice,
        case_id,
        DeedKind.FIRST_NOTICE,
        utc("2026-03-12T10:00:00"),
        results=1,
    )

    assert reminder.outcome is Outcome.DONE
    assert (notice.outcome, notice.blocked_by) == (Outcome.BLOCKED, BlockedBy.ADDRESS)
    assert [message["To"] for message in outbox.messages][1:] == ["Kurse GmbH <seller@example.org>"]
    assert (await row_of(database, case_id)).stage == "blocked"


async def test_r14_a_refused_address_is_told_and_blocks(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    outbox.fails_with = RecipientRefused(550, "no such mailbox")

    result = await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)

    assert (result.outcome, result.blocked_by) == (Outcome.BLOCKED, BlockedBy.EMAIL)
    assert "notice.undeliverable" in await history(database, case_id)


async def test_r14_a_mail_server_that_is_down_is_tried_again(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    outbox.fails_with = MailError("connection refused")

    with pytest.raises(ApplicationError) as failed:
        await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)

    assert not failed.value.non_retryable


async def test_r14_what_can_never_work_is_not_tried_again_and_names_nobody(
    database: Database, notices: NoticeActivities, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await opened(database)

    def poisoned(*_: object, **__: object) -> None:
        raise ValueError("Ada Muster, ada@example.org")

    monkeypatch.setattr("activities.notices.customer_mail", poisoned)
    with pytest.raises(ApplicationError) as failed:
        await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)

    assert failed.value.non_retryable
    assert (failed.value.message, failed.value.type) == ("ValueError", "ValueError")
    assert failed.value.__cause__ is None


async def test_a_run_that_another_got_ahead_of_does_nothing(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    async with database.writing() as session:
        row = await session.get_one(type(await row_of(database, case_id)), case_id)
        row.run_id = "another-run"
        row.state = row.state | {"noted": 1}
        session.add(row)

    with pytest.raises(ApplicationError) as failed:
        await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)

    assert failed.value.type == "Superseded"
    assert outbox.messages == []


async def test_r6_r21_the_final_notice_fixes_the_option_that_it_announces(
    database: Database, notices: NoticeActivities
) -> None:
    case_id = await opened(database, settings={"dunning_option": "no_collection"})
    taken = (
        REMINDED,
        StepTaken(kind=StepKind.FIRST_NOTICE, on=utc("2026-03-12T10:00:00").date()),
    )
    await set_case(database, case_id, steps=taken)

    result = await take(
        notices.send_notice, case_id, DeedKind.FINAL_NOTICE, utc("2026-03-22T10:00:00")
    )

    assert result.option == "no_collection"
    assert (await row_of(database, case_id)).next_kind == "cancellation"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("it", {"language": "en", "language_wanted": "it"}),
        ("pt-BR", {"language": "en", "language_wanted": "pt-BR"}),
        ("de-AT", {}),
        ("fr", {}),
        (None, {}),
    ],
)
async def test_r25_a_language_without_a_translation_is_told_in_the_history(
    database: Database,
    notices: NoticeActivities,
    outbox: Outbox,
    wanted: str | None,
    told: dict[str, str],
) -> None:
    case_id = await opened(database, customer={"language": wanted})

    await take(notices.send_notice, case_id, DeedKind.PAYMENT_REMINDER, REMINDER_DUE)

    async with database.reading() as session:
        events = await events_of(session, [case_id])
    [sent] = [event["detail"] for event in events if event["event"] == "notice.sent"]
    assert {key: sent[key] for key in sent if key.startswith("language")} == told


@pytest.mark.parametrize(
    ("deed", "names"),
    [(DeedKind.PAYMENT_REMINDER, []), (DeedKind.FIRST_NOTICE, ["First-reminder-A-1.pdf"])],
)
async def test_r5_a_written_notice_has_its_letter_attached(
    database: Database,
    notices: NoticeActivities,
    outbox: Outbox,
    deed: DeedKind,
    names: list[str],
) -> None:
    case_id = await opened(database)
    if deed is DeedKind.FIRST_NOTICE:
        await set_case(database, case_id, steps=(REMINDED,))

    await take(notices.send_notice, case_id, deed, utc("2026-03-12T10:00:00"))

    (message,) = outbox.messages
    assert [part.get_filename() for part in message.iter_attachments()] == names


async def test_r14_a_letter_that_cannot_be_set_is_not_tried_again(
    database: Database, notices: NoticeActivities, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await opened(database)
    await set_case(database, case_id, steps=(REMINDED,))
    monkeypatch.setattr("adapters.letters.letter_content", lambda *_: {"language": "en"})

    with pytest.raises(ApplicationError) as failed:
        await take(notices.send_notice, case_id, DeedKind.FIRST_NOTICE, utc("2026-03-12T10:00:00"))

    assert failed.value.non_retryable
    assert failed.value.type == "TypstError"
    assert outbox.messages == []


async def test_r10_r29_no_invoice_notice_for_what_was_paid_or_canceled_meanwhile(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await open_books(database, OPENED)
    async with database.writing() as session:
        order = await session.get_one(OrderRow, ("s-1", "A-1"))
        order.canceled_at = OPENED
        session.add(order)

    result = await take(notices.open_case, case_id, DeedKind.OPEN, OPENED)

    assert result.outcome is Outcome.NOTHING_OWED
    assert outbox.messages == []
