"""R14, R10, R9: what keeps an action from being taken, and how a blocked case goes on."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from dunning.actions import ActionKind
from dunning.case.claims import action_failed
from dunning.case.facts import with_ledger, with_payment
from dunning.case.planning import is_due, ladder_action
from dunning.case.state import DunningCase
from dunning.ladder import DunningOption
from dunning.movements import LedgerFacts
from dunning.notices import SellerMailKind
from dunning.requests import Refused
from dunning.stages import BlockedBy, Stage
from tests import factories
from tests.factories import (
    a_case,
    a_hold,
    a_payment,
    berlin,
    bounced,
    customer_changed,
    did,
    handoff_day,
    hold,
    resume,
    steps,
    stop,
    terms,
)

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
ON_DAY = {
    ActionKind.ADVANCE_NOTICE: berlin("2026-02-25 09:10"),
    ActionKind.PAYMENT_REMINDER: berlin("2026-03-07 09:10"),
    ActionKind.FIRST_NOTICE: berlin("2026-03-12 09:10"),
    ActionKind.FINAL_NOTICE: berlin("2026-03-22 09:10"),
    ActionKind.HANDOFF: berlin("2026-04-01 09:10"),
    ActionKind.CANCELLATION: berlin("2026-04-01 09:10"),
}


def before(kind: ActionKind, **given: Any) -> DunningCase:
    """A case for which this action is the next."""
    taken = {
        ActionKind.ADVANCE_NOTICE: 0,
        ActionKind.PAYMENT_REMINDER: 0,
        ActionKind.FIRST_NOTICE: 1,
        ActionKind.FINAL_NOTICE: 2,
    }.get(kind, 3)
    no_collection = kind is ActionKind.CANCELLATION
    values: dict[str, Any] = {
        "steps": steps(*DAYS[:taken]),
        "advance_notice_due": kind is ActionKind.ADVANCE_NOTICE,
        "option": DunningOption.NO_COLLECTION if no_collection else None,
    }
    return a_case(due=DUE, **(values | given))


@pytest.mark.parametrize("kind", ON_DAY)
def test_r9_an_action_is_due_at_its_moment(kind):
    assert is_due(before(kind), kind, ON_DAY[kind])


@pytest.mark.parametrize("kind", ON_DAY)
def test_r10_nothing_is_done_when_nothing_is_owed(kind):
    paid = before(kind, payments=(a_payment("100.00"),))

    assert not is_due(paid, kind, ON_DAY[kind])
    assert ladder_action(paid, ON_DAY[kind]) is None


@pytest.mark.parametrize("kind", ON_DAY)
def test_r29_nothing_is_done_for_an_order_that_was_canceled_meanwhile(kind):
    canceled = with_ledger(before(kind), LedgerFacts(order_canceled_at=berlin("2026-02-20 12:00")))

    assert not is_due(canceled, kind, ON_DAY[kind])


@pytest.mark.parametrize("kind", ON_DAY)
@pytest.mark.parametrize(
    "changed",
    [
        {"hold": a_hold(date(2026, 2, 20))},
        {"approval_wanted": True},
        {"blocked_by": BlockedBy.ERROR},
        {"terms": terms(opens=time(10))},
        {"terms": terms(closed_days=tuple(at.date() for at in ON_DAY.values()))},
    ],
    ids=["hold", "approval", "blocked", "window", "closed"],
)
def test_r21_a_case_that_wakes_looks_first_whether_its_moment_has_come(kind, changed):
    assert not is_due(before(kind, **changed), kind, ON_DAY[kind])


def test_r9_an_action_is_not_taken_before_its_moment_or_outside_the_window():
    case = before(ActionKind.PAYMENT_REMINDER)

    for early in ("2026-03-06 12:00", "2026-03-07 09:09", "2026-03-07 18:00"):
        assert not is_due(case, ActionKind.PAYMENT_REMINDER, berlin(early))


def test_r14_the_handoff_needs_a_complete_address():
    at = ON_DAY[ActionKind.HANDOFF]

    case = handoff_day(before(ActionKind.HANDOFF), at, missing=("city",))

    assert case.blocked_by is BlockedBy.ADDRESS
    assert not case.handoff_begun
    assert [mail.about for mail in case.seller_mails] == [SellerMailKind.ADDRESS_INCOMPLETE]


# --- blocked, and mended ---------------------------------------------------------------------


def blocked(kind: ActionKind, by: BlockedBy) -> DunningCase:
    return factories.blocked(before(kind), by, kind, ON_DAY[kind])


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        (ActionKind.PAYMENT_REMINDER, BlockedBy.EMAIL),
        (ActionKind.PAYMENT_REMINDER, BlockedBy.ERROR),
        (ActionKind.FIRST_NOTICE, BlockedBy.ADDRESS),
        (ActionKind.FINAL_NOTICE, BlockedBy.ADDRESS),
        (ActionKind.HANDOFF, BlockedBy.ADDRESS),
        (ActionKind.HANDOFF, BlockedBy.ERROR),
        (ActionKind.CANCELLATION, BlockedBy.ERROR),
    ],
)
def test_r14_a_blocked_case_waits_and_has_not_taken_the_step(kind, by):
    case = blocked(kind, by)

    assert case.stage is Stage.BLOCKED
    assert case.blocked_by is by
    assert case.steps == before(kind).steps
    assert ladder_action(case, berlin("2027-01-01 12:00")) is None


def test_r14_a_case_whose_invoice_notice_cannot_be_written_waits_too():
    opening = before(ActionKind.PAYMENT_REMINDER, invoice_notice_due=True)
    now = berlin("2026-03-02 12:00")

    failed = factories.blocked(opening, BlockedBy.ERROR, ActionKind.INVOICE_NOTICE, now)

    assert failed.stage is Stage.BLOCKED
    assert ladder_action(failed, now) is None
    assert ladder_action(resume(failed, now), now).kind is ActionKind.INVOICE_NOTICE


@pytest.mark.parametrize(
    ("by", "address_complete", "email_changed", "mended"),
    [
        (BlockedBy.ADDRESS, True, False, True),
        (BlockedBy.ADDRESS, False, False, False),
        (BlockedBy.ADDRESS, False, True, False),
        (BlockedBy.EMAIL, False, True, True),
        (BlockedBy.EMAIL, True, False, False),
        (BlockedBy.EMAIL, True, True, True),
        (BlockedBy.ERROR, True, True, False),
    ],
)
def test_r14_a_blocked_case_goes_on_when_that_which_blocked_it_is_mended(
    by, address_complete, email_changed, mended
):
    case = blocked(ActionKind.FIRST_NOTICE, by)

    changed = customer_changed(
        case,
        berlin("2026-04-20 12:00"),
        address_complete=address_complete,
        email_changed=email_changed,
    )

    assert changed.stage is (Stage.REMINDED if mended else Stage.BLOCKED)


@pytest.mark.parametrize(
    ("mended_at", "at"),
    [
        ("2026-04-20 15:00", "2026-04-20 15:00"),  # at once inside the window
        ("2026-04-20 09:01", "2026-04-20 09:01"),
        ("2026-04-20 03:00", "2026-04-20 09:10"),  # else at its own moment in the next
        ("2026-04-20 18:00", "2026-04-21 09:10"),
        ("2026-03-12 09:15", "2026-03-12 09:15"),
    ],
)
def test_r9_r14_a_mended_case_takes_its_step_at_once_inside_the_window(mended_at, at):
    case = blocked(ActionKind.FIRST_NOTICE, BlockedBy.ADDRESS)

    mended = customer_changed(
        case, berlin("2026-04-20 12:00"), address_complete=True, email_changed=False
    )

    action = ladder_action(mended, berlin(mended_at))
    assert (action.kind, action.at) == (ActionKind.FIRST_NOTICE, berlin(at))


def test_r8_the_step_after_a_blocked_one_keeps_its_gap():
    late = customer_changed(
        blocked(ActionKind.FIRST_NOTICE, BlockedBy.ADDRESS),
        berlin("2026-04-20 12:00"),
        address_complete=True,
        email_changed=False,
    )

    sent = did(late, ActionKind.FIRST_NOTICE, berlin("2026-04-20 15:00"))

    assert ladder_action(sent, berlin("2026-04-20 15:00")).at == berlin("2026-04-30 09:10")


def test_r14_a_customer_change_that_mends_nothing_changes_nothing():
    case = before(ActionKind.FIRST_NOTICE)

    changed = customer_changed(
        case, berlin("2026-04-20 12:00"), address_complete=True, email_changed=True
    )

    assert (changed.stage, changed.events) == (case.stage, case.events)
    now = berlin("2026-03-08 12:00")
    assert ladder_action(changed, now) == ladder_action(case, now)


# The mail server refused the address that was read; there is another one by now.
def test_r14_an_email_address_that_changed_while_the_step_was_tried_is_tried_too():
    at = ON_DAY[ActionKind.FIRST_NOTICE]

    case = bounced(before(ActionKind.FIRST_NOTICE), ActionKind.FIRST_NOTICE, at, read=3, now=4)

    assert is_due(case, ActionKind.FIRST_NOTICE, at)
    assert case.events == case.seller_mails == ()


def test_r14_a_block_that_is_mended_already_when_it_is_noted_does_not_last():
    at = ON_DAY[ActionKind.FIRST_NOTICE]

    case = blocked(ActionKind.FIRST_NOTICE, BlockedBy.ADDRESS)
    mended = customer_changed(case, at, address_complete=True, email_changed=False)

    assert is_due(mended, ActionKind.FIRST_NOTICE, at)


def test_r12_r14_the_handoff_day_is_decided_again_when_a_blocked_case_can_go_on():
    # The switch may have been turned off meanwhile.
    case = blocked(ActionKind.HANDOFF, BlockedBy.ADDRESS)

    mended = customer_changed(
        case, berlin("2026-04-20 12:00"), address_complete=True, email_changed=False
    )

    action = ladder_action(mended, berlin("2026-04-20 15:00"))
    assert (action.kind, action.at) == (ActionKind.HANDOFF, berlin("2026-04-20 15:00"))
    assert not mended.handoff_begun


def test_r14_an_error_waits_for_a_person_who_lets_it_go_on():
    case = blocked(ActionKind.FIRST_NOTICE, BlockedBy.ERROR)

    again = resume(case, berlin("2026-03-20 12:00"))

    assert again.stage is Stage.REMINDED
    assert ladder_action(again, berlin("2026-03-20 12:00")).at == berlin("2026-03-20 12:00")


@pytest.mark.parametrize("by", [BlockedBy.ADDRESS, BlockedBy.EMAIL])
def test_r14_what_is_missing_cannot_be_resumed_away(by):
    with pytest.raises(Refused, match="not_on_hold"):
        resume(blocked(ActionKind.FIRST_NOTICE, by), berlin("2026-03-20 12:00"))


def test_r14_a_case_on_hold_and_blocked_by_an_error_is_resumed_one_after_the_other():
    case = blocked(ActionKind.FIRST_NOTICE, BlockedBy.ERROR)
    now = berlin("2026-03-20 12:00")

    held = hold(case, now, until=None)

    assert resume(held, now).stage is Stage.BLOCKED
    assert resume(resume(held, now), now).stage is Stage.REMINDED


def test_r14_r19_resume_ends_a_hold_before_it_lets_a_failed_mail_to_the_seller_go_on():
    now = berlin("2026-03-20 12:00")
    failed = action_failed(before(ActionKind.FIRST_NOTICE), ActionKind.TELL_SELLER)

    resumed = resume(hold(failed, now, until=None), now)

    assert (resumed.hold, resumed.stage) == (None, Stage.REMINDED)
    assert resume(resumed, now).failed_actions == ()


def test_r14_one_resume_lets_all_go_on_that_an_error_has_stopped():
    now = berlin("2026-03-20 12:00")
    both = action_failed(blocked(ActionKind.FIRST_NOTICE, BlockedBy.ERROR), ActionKind.TELL_SELLER)

    resumed = resume(both, now)

    assert (resumed.blocked_by, resumed.failed_actions) == (None, ())


def test_r14_r20_a_blocked_case_can_be_paid_and_stopped():
    case = blocked(ActionKind.FIRST_NOTICE, BlockedBy.ADDRESS)

    assert with_payment(case, a_payment("100.00")).stage is Stage.PAID
    assert stop(case, berlin("2026-03-20 12:00")).stage is Stage.STOPPED


def test_r14_an_undeliverable_advance_notice_blocks_nothing():
    at = ON_DAY[ActionKind.ADVANCE_NOTICE]

    passed = bounced(before(ActionKind.ADVANCE_NOTICE), ActionKind.ADVANCE_NOTICE, at)

    assert passed.stage is Stage.SCHEDULED
    assert ladder_action(passed, at).kind is ActionKind.PAYMENT_REMINDER
    assert [mail.about for mail in passed.seller_mails] == [SellerMailKind.MAIL_UNDELIVERABLE]
