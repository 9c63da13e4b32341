"""R9: when on its day a case acts: the sending window, the spread, what was missed."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from pydantic import ValidationError

from dunning.actions import ActionKind
from dunning.case.planning import ladder_action
from dunning.days import SendingWindow, first_instant
from tests.factories import a_case, berlin, day, did, steps, terms, utc, weekends

TEN = timedelta(minutes=10)
# Easter 2026 in Germany: Good Friday, the weekend, Easter Monday.
EASTER = (date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 6))
MAY = weekends(date(2026, 5, 1), date(2026, 5, 31))


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        (time(9), time(18)),
        (time(9), time(10)),
        (time(0), time(1)),
        (time(22, 59), time(23, 59)),
        (time(8, 45), time(9, 45)),
    ],
)
def test_r9_a_window_lasts_at_least_sixty_minutes(opens, closes):
    assert SendingWindow(opens=opens, closes=closes).opens == opens


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        (time(9), time(9, 59)),
        (time(9), time(9)),
        (time(18), time(9)),
        (time(22), time(6)),  # over midnight
        (time(9, 0, 30), time(10)),
    ],
)
def test_r9_a_window_shorter_than_an_hour_or_over_midnight_is_refused(opens, closes):
    with pytest.raises(ValidationError, match="60 minutes"):
        SendingWindow(opens=opens, closes=closes)


def test_r9_the_window_is_nine_to_six_unless_set():
    assert SendingWindow() == SendingWindow(opens=time(9), closes=time(18))


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        ("2026-03-02 08:59:59", False),
        ("2026-03-02 09:00:00", True),
        ("2026-03-02 13:00:00", True),
        ("2026-03-02 17:59:59", True),
        ("2026-03-02 18:00:00", False),
        ("2026-03-02 00:00:00", False),
        ("2026-04-03 12:00:00", False),
        ("2026-04-07 12:00:00", True),
    ],
)
def test_r9_the_window_is_open_from_its_first_moment_until_before_its_last(now, open_):
    assert terms(closed_days=EASTER).is_open(berlin(now)) is open_


# Something that falls on Tuesday, March 10; its own moment is ten past nine.
@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-03-01 12:00", "2026-03-10 09:10"),
        ("2026-03-09 23:59", "2026-03-10 09:10"),
        ("2026-03-10 00:00", "2026-03-10 09:10"),
        ("2026-03-10 09:05", "2026-03-10 09:10"),  # the window is open, its moment yet to come
        ("2026-03-10 09:10", "2026-03-10 09:10"),
        ("2026-03-10 09:11", "2026-03-10 09:11"),  # missed: at once
        ("2026-03-10 17:59", "2026-03-10 17:59"),
        ("2026-03-10 18:00", "2026-03-11 09:10"),  # missed: its own moment in the next window
        ("2026-03-11 08:59", "2026-03-11 09:10"),
        ("2026-03-11 09:00", "2026-03-11 09:00"),  # missed yesterday: at once
        ("2026-06-30 12:34", "2026-06-30 12:34"),
        ("2026-06-30 20:00", "2026-07-01 09:10"),
    ],
)
def test_r9_a_missed_moment_is_made_up_inside_a_window(now, at):
    found = terms().moment_from(day("2026-03-10"), TEN, now=berlin(now))

    assert found == berlin(at)


@pytest.mark.parametrize(
    ("falls_on", "now", "at"),
    [
        ("2026-04-02", "2026-04-01 12:00", "2026-04-02 09:10"),
        ("2026-04-03", "2026-04-01 12:00", "2026-04-07 09:10"),
        ("2026-04-05", "2026-04-01 12:00", "2026-04-07 09:10"),
        ("2026-04-03", "2026-04-04 12:00", "2026-04-07 09:10"),
        ("2026-04-02", "2026-04-02 18:30", "2026-04-07 09:10"),  # missed before the holidays
        ("2026-04-02", "2026-04-03 12:00", "2026-04-07 09:10"),  # noon, but no window today
        ("2026-04-02", "2026-04-07 09:01", "2026-04-07 09:01"),
        ("2026-04-03", "2026-04-07 09:01", "2026-04-07 09:10"),  # its moment is yet to come
    ],
)
def test_r9_closed_days_have_no_window(falls_on, now, at):
    found = terms(closed_days=EASTER).moment_from(day(falls_on), TEN, now=berlin(now))

    assert found == berlin(at)


@pytest.mark.parametrize(
    ("falls_on", "at"),
    [
        ("2026-05-08", "2026-05-08 09:10"),  # a Friday
        ("2026-05-09", "2026-05-11 09:10"),
        ("2026-05-10", "2026-05-11 09:10"),
        ("2026-05-11", "2026-05-11 09:10"),
    ],
)
def test_r9_weekends_wait_for_monday_with_business_days_only(falls_on, at):
    now = berlin("2026-05-01 12:00")

    assert terms(closed_days=MAY).moment_from(day(falls_on), TEN, now=now) == berlin(at)


@pytest.mark.parametrize("falls_on", ["2026-05-09", "2026-05-10"])
def test_r9_weekends_have_a_window_otherwise(falls_on):
    found = terms().moment_from(day(falls_on), TEN, now=berlin("2026-05-01 12:00"))

    assert found == berlin(f"{falls_on} 09:10")


@pytest.mark.parametrize(
    ("opens", "closes", "slot", "at"),
    [
        (time(9), time(18), timedelta(0), "2026-03-10 09:00"),
        (time(9), time(18), timedelta(minutes=29, seconds=55), "2026-03-10 09:29:55"),
        (time(14, 15), time(15, 15), TEN, "2026-03-10 14:25"),
        (time(0), time(1), TEN, "2026-03-10 00:10"),
        (time(22, 59), time(23, 59), timedelta(minutes=29), "2026-03-10 23:28"),
    ],
)
def test_r9_a_case_acts_in_the_first_half_hour_of_the_window(opens, closes, slot, at):
    window = terms(opens=opens, closes=closes)

    found = window.moment_from(day("2026-03-10"), slot, now=berlin("2026-03-01 12:00"))

    assert found == berlin(at)


def test_r9_the_moment_of_a_day_is_the_same_whenever_one_asks():
    asked = ["2026-01-01 00:00", "2026-03-01 03:17", "2026-03-09 23:59", "2026-03-10 09:09:59"]

    found = {terms().moment_from(day("2026-03-10"), TEN, now=berlin(now)) for now in asked}

    assert found == {berlin("2026-03-10 09:10")}


# The day is the seller's: at 22:30 UTC Berlin has the next one, Santiago still the same.
@pytest.mark.parametrize(
    ("zone", "at", "today"),
    [
        ("Europe/Berlin", "2026-03-10 22:30", "2026-03-10"),
        ("Europe/Berlin", "2026-03-10 23:30", "2026-03-11"),
        ("Europe/Berlin", "2026-07-10 22:30", "2026-07-11"),
        ("America/Santiago", "2026-03-11 02:59", "2026-03-10"),
        ("America/Santiago", "2026-03-11 03:00", "2026-03-11"),
        ("Pacific/Auckland", "2026-03-10 11:00", "2026-03-11"),
        ("Pacific/Kiritimati", "2026-03-10 10:00", "2026-03-11"),
        ("Pacific/Pago_Pago", "2026-03-10 10:59", "2026-03-09"),
        ("Asia/Kolkata", "2026-03-10 18:30", "2026-03-11"),
        ("Asia/Kathmandu", "2026-03-10 18:14", "2026-03-10"),
    ],
)
def test_a_day_is_a_date_in_the_sellers_time_zone(zone, at, today):
    assert terms(zone).day_of(utc(at)) == day(today)


def test_r8_a_notice_counts_on_the_day_that_it_is_at_the_seller():
    # Half past midnight UTC on the 8th is still the evening of the 7th in Santiago.
    late = a_case(due=day("2026-02-20"), terms=terms("America/Santiago", closes=time(22)))

    reminded = did(late, ActionKind.PAYMENT_REMINDER, utc("2026-03-08 00:30"))

    assert reminded.steps == steps(day("2026-03-07"))
    planned = ladder_action(reminded, utc("2026-03-08 00:31"))
    assert planned is not None
    assert planned.at == utc("2026-03-12 12:10")


def test_r9_a_moment_never_lies_outside_its_window():
    # Two days of every minute, over a clock change: never outside, never before now.
    rules = terms(opens=time(1), closes=time(3, 30))
    start = berlin("2026-10-24 00:00")
    for minutes in range(0, 2 * 24 * 60, 7):
        now = start + timedelta(minutes=minutes)
        at = rules.moment_from(day("2026-10-24"), TEN, now=now)
        assert at >= now
        assert rules.is_open(at)


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Berlin", "2026-06-15 07:10:05"),
        ("America/Santiago", "2026-06-15 13:10:05"),
        ("UTC", "2026-06-15 09:10:05"),
        ("Asia/Tehran", "2026-06-15 05:40:05"),
        ("Pacific/Kiritimati", "2026-06-14 19:10:05"),
    ],
)
def test_a_local_time_is_one_instant(zone, instant):
    assert first_instant(day("2026-06-15"), time(9, 10, 5), zone) == utc(instant)
