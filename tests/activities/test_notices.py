"""A notice is sent once, and only if it is owed, deliverable and its moment (R9, R10, R14, R16)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.notices import NoticeActivities
from adapters.mail import MailError, OutcomeUnknown, RecipientRefused
from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.ladder import DunningOption, StepKind, StepTaken
from dunning.stages import BlockedBy, Stage
from models.orders import cancel_order
from models.queries import events_of
from models.tables import MessageRow, OrderRow
from runtime.database import Database
from tests.activity_runs import act
from tests.factories import eur, utc
from tests.outbox import Outbox
from tests.seeded import case_of_an_open_order, history, pay, row_of, set_case, the_case

OPENED = utc("2026-03-02T09:00:00")
REMINDER_DUE = utc("2026-03-07T10:00:00")
MINUTE = timedelta(minutes=1)
REMINDED = StepTaken(kind=StepKind.PAYMENT_REMINDER, on=REMINDER_DUE.date())
NO_NUMBER = {"street": "Hauptstr.", "postal_code": "10115", "city": "Berlin", "country": "DE"}


async def opened(database: Database, **given: object) -> str:
    """A case whose invoice notice has been sent."""
    case_id = await case_of_an_open_order(database, OPENED, **given)
    await set_case(database, case_id, invoice_notice_due=False)
    return case_id


async def remind(notices: NoticeActivities, case_id: str, at: datetime = REMINDER_DUE) -> Plan:
    return await act(notices.send_notice, case_id, ActionKind.PAYMENT_REMINDER, at)


async def sent(database: Database, case_id: str) -> list[dict[str, Any]]:
    """What the history says of the notices that were sent."""
    async with database.reading() as session:
        events = await events_of(session, [case_id])
    return [event["detail"] for event in events if event["event"] == "notice.sent"]


async def test_r16_an_attempt_after_a_lost_answer_finds_what_was_done(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)

    first = await remind(notices, case_id)
    again = await remind(notices, case_id, utc("2026-03-07T11:00:00"))

    assert first.stage is Stage.REMINDED
    assert again == first
    assert len(outbox.messages) == 1
    assert len(await sent(database, case_id)) == 1


async def test_r16_killed_between_the_mail_and_the_record_it_is_the_same_message_again(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    outbox.dies_after_sending = True
    with pytest.raises(ApplicationError) as died:
        await remind(notices, case_id)
    outbox.dies_after_sending = False

    await remind(notices, case_id, REMINDER_DUE + MINUTE)

    assert not died.value.non_retryable
    assert outbox.ids() == [f"<{case_id}.1.payment_reminder@example.com>"] * 2
    [told] = await sent(database, case_id)
    assert "confirmed" not in told


async def lost(notices: NoticeActivities, outbox: Outbox, case_id: str) -> None:
    """The mail server took the reminder, or not: the connection broke before it said so."""
    outbox.fails_with = OutcomeUnknown("connection lost")
    with pytest.raises(ApplicationError):
        await remind(notices, case_id)
    outbox.fails_with = None


async def test_r16_paid_before_the_answer_the_notice_counts_and_is_not_confirmed(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    await lost(notices, outbox, case_id)

    await pay(database, case_id, "119.00", REMINDER_DUE + MINUTE)
    plan = await remind(notices, case_id, REMINDER_DUE + 2 * MINUTE)

    [told] = await sent(database, case_id)
    assert told["confirmed"] is False
    assert plan.stage is Stage.PAID
    assert outbox.messages == []
    names = await history(database, case_id)
    assert names.index("notice.sent") < names.index("payment.recorded")
    async with database.reading() as session:
        assert await session.get(MessageRow, f"{case_id}/1/payment_reminder") is not None


async def test_r16_the_answer_comes_after_the_payment_and_confirms_the_notice(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)

    async def paid_meanwhile() -> None:
        await pay(database, case_id, "119.00", REMINDER_DUE)

    outbox.before_answering = paid_meanwhile
    await remind(notices, case_id)

    [told] = await sent(database, case_id)
    assert "confirmed" not in told
    assert len(outbox.messages) == 1
    assert (await row_of(database, case_id)).stage == "paid"


async def test_r16_refused_after_the_payment_the_notice_was_not_sent(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)

    async def paid_meanwhile() -> None:
        await pay(database, case_id, "119.00", REMINDER_DUE)

    outbox.before_answering = paid_meanwhile
    outbox.fails_with = RecipientRefused(550, "no such mailbox")
    await remind(notices, case_id)

    assert await sent(database, case_id) == []
    assert "notice.undeliverable" in await history(database, case_id)
    assert (await row_of(database, case_id)).stage == "paid"


async def test_r16_what_is_paid_before_the_mail_goes_is_not_sent(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)

    async def paid_meanwhile() -> None:
        await pay(database, case_id, "119.00", REMINDER_DUE)

    outbox.before_taking = paid_meanwhile
    plan = await remind(notices, case_id)

    assert plan.stage is Stage.PAID
    assert outbox.messages == []
    assert await sent(database, case_id) == []


async def test_r10_nothing_owed_nothing_sent(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    await pay(database, case_id, "119.00", REMINDER_DUE)

    plan = await remind(notices, case_id)

    assert plan.stage is Stage.PAID
    assert outbox.messages == []


@pytest.mark.one_database
async def test_r10_a_notice_does_not_ask_for_what_the_partner_has_collected(
    database: Database, notices: NoticeActivities
) -> None:
    case_id = await opened(database)
    await set_case(database, case_id, collected_before=eur("79.00"))

    await remind(notices, case_id)

    [told] = await sent(database, case_id)
    assert told["open_amount"] == "40.00"


@pytest.mark.one_database
async def test_r9_outside_the_window_nothing_is_done(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database, settings={"business_days_only": True})
    saturday = REMINDER_DUE

    plan = await remind(notices, case_id, saturday)

    [action] = plan.actions
    assert action.at is not None
    assert action.at.date() == utc("2026-03-09T00:00:00").date()
    assert outbox.messages == []


@pytest.mark.one_database
async def test_r14_a_written_notice_needs_the_address_and_the_reminder_does_not(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database, customer={"address": NO_NUMBER})

    reminded = await remind(notices, case_id)
    written = utc("2026-03-12T10:00:00")
    plan = await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, written)

    assert reminded.stage is Stage.REMINDED
    assert (plan.stage, plan.blocked_by) == (Stage.BLOCKED, BlockedBy.ADDRESS)
    assert [action.kind for action in plan.actions] == [ActionKind.TELL_SELLER]
    assert len(outbox.messages) == 1
    assert (await row_of(database, case_id)).stage == "blocked"


@pytest.mark.one_database
async def test_r14_a_refused_address_is_told_and_blocks(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    outbox.fails_with = RecipientRefused(550, "no such mailbox")

    plan = await remind(notices, case_id)

    assert (plan.stage, plan.blocked_by) == (Stage.BLOCKED, BlockedBy.EMAIL)
    assert "notice.undeliverable" in await history(database, case_id)


@pytest.mark.one_database
async def test_r14_a_mail_server_that_is_down_is_tried_again(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await opened(database)
    outbox.fails_with = MailError("connection refused")

    with pytest.raises(ApplicationError) as failed:
        await remind(notices, case_id)

    assert not failed.value.non_retryable


@pytest.mark.one_database
async def test_r14_what_can_never_work_blocks_the_case_and_names_nobody(
    database: Database,
    notices: NoticeActivities,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    case_id = await opened(database)

    def poisoned(*_: object, **__: object) -> None:
        raise ValueError("Ada Muster, ada@example.org")

    monkeypatch.setattr("activities.notices.customer_mail", poisoned)
    plan = await remind(notices, case_id)

    assert (plan.stage, plan.blocked_by) == (Stage.BLOCKED, BlockedBy.ERROR)
    async with database.reading() as session:
        [*_, stopped] = await events_of(session, [case_id])
    assert stopped["detail"] == {
        "from": "scheduled",
        "stage": "blocked",
        "reason": stopped["detail"]["reason"],
    }
    assert re.fullmatch(r"\w+ in \w+\.py:[0-9]+", stopped["detail"]["reason"])
    assert stopped["detail"]["reason"] in plan.words
    assert "resumes it" in plan.words
    [line] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert line.kind == "ValueError"  # type: ignore[attr-defined]
    assert "Ada" not in f"{caplog.text}{await history(database, case_id)}"


async def test_r6_r21_the_final_notice_fixes_the_option_that_it_announces(
    database: Database, notices: NoticeActivities
) -> None:
    case_id = await opened(database, settings={"dunning_option": "no_collection"})
    taken = (
        REMINDED,
        StepTaken(kind=StepKind.FIRST_NOTICE, on=utc("2026-03-12T10:00:00").date()),
    )
    await set_case(database, case_id, steps=taken)

    written = utc("2026-03-22T10:00:00")
    await act(notices.send_notice, case_id, ActionKind.FINAL_NOTICE, written)

    assert (await the_case(database, case_id)).option is DunningOption.NO_COLLECTION
    assert (await row_of(database, case_id)).next_kind == "cancellation"


@pytest.mark.one_database
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

    await remind(notices, case_id)

    [stored_line] = await sent(database, case_id)
    assert {key: stored_line[key] for key in stored_line if key.startswith("language")} == told


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("kind", "names"),
    [(ActionKind.PAYMENT_REMINDER, []), (ActionKind.FIRST_NOTICE, ["Overdue-notice-A-1.pdf"])],
)
async def test_r5_a_written_notice_has_its_letter_attached(
    database: Database,
    notices: NoticeActivities,
    outbox: Outbox,
    kind: ActionKind,
    names: list[str],
) -> None:
    case_id = await opened(database)
    if kind is ActionKind.FIRST_NOTICE:
        await set_case(database, case_id, steps=(REMINDED,))

    await act(notices.send_notice, case_id, kind, utc("2026-03-12T10:00:00"))

    (message,) = outbox.messages
    assert [part.get_filename() for part in message.iter_attachments()] == names


@pytest.mark.one_database
async def test_r14_a_letter_that_cannot_be_set_blocks_the_case(
    database: Database, notices: NoticeActivities, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await opened(database)
    await set_case(database, case_id, steps=(REMINDED,))
    monkeypatch.setattr("adapters.letters.letter.letter_content", lambda *_: {"language": "en"})

    written = utc("2026-03-12T10:00:00")
    plan = await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, written)

    assert plan.blocked_by is BlockedBy.ERROR
    assert outbox.messages == []


@pytest.mark.one_database
async def test_r10_r29_no_invoice_notice_for_what_was_canceled_meanwhile(
    database: Database, notices: NoticeActivities, outbox: Outbox
) -> None:
    case_id = await case_of_an_open_order(database, OPENED)
    async with database.writing() as session:
        order = await session.get_one(OrderRow, ("s-1", "A-1"))
        await cancel_order(session, order, at=OPENED)

    plan = await act(notices.send_notice, case_id, ActionKind.INVOICE_NOTICE, OPENED)

    assert plan.stage is Stage.CANCELED
    assert outbox.messages == []
