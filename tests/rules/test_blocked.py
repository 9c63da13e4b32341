"""R14, R10, R9: what keeps a deed from being done, and how a blocked case goes on."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from dunning.case import DunningCase, Refused
from dunning.deeds import DeedKind, Facts, Outcome
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from dunning.state import Opening
from tests.factories import a_case, a_hold, a_payment, berlin, came, done, steps, terms

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
ON_DAY = {
    DeedKind.ADVANCE_NOTICE: berlin("2026-02-25 09:10"),
    DeedKind.PAYMENT_REMINDER: berlin("2026-03-07 09:10"),
    DeedKind.FIRST_NOTICE: berlin("2026-03-12 09:10"),
    DeedKind.FINAL_NOTICE: berlin("2026-03-22 09:10"),
    DeedKind.HANDOFF: berlin("2026-04-01 09:10"),
    DeedKind.SUBMIT_CLAIM: berlin("2026-04-01 09:10"),
    DeedKind.CANCELLATION: berlin("2026-04-01 09:10"),
}


def before(deed: DeedKind, **given: Any) -> DunningCase:
    """A case for which this deed is the next."""
    taken = {
        DeedKind.ADVANCE_NOTICE: 0,
        DeedKind.PAYMENT_REMINDER: 0,
        DeedKind.FIRST_NOTICE: 1,
        DeedKind.FINAL_NOTICE: 2,
    }.get(deed, 3)
    no_collection = deed is DeedKind.CANCELLATION
    values: dict[str, Any] = {
        "steps": steps(*DAYS[:taken]),
        "advance_wanted": deed is DeedKind.ADVANCE_NOTICE,
        "handoff_begun": deed is DeedKind.SUBMIT_CLAIM,
        "option": DunningOption.NO_COLLECTION if no_collection else None,
    }
    return a_case(due=DUE, **(values | given))


@pytest.mark.parametrize(
    ("deed", "hindrance"),
    [
        (DeedKind.ADVANCE_NOTICE, None),
        (DeedKind.PAYMENT_REMINDER, None),
        (DeedKind.FIRST_NOTICE, Outcome.BLOCKED),
        (DeedKind.FINAL_NOTICE, Outcome.BLOCKED),
        (DeedKind.SUBMIT_CLAIM, Outcome.BLOCKED),
        (DeedKind.CANCELLATION, None),
    ],
)
def test_r14_written_notices_and_the_handoff_need_a_complete_address(deed, hindrance):
    at = ON_DAY[deed]

    assert before(deed).hindrance(deed, at, address_complete=False) is hindrance
    assert before(deed).hindrance(deed, at, address_complete=True) is None


@pytest.mark.parametrize("deed", ON_DAY)
def test_r10_nothing_is_done_when_nothing_is_owed(deed):
    paid = before(deed, payments=(a_payment("100.00"),))

    for complete in (True, False):
        found = paid.hindrance(deed, ON_DAY[deed], address_complete=complete)
        assert found is Outcome.NOTHING_OWED


@pytest.mark.parametrize("deed", ON_DAY)
def test_r29_nothing_is_done_for_an_order_that_was_canceled_meanwhile(deed):
    # The claim too: the partner was being asked, but did not answer yet.
    canceled = before(deed).after_facts(Facts(order_canceled_at=berlin("2026-02-20 12:00")))

    found = canceled.hindrance(deed, ON_DAY[deed], address_complete=True)

    assert found is Outcome.NOTHING_OWED


@pytest.mark.parametrize("deed", [d for d in ON_DAY if d is not DeedKind.SUBMIT_CLAIM])
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
def test_r21_a_case_that_wakes_looks_first_whether_its_moment_has_come(deed, changed):
    case = before(deed, **changed)

    assert case.hindrance(deed, ON_DAY[deed], address_complete=True) is Outcome.NOT_NOW


def test_r9_a_deed_is_not_done_before_its_moment_or_outside_the_window():
    case = before(DeedKind.PAYMENT_REMINDER)

    for early in ("2026-03-06 12:00", "2026-03-07 09:09", "2026-03-07 18:00"):
        found = case.hindrance(DeedKind.PAYMENT_REMINDER, berlin(early), address_complete=True)
        assert found is Outcome.NOT_NOW


# --- blocked, and mended ---------------------------------------------------------------------


def blocked(deed: DeedKind, by: BlockedBy) -> DunningCase:
    return before(deed).after(came(deed, Outcome.BLOCKED, ON_DAY[deed], blocked_by=by))


@pytest.mark.parametrize(
    ("deed", "by"),
    [
        (DeedKind.PAYMENT_REMINDER, BlockedBy.EMAIL),
        (DeedKind.PAYMENT_REMINDER, BlockedBy.ERROR),
        (DeedKind.FIRST_NOTICE, BlockedBy.ADDRESS),
        (DeedKind.FINAL_NOTICE, BlockedBy.ADDRESS),
        (DeedKind.HANDOFF, BlockedBy.ADDRESS),
        (DeedKind.SUBMIT_CLAIM, BlockedBy.ADDRESS),
        (DeedKind.SUBMIT_CLAIM, BlockedBy.ERROR),
        (DeedKind.CANCELLATION, BlockedBy.ERROR),
    ],
)
def test_r14_a_blocked_case_waits_and_has_not_taken_the_step(deed, by):
    case = blocked(deed, by)

    assert case.stage is Stage.BLOCKED
    assert case.blocked_by is by
    assert case.steps == before(deed).steps
    assert case.next_deed(berlin("2027-01-01 12:00")) is None


def test_r14_a_case_that_cannot_even_be_opened_waits_too():
    opening = before(DeedKind.PAYMENT_REMINDER, opening=Opening(invoice_notice=True))
    now = berlin("2026-03-02 12:00")

    failed = opening.after(came(DeedKind.OPEN, Outcome.BLOCKED, now, blocked_by=BlockedBy.ERROR))

    assert failed.stage is Stage.BLOCKED
    assert failed.next_deed(now) is None
    assert failed.resume(now).next_deed(now).kind is DeedKind.OPEN


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
    case = blocked(DeedKind.FIRST_NOTICE, by)

    changed = case.after_customer_changed(
        berlin("2026-04-20 12:00"), address_complete=address_complete, email_changed=email_changed
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
    case = blocked(DeedKind.FIRST_NOTICE, BlockedBy.ADDRESS)

    mended = case.after_customer_changed(
        berlin("2026-04-20 12:00"), address_complete=True, email_changed=False
    )

    deed = mended.next_deed(berlin(mended_at))
    assert (deed.kind, deed.at) == (DeedKind.FIRST_NOTICE, berlin(at))


def test_r8_the_step_after_a_blocked_one_keeps_its_gap():
    late = blocked(DeedKind.FIRST_NOTICE, BlockedBy.ADDRESS).after_customer_changed(
        berlin("2026-04-20 12:00"), address_complete=True, email_changed=False
    )

    sent = late.after(done(DeedKind.FIRST_NOTICE, berlin("2026-04-20 15:00")))

    assert sent.next_deed(berlin("2026-04-20 15:00")).at == berlin("2026-04-30 09:10")


def test_r14_a_customer_change_that_mends_nothing_changes_nothing():
    case = before(DeedKind.FIRST_NOTICE)

    changed = case.after_customer_changed(
        berlin("2026-04-20 12:00"), address_complete=True, email_changed=True
    )

    assert (changed.stage, changed.journal) == (case.stage, case.journal)
    now = berlin("2026-03-08 12:00")
    assert changed.next_deed(now) == case.next_deed(now)


# The address was read, found incomplete, and completed before the word of it came to the case.
@pytest.mark.parametrize("by", [BlockedBy.ADDRESS, BlockedBy.EMAIL])
def test_r14_what_is_mended_while_the_step_is_being_tried_is_not_lost(by):
    at = ON_DAY[DeedKind.FIRST_NOTICE]
    trying = before(DeedKind.FIRST_NOTICE)

    mended = trying.after_customer_changed(
        at + timedelta(seconds=1),
        address_complete=by is BlockedBy.ADDRESS,
        email_changed=by is BlockedBy.EMAIL,
    )
    told = mended.after(came(DeedKind.FIRST_NOTICE, Outcome.BLOCKED, at, blocked_by=by))

    assert told.next_deed(at) is not None
    again = told.after(came(DeedKind.FIRST_NOTICE, Outcome.BLOCKED, at, blocked_by=by))
    assert again.stage is Stage.BLOCKED


@pytest.mark.parametrize("by", [BlockedBy.ADDRESS, BlockedBy.EMAIL])
def test_r14_what_was_changed_before_the_step_was_tried_blocks_it_at_once(by):
    at = ON_DAY[DeedKind.FIRST_NOTICE]
    changed = before(DeedKind.FIRST_NOTICE).after_customer_changed(
        at - timedelta(seconds=1), address_complete=True, email_changed=True
    )

    told = changed.after(came(DeedKind.FIRST_NOTICE, Outcome.BLOCKED, at, blocked_by=by))

    assert told.stage is Stage.BLOCKED


def test_r12_r14_the_handoff_day_is_decided_again_when_a_blocked_case_can_go_on():
    # The switch may have been turned off meanwhile.
    case = blocked(DeedKind.SUBMIT_CLAIM, BlockedBy.ADDRESS)

    mended = case.after_customer_changed(
        berlin("2026-04-20 12:00"), address_complete=True, email_changed=False
    )

    deed = mended.next_deed(berlin("2026-04-20 15:00"))
    assert (deed.kind, deed.at) == (DeedKind.HANDOFF, berlin("2026-04-20 15:00"))
    assert not mended.handoff_begun


def test_r14_an_error_waits_for_a_person_who_lets_it_go_on():
    case = blocked(DeedKind.FIRST_NOTICE, BlockedBy.ERROR)

    again = case.resume(berlin("2026-03-20 12:00"))

    assert again.stage is Stage.REMINDED
    assert again.next_deed(berlin("2026-03-20 12:00")).at == berlin("2026-03-20 12:00")


@pytest.mark.parametrize("by", [BlockedBy.ADDRESS, BlockedBy.EMAIL])
def test_r14_what_is_missing_cannot_be_resumed_away(by):
    with pytest.raises(Refused, match="not_on_hold"):
        blocked(DeedKind.FIRST_NOTICE, by).resume(berlin("2026-03-20 12:00"))


def test_r14_a_case_on_hold_and_blocked_by_an_error_is_resumed_one_after_the_other():
    case = blocked(DeedKind.FIRST_NOTICE, BlockedBy.ERROR)
    now = berlin("2026-03-20 12:00")

    held = case.put_on_hold(now, until=None, request_id="r-1")

    assert held.resume(now).stage is Stage.BLOCKED
    assert held.resume(now).resume(now).stage is Stage.REMINDED


def test_r14_r20_a_blocked_case_can_be_paid_and_stopped():
    case = blocked(DeedKind.FIRST_NOTICE, BlockedBy.ADDRESS)

    assert case.after_payment(a_payment("100.00")).stage is Stage.PAID
    assert case.stop(berlin("2026-03-20 12:00")).stage is Stage.STOPPED


def test_r14_an_undeliverable_advance_notice_blocks_nothing():
    at = ON_DAY[DeedKind.ADVANCE_NOTICE]

    passed = before(DeedKind.ADVANCE_NOTICE).after(
        came(DeedKind.ADVANCE_NOTICE, Outcome.PASSED_OVER, at)
    )

    assert passed.stage is Stage.SCHEDULED
    assert passed.next_deed(at).kind is DeedKind.PAYMENT_REMINDER
