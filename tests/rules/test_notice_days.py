"""R2, R4, R7: the invoice notice, and the day that each notice names."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.deeds import DeedKind
from dunning.state import Opening
from tests.factories import a_case, berlin, day, done, steps, terms

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

    assert case.next_deed(berlin("2026-03-02 12:00")).at == berlin(f"{reminded} 09:10")


def test_r2_the_invoice_notice_goes_out_at_once_at_any_hour():
    case = a_case(due=DUE, opening=Opening(invoice_notice=True))

    deed = case.next_deed(berlin("2026-03-04 03:30"))

    assert (deed.kind, deed.at) == (DeedKind.OPEN, berlin("2026-03-04 03:30"))
    sent = case.after(done(DeedKind.OPEN, berlin("2026-03-04 03:30")))
    assert sent.invoice_notice_on == date(2026, 3, 4)
    assert sent.next_deed(berlin("2026-03-04 03:31")).at == berlin("2026-03-09 09:10")


def test_r4_an_opening_without_an_invoice_notice_moves_no_reminder():
    case = a_case(due=DUE, opening=Opening(address_incomplete=True))

    opened = case.after(done(DeedKind.OPEN, berlin("2026-03-05 10:00")))

    assert opened.invoice_notice_on is None
    assert opened.next_deed(berlin("2026-03-05 10:00")).at == berlin("2026-03-07 09:10")


def test_r4_the_invoice_notice_moves_only_the_reminder():
    late = a_case(due=DUE, invoice_notice_on=date(2026, 3, 7), steps=steps(date(2026, 3, 7)))

    assert late.next_deed(berlin("2026-03-08 12:00")).at == berlin("2026-03-12 09:10")


# R7: each notice names the day on which the next step comes.
@pytest.mark.parametrize(
    ("taken", "deed", "at", "kind", "on"),
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
def test_r7_a_notice_names_the_day_of_the_next_step(taken, deed, at, kind, on):
    case = a_case(due=DUE, steps=steps(*map(day, taken)), terms=terms(closed_days=EASTER))

    assert case.following_step(DeedKind(deed), berlin(at)) == (DeedKind(kind), day(on))


@pytest.mark.parametrize(
    ("at", "reminded"),
    [("2026-03-02 10:00", "2026-03-07"), ("2026-03-05 10:00", "2026-03-10")],
)
def test_r7_the_invoice_notice_names_the_day_of_the_reminder(at, reminded):
    case = a_case(due=DUE, opening=Opening(invoice_notice=True))

    found = case.following_step(DeedKind.OPEN, berlin(at))

    assert found == (DeedKind.PAYMENT_REMINDER, day(reminded))
