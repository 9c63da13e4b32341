"""R2, R4, R7: the invoice notice, and the day that each notice names."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.actions import ActionKind
from dunning.case.planning import STEP_OF, following_step, ladder_action
from dunning.pay_by import day_to_reach_us
from tests.factories import a_case, berlin, day, did, steps, terms

# A Monday; the steps fall on March 7, 12 and 22, and on April 1.
DUE = date(2026, 3, 2)
EASTER = (date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 6))


@pytest.mark.parametrize(
    ("noticed_on", "reminded"),
    [
        (None, "2026-03-07"),
        ("2026-02-20", "2026-03-07"),
        ("2026-03-02", "2026-03-07"),
        ("2026-03-03", "2026-03-08"),
        ("2026-03-05", "2026-03-10"),
        ("2026-03-07", "2026-03-12"),
    ],
)
def test_r4_the_reminder_comes_no_earlier_than_five_days_after_the_invoice_notice(
    noticed_on, reminded
):
    case = a_case(due=DUE, invoice_notice_on=day(noticed_on) if noticed_on else None)

    assert ladder_action(case, berlin("2026-03-02 12:00")).at == berlin(f"{reminded} 09:10")


def test_r2_the_invoice_notice_goes_out_at_once_at_any_hour():
    case = a_case(due=DUE, invoice_notice_due=True)

    action = ladder_action(case, berlin("2026-03-04 03:30"))

    assert (action.kind, action.at) == (ActionKind.INVOICE_NOTICE, berlin("2026-03-04 03:30"))
    sent = did(case, ActionKind.INVOICE_NOTICE, berlin("2026-03-04 03:30"))
    assert sent.invoice_notice_on == date(2026, 3, 4)
    assert ladder_action(sent, berlin("2026-03-04 03:31")).at == berlin("2026-03-09 09:10")


def test_r4_the_invoice_notice_moves_only_the_reminder():
    late = a_case(due=DUE, invoice_notice_on=date(2026, 3, 7), steps=steps(date(2026, 3, 7)))

    assert ladder_action(late, berlin("2026-03-08 12:00")).at == berlin("2026-03-12 09:10")


# R7: each notice names the day on which the next step comes.
@pytest.mark.parametrize(
    ("taken", "action", "at", "kind", "on"),
    [
        ([], "advance_notice", "2026-02-25 09:10", "payment_reminder", "2026-03-07"),
        ([], "payment_reminder", "2026-03-07 09:10", "first_notice", "2026-03-12"),
        ([], "payment_reminder", "2026-03-20 12:00", "first_notice", "2026-03-25"),
        (["2026-03-07"], "first_notice", "2026-03-12 09:10", "final_notice", "2026-03-22"),
        (["2026-03-07", "2026-03-12"], "final_notice", "2026-03-22 09:10", "handoff", "2026-04-01"),
        # the day named is one with a window: Good Friday becomes Tuesday
        (["2026-03-07", "2026-03-12"], "final_notice", "2026-03-24 09:10", "handoff", "2026-04-07"),
    ],
)
def test_r7_a_notice_names_the_day_of_the_next_step(taken, action, at, kind, on):
    case = a_case(due=DUE, steps=steps(*map(day, taken)), terms=terms(closed_days=EASTER))

    assert following_step(case, ActionKind(action), berlin(at)) == (ActionKind(kind), day(on))


@pytest.mark.parametrize(
    ("at", "reminded"),
    [("2026-03-02 10:00", "2026-03-07"), ("2026-03-05 10:00", "2026-03-10")],
)
def test_r7_the_invoice_notice_names_the_day_of_the_reminder(at, reminded):
    case = a_case(due=DUE, invoice_notice_due=True)

    found = following_step(case, ActionKind.INVOICE_NOTICE, berlin(at))

    assert found == (ActionKind.PAYMENT_REMINDER, day(reminded))


@pytest.mark.parametrize(
    ("due", "days", "pay_by"),
    [
        # February 29 is the handoff day; the 26th and 27th are a weekend
        ("2028-01-30", ["02-04", "02-09", "02-19", "02-29"], "02-25"),
        # over the end of the year; January 1 is a Friday without transfers
        ("2026-12-05", ["12-10", "12-15", "12-25", "01-04"], "12-30"),
        # over the change of the clocks, with Good Friday and Easter Monday before the last day
        ("2027-02-28", ["03-05", "03-10", "03-20", "03-30"], "03-24"),
        # the reminder on the night in which the clocks go back
        ("2026-10-20", ["10-25", "10-30", "11-09", "11-19"], "11-17"),
    ],
)
def test_r4_to_r7_the_days_of_a_case_that_nobody_pays(due, days, pay_by):
    case, taken = a_case(due=day(due)), []
    now = berlin(f"{due} 12:00")
    while len(taken) < len(days):
        action = ladder_action(case, now)
        assert action is not None
        on, now = case.terms.day_of(action.at), action.at
        assert action.at == berlin(f"{on} 09:10")
        taken.append(f"{on:%m-%d}")
        if action.kind is ActionKind.FINAL_NOTICE:
            handoff_on = following_step(case, action.kind, action.at)[1]
            assert f"{day_to_reach_us(handoff_on, is_final=True):%m-%d}" == pay_by
        if action.kind in STEP_OF:
            case = case.with_step(STEP_OF[action.kind], on)

    assert taken == days
