"""R19: a hold stops the clock, and its days count."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dunning.actions import ActionKind
from dunning.case.facts import with_payment
from dunning.case.planning import ladder_action
from dunning.case.state import DunningCase
from dunning.requests import Refused
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_payment,
    berlin,
    customer_changed,
    day,
    did,
    handoff_day,
    hold,
    later,
    resume,
    start,
    steps,
    terms,
    utc,
)

# The steps fall on March 7, 12 and 22, and on April 1.
DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))


def held(at: str, until: str | None = None, case: DunningCase | None = None) -> DunningCase:
    return hold(case or a_case(due=DUE), berlin(at), until=day(until) if until else None)


def next_at(case: DunningCase, now: str) -> tuple[str, Any]:
    action = ladder_action(case, berlin(now))
    return action.kind.value, action.at


@pytest.mark.parametrize(
    ("first", "ended", "reminder"),
    [
        ("2026-03-05 10:00", "2026-03-09 10:00", "2026-03-11 09:10"),  # four days
        ("2026-03-05 23:59", "2026-03-09 00:00", "2026-03-11 09:10"),  # dates, not hours
        ("2026-03-05 10:00", "2026-03-06 09:00", "2026-03-08 09:10"),
        ("2026-03-05 10:00", "2026-03-05 16:00", "2026-03-07 09:10"),  # the same day: none
        # before the due date: moves nothing
        ("2026-02-20 10:00", "2026-02-27 10:00", "2026-03-07 09:10"),
        ("2026-02-20 10:00", "2026-03-02 10:00", "2026-03-07 09:10"),
        # across the due date: only the days since
        ("2026-02-20 10:00", "2026-03-04 10:00", "2026-03-09 09:10"),
        ("2026-03-02 00:00", "2026-03-04 10:00", "2026-03-09 09:10"),
        # begins on the day of the step, before its moment
        ("2026-03-07 08:00", "2026-03-07 08:30", "2026-03-07 09:10"),
        ("2026-03-07 08:00", "2026-03-07 12:00", "2026-03-07 12:00"),
        ("2026-03-07 08:00", "2026-03-07 20:00", "2026-03-08 09:10"),
        ("2026-03-07 08:00", "2026-03-10 08:00", "2026-03-10 09:10"),
        ("2026-03-07 08:00", "2026-03-10 12:00", "2026-03-10 12:00"),
        # ends on the day of the step, or before it
        ("2026-03-05 10:00", "2026-03-07 08:00", "2026-03-09 09:10"),
        ("2026-03-06 10:00", "2026-03-20 10:00", "2026-03-21 09:10"),
        # begins after the day of the step, which an outage had kept
        ("2026-03-09 07:00", "2026-03-12 08:00", "2026-03-12 09:10"),
    ],
)
def test_r19_the_days_of_a_hold_move_the_next_step(first, ended, reminder):
    resumed = resume(held(first), berlin(ended))

    assert next_at(resumed, ended) == ("payment_reminder", berlin(reminder))


@pytest.mark.parametrize(
    ("taken", "first", "ended", "at"),
    [
        (["2026-03-07"], "2026-03-08 10:00", "2026-03-10 10:00", "2026-03-14 09:10"),
        (["2026-03-07"], "2026-03-07 10:00", "2026-03-10 10:00", "2026-03-15 09:10"),
        (["2026-03-07"], "2026-03-12 08:00", "2026-03-14 08:00", "2026-03-14 09:10"),
        # late steps: the days of the hold count from the step that came late
        (["2026-03-20"], "2026-03-22 10:00", "2026-03-25 10:00", "2026-03-28 09:10"),
        (["2026-03-20"], "2026-03-20 10:00", "2026-04-20 10:00", "2026-04-25 09:10"),
        (["2026-03-07", "2026-03-12"], "2026-03-15 10:00", "2026-03-25 10:00", "2026-04-01 09:10"),
    ],
)
def test_r8_hold_days_since_the_step_before_count_too(taken, first, ended, at):
    case = a_case(due=DUE, steps=steps(*map(day, taken)))

    resumed = resume(held(first, case=case), berlin(ended))

    assert next_at(resumed, ended)[1] == berlin(at)


def test_r8_a_hold_before_a_step_moves_the_ones_after_it_only_once():
    resumed = resume(held("2026-03-04 10:00"), berlin("2026-03-06 10:00"))

    reminded = did(resumed, ActionKind.PAYMENT_REMINDER, berlin("2026-03-09 09:10"))
    warned = did(reminded, ActionKind.FIRST_NOTICE, berlin("2026-03-14 09:10"))

    assert next_at(reminded, "2026-03-09 09:10")[1] == berlin("2026-03-14 09:10")
    assert next_at(warned, "2026-03-14 09:10")[1] == berlin("2026-03-24 09:10")


def test_r19_the_days_of_two_holds_add_up():
    once = resume(held("2026-03-03 10:00"), berlin("2026-03-05 10:00"))
    twice = resume(held("2026-03-06 10:00", case=once), berlin("2026-03-09 10:00"))

    assert next_at(twice, "2026-03-09 10:00")[1] == berlin("2026-03-12 09:10")


def test_r19_two_holds_on_one_day_count_no_day_twice():
    once = resume(held("2026-03-03 10:00"), berlin("2026-03-05 10:00"))
    twice = resume(held("2026-03-05 11:00", case=once), berlin("2026-03-06 10:00"))

    assert next_at(twice, "2026-03-06 10:00")[1] == berlin("2026-03-10 09:10")


def test_r17_r19_hold_days_after_a_restart_count_too():
    started = start(a_case(due=DUE, steps=steps(DAYS[0]), stopped=True), berlin("2026-03-20 10:00"))

    resumed = resume(held("2026-03-21 10:00", case=started), berlin("2026-03-23 10:00"))

    assert next_at(resumed, "2026-03-23 10:00")[1] == berlin("2026-03-27 09:10")


# --- when it ends by itself ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "until", "at"),
    [
        ("Europe/Berlin", "2026-03-08", "2026-03-08 23:00"),
        ("Europe/Berlin", "2026-03-28", "2026-03-28 23:00"),
        ("Europe/Berlin", "2026-03-29", "2026-03-29 22:00"),  # a day of 23 hours
        ("Europe/Berlin", "2026-10-25", "2026-10-25 23:00"),  # a day of 25
        ("America/Santiago", "2026-09-05", "2026-09-06 04:00"),  # no midnight: one o'clock
        ("America/Santiago", "2026-04-04", "2026-04-05 04:00"),
    ],
)
def test_r19_until_is_the_last_day_held(zone, until, at):
    case = a_case(due=DUE, terms=terms(zone))

    pausing = hold(case, utc("2026-03-05 15:00"), until=day(until))

    action = ladder_action(pausing, utc("2026-03-05 15:00"))
    assert (action.kind, action.at) == (ActionKind.END_HOLD, utc(at))


def test_r19_a_hold_until_the_eighth_counts_the_eighth():
    ended = later(held("2026-03-05 10:00", "2026-03-08"), berlin("2026-03-09 00:00"))

    assert ended.stage is Stage.SCHEDULED
    assert next_at(ended, "2026-03-09 00:00")[1] == berlin("2026-03-11 09:10")


# A hold that nobody ended because no worker was there ended all the same. The time that a case
# was without a worker is no hold: it must not move the steps.


def test_r19_a_hold_that_ran_out_unseen_ended_on_its_day_however_late_that_is_seen():
    # It ended at 00:00 of the 9th; it is looked at on the 10th.
    ended = later(held("2026-03-05 10:00", "2026-03-08"), berlin("2026-03-10 08:00"))

    with pytest.raises(Refused, match="not_on_hold"):
        resume(held("2026-03-05 10:00", "2026-03-08"), berlin("2026-03-10 08:00"))
    assert ended.events[-1].at == berlin("2026-03-09 00:00")

    assert ended.stage is Stage.SCHEDULED
    assert next_at(ended, "2026-03-10 08:00")[1] == berlin("2026-03-11 09:10")


def test_r19_a_new_hold_after_one_that_ran_out_unseen_begins_on_its_own_day():
    # The first held the 5th to the 8th, the second holds the 13th and the 14th: six days.
    again = held("2026-03-13 08:00", "2026-03-14", case=held("2026-03-05 10:00", "2026-03-08"))

    ended = later(again, berlin("2026-03-15 00:00"))

    reminded = did(ended, ActionKind.PAYMENT_REMINDER, berlin("2026-03-15 09:10"))
    assert next_at(ended, "2026-03-12 00:00")[1] == berlin("2026-03-13 09:10")
    assert next_at(reminded, "2026-03-15 09:10")[1] == berlin("2026-03-20 09:10")


def test_r3_r19_an_advance_notice_is_not_lost_to_a_hold_that_had_run_out():
    # Due on the 20th: the advance notice falls on the 15th, the hold ended on the 13th.
    case = a_case(due=date(2026, 3, 20), advance_notice_due=True)

    ended = later(held("2026-03-05 10:00", "2026-03-12", case=case), berlin("2026-03-16 12:00"))

    assert next_at(ended, "2026-03-16 12:00") == ("advance_notice", berlin("2026-03-16 12:00"))


def test_r19_a_hold_without_an_end_waits_for_ever():
    assert ladder_action(held("2026-03-05 10:00"), berlin("2027-03-05 10:00")) is None


def test_r19_a_hold_that_has_ended_ends_only_once():
    ended = later(held("2026-03-05 10:00", "2026-03-08"), berlin("2026-03-09 00:00"))

    assert later(ended, berlin("2026-03-09 00:00")) == ended


# --- a second hold ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second_until", "ends", "reminder"),
    [
        ("2026-03-15", "2026-03-16 00:00", "2026-03-18 09:10"),  # longer
        ("2026-03-06", "2026-03-07 00:00", "2026-03-09 09:10"),  # shorter
    ],
)
def test_r19_a_second_hold_changes_until_and_keeps_the_first_day(second_until, ends, reminder):
    first = held("2026-03-05 10:00", "2026-03-10")

    second = held("2026-03-06 10:00", second_until, case=first)

    assert next_at(second, "2026-03-06 10:00") == ("end_hold", berlin(ends))
    ended = later(second, berlin(ends))
    assert next_at(ended, ends)[1] == berlin(reminder)


def test_r19_a_second_hold_may_take_the_end_away():
    second = held("2026-03-06 10:00", None, case=held("2026-03-05 10:00", "2026-03-10"))

    assert ladder_action(second, berlin("2026-03-06 10:00")) is None


# --- what stands still, and what does not ----------------------------------------------------


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        ({}, Stage.SCHEDULED),
        ({"steps": steps(*DAYS[:1])}, Stage.REMINDED),
        ({"steps": steps(*DAYS[:2])}, Stage.FIRST_NOTICE),
        ({"steps": steps(*DAYS)}, Stage.FINAL_NOTICE),
        ({"steps": steps(*DAYS), "approval_wanted": True}, Stage.AWAITING_APPROVAL),
        ({"blocked_by": BlockedBy.EMAIL, "email_tried": 0}, Stage.BLOCKED),
        ({"steps": steps(*DAYS), "blocked_by": BlockedBy.ADDRESS}, Stage.BLOCKED),
        ({"blocked_by": BlockedBy.ERROR}, Stage.BLOCKED),
    ],
)
def test_r19_afterwards_the_stage_is_what_it_was(given, stage):
    case = a_case(due=DUE, **given)

    pausing = held("2026-03-25 10:00", case=case)

    assert case.stage is stage
    assert pausing.stage is Stage.ON_HOLD
    assert resume(pausing, berlin("2026-03-28 10:00")).stage is stage


def test_r14_an_address_completed_during_a_hold_lets_the_case_go_on_after_it():
    blocked = a_case(due=DUE, steps=steps(DAYS[0]), blocked_by=BlockedBy.ADDRESS)
    pausing = held("2026-03-13 10:00", case=blocked)

    mended = customer_changed(
        pausing, berlin("2026-03-14 10:00"), address_complete=True, email_changed=False
    )

    assert mended.stage is Stage.ON_HOLD
    resumed = resume(mended, berlin("2026-03-15 10:00"))
    assert next_at(resumed, "2026-03-15 10:00") == ("first_notice", berlin("2026-03-15 10:00"))


def test_r20_a_payment_ends_a_case_on_hold():
    assert with_payment(held("2026-03-05 10:00"), a_payment("100.00")).stage is Stage.PAID


def test_r19_a_notice_that_was_on_its_way_when_the_hold_began_counts():
    pausing = held("2026-03-07 09:10")

    sent = did(pausing, ActionKind.PAYMENT_REMINDER, berlin("2026-03-07 09:11"))

    assert sent.stage is Stage.ON_HOLD
    resumed = resume(sent, berlin("2026-03-10 10:00"))
    assert next_at(resumed, "2026-03-10 10:00") == ("first_notice", berlin("2026-03-15 09:10"))


@pytest.mark.parametrize("auto", [True, False])
def test_r19_nothing_is_decided_about_a_case_on_hold(auto):
    pausing = held("2026-04-01 09:10", case=a_case(due=DUE, steps=steps(*DAYS)))

    assert handoff_day(pausing, berlin("2026-04-01 09:10"), auto=auto) == pausing
