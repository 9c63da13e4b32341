"""R3: the advance notice, five days before the due date or never."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.actions import ActionKind
from dunning.case.facts import with_payment
from dunning.case.planning import ladder_action
from tests.factories import (
    a_case,
    a_payment,
    berlin,
    bounced,
    day,
    did,
    hold,
    later,
    resume,
    start,
    stop,
    terms,
)

# The advance notice falls on March 15, at ten past nine; the reminder on the 25th.
DUE = date(2026, 3, 20)
ADVANCE = berlin("2026-03-15 09:10")
REMINDER = berlin("2026-03-25 09:10")


def waiting(**given):
    return a_case(due=DUE, advance_notice_due=True, opened_on=date(2026, 3, 1), **given)


def planned(case, now):
    action = ladder_action(case, berlin(now))
    return action.kind, action.at


def test_r3_it_is_sent_five_days_before_the_due_date():
    assert planned(waiting(), "2026-03-01 12:00") == (ActionKind.ADVANCE_NOTICE, ADVANCE)


def test_r3_it_is_sent_once_and_leaves_the_case_scheduled():
    sent = did(waiting(), ActionKind.ADVANCE_NOTICE, ADVANCE)

    assert sent.stage == "scheduled"
    assert planned(sent, "2026-03-15 09:10") == (ActionKind.PAYMENT_REMINDER, REMINDER)


def test_r3_a_receivable_that_wants_none_gets_none():
    case = a_case(due=DUE)

    assert planned(case, "2026-03-01 12:00") == (ActionKind.PAYMENT_REMINDER, REMINDER)


@pytest.mark.parametrize(
    ("now", "kind", "at"),
    [
        ("2026-03-15 12:00", "advance_notice", "2026-03-15 12:00"),
        ("2026-03-15 18:00", "advance_notice", "2026-03-16 09:10"),
        ("2026-03-19 17:59", "advance_notice", "2026-03-19 17:59"),
        ("2026-03-19 18:00", "payment_reminder", "2026-03-25 09:10"),  # its next window is too late
        ("2026-03-20 00:00", "payment_reminder", "2026-03-25 09:10"),
        ("2026-03-20 10:00", "payment_reminder", "2026-03-25 09:10"),
        ("2026-06-01 10:00", "payment_reminder", "2026-06-01 10:00"),
    ],
)
def test_r3_after_an_outage_it_is_sent_before_the_due_date_or_never(now, kind, at):
    assert planned(waiting(), now) == (ActionKind(kind), berlin(at))


@pytest.mark.parametrize(
    ("closed", "kind", "at"),
    [
        (["2026-03-15"], "advance_notice", "2026-03-16 09:10"),
        (
            ["2026-03-15", "2026-03-16", "2026-03-17", "2026-03-18"],
            "advance_notice",
            "2026-03-19 09:10",
        ),
        (
            ["2026-03-15", "2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19"],
            "payment_reminder",
            "2026-03-25 09:10",
        ),
    ],
)
def test_r3_closed_days_move_it_but_not_past_the_due_date(closed, kind, at):
    case = waiting(terms=terms(closed_days=tuple(map(day, closed))))

    assert planned(case, "2026-03-01 12:00") == (ActionKind(kind), berlin(at))


@pytest.mark.parametrize(
    ("held", "resumed", "kind"),
    [
        ("2026-03-02 10:00", "2026-03-10 10:00", "advance_notice"),
        ("2026-03-02 10:00", "2026-03-15 09:00", "advance_notice"),  # on its day, before its moment
        ("2026-03-14 10:00", "2026-03-15 09:10", "payment_reminder"),
        ("2026-03-14 10:00", "2026-03-16 10:00", "payment_reminder"),
        ("2026-03-02 10:00", "2026-03-19 10:00", "payment_reminder"),
    ],
)
def test_r3_one_on_hold_at_its_moment_gets_none(held, resumed, kind):
    case = resume(hold(waiting(), berlin(held), until=None), berlin(resumed))

    expected = {"advance_notice": ADVANCE, "payment_reminder": REMINDER}[kind]
    assert planned(case, resumed) == (ActionKind(kind), expected)


def test_r3_a_hold_that_ended_by_itself_before_its_moment_leaves_it_its_day():
    held = hold(waiting(), berlin("2026-03-02 10:00"), until=date(2026, 3, 14))

    ended = later(held, berlin("2026-03-15 00:00"))

    assert planned(ended, "2026-03-15 00:00") == (ActionKind.ADVANCE_NOTICE, ADVANCE)


@pytest.mark.parametrize(
    ("stopped", "started", "kind"),
    [
        ("2026-03-02 10:00", "2026-03-10 10:00", "advance_notice"),
        ("2026-03-02 10:00", "2026-03-15 09:09", "advance_notice"),
        ("2026-03-14 10:00", "2026-03-15 09:10", "payment_reminder"),
        ("2026-03-14 10:00", "2026-03-16 10:00", "payment_reminder"),
    ],
)
def test_r3_one_stopped_at_its_moment_gets_none(stopped, started, kind):
    case = start(stop(waiting(), berlin(stopped)), berlin(started))

    expected = {"advance_notice": ADVANCE, "payment_reminder": REMINDER}[kind]
    assert planned(case, started) == (ActionKind(kind), expected)


def test_r3_none_while_on_hold_stopped_or_paid():
    held = hold(waiting(), berlin("2026-03-10 10:00"), until=None)
    stopped = stop(waiting(), berlin("2026-03-10 10:00"))
    paid = with_payment(waiting(), a_payment("100.00"))

    for case in (held, stopped, paid):
        assert ladder_action(case, berlin("2026-03-15 09:10")) is None


def test_r3_one_that_was_passed_over_is_not_tried_again():
    passed = bounced(waiting(), ActionKind.ADVANCE_NOTICE, ADVANCE)

    assert planned(passed, "2026-03-15 09:11") == (ActionKind.PAYMENT_REMINDER, REMINDER)


def test_r3_the_opening_comes_first():
    case = waiting(invoice_notice_due=True)

    assert planned(case, "2026-03-16 11:00")[0] is ActionKind.INVOICE_NOTICE


def test_r3_an_advance_notice_moves_no_step():
    # Sent late, on the last day before the due date.
    sent = did(waiting(), ActionKind.ADVANCE_NOTICE, berlin("2026-03-19 17:00"))

    assert planned(sent, "2026-03-19 17:00") == (ActionKind.PAYMENT_REMINDER, REMINDER)
