"""R9 where clocks change: times left out, times that come twice, a day that never was."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from dunning.case.planning import next_action
from tests.factories import a_case, berlin, day, steps, terms, utc

TEN = timedelta(minutes=10)

# The window of nine to six as UTC, on the days around the changes of the clock.
NINE_TO_SIX = [
    ("Europe/Berlin", "2026-03-28", "2026-03-28 08:00", "2026-03-28 17:00"),
    ("Europe/Berlin", "2026-03-29", "2026-03-29 07:00", "2026-03-29 16:00"),
    ("Europe/Berlin", "2026-10-24", "2026-10-24 07:00", "2026-10-24 16:00"),
    ("Europe/Berlin", "2026-10-25", "2026-10-25 08:00", "2026-10-25 17:00"),
    ("America/Santiago", "2026-04-04", "2026-04-04 12:00", "2026-04-04 21:00"),
    ("America/Santiago", "2026-04-05", "2026-04-05 13:00", "2026-04-05 22:00"),
    ("America/Santiago", "2026-09-05", "2026-09-05 13:00", "2026-09-05 22:00"),
    ("America/Santiago", "2026-09-06", "2026-09-06 12:00", "2026-09-06 21:00"),
    ("Pacific/Auckland", "2026-04-04", "2026-04-03 20:00", "2026-04-04 05:00"),
    ("Pacific/Auckland", "2026-04-05", "2026-04-04 21:00", "2026-04-05 06:00"),
    ("Pacific/Auckland", "2026-09-26", "2026-09-25 21:00", "2026-09-26 06:00"),
    ("Pacific/Auckland", "2026-09-27", "2026-09-26 20:00", "2026-09-27 05:00"),
    ("Pacific/Chatham", "2026-03-02", "2026-03-01 19:15", "2026-03-02 04:15"),
    ("Asia/Kolkata", "2026-03-02", "2026-03-02 03:30", "2026-03-02 12:30"),
    ("Asia/Kathmandu", "2026-03-02", "2026-03-02 03:15", "2026-03-02 12:15"),
    ("America/St_Johns", "2026-03-02", "2026-03-02 12:30", "2026-03-02 21:30"),
    ("Australia/Lord_Howe", "2026-10-03", "2026-10-02 22:30", "2026-10-03 07:30"),
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-03 22:00", "2026-10-04 07:00"),
    ("Pacific/Apia", "2011-12-29", "2011-12-29 19:00", "2011-12-30 04:00"),
    ("Pacific/Apia", "2011-12-31", "2011-12-30 19:00", "2011-12-31 04:00"),
]


@pytest.mark.parametrize(("zone", "on", "start", "end"), NINE_TO_SIX)
def test_r9_the_window_is_at_the_same_local_time_every_day(zone, on, start, end):
    assert terms(zone).hours_of(day(on)) == (utc(start), utc(end))


@pytest.mark.parametrize(("zone", "on", "start", "end"), NINE_TO_SIX)
def test_r9_a_moment_keeps_its_local_time_over_a_clock_change(zone, on, start, end):
    days_before = utc(start) - timedelta(days=3)

    assert terms(zone).moment_from(day(on), TEN, now=days_before) == utc(start) + TEN


LEFT_OUT_OR_TWICE = [
    # Berlin in spring: 02:00 becomes 03:00.
    ("Europe/Berlin", time(2, 30), time(4), "2026-03-29", "2026-03-29 01:00", "2026-03-29 02:00"),
    ("Europe/Berlin", time(1), time(2, 30), "2026-03-29", "2026-03-29 00:00", "2026-03-29 01:00"),
    ("Europe/Berlin", time(1), time(3, 30), "2026-03-29", "2026-03-29 00:00", "2026-03-29 01:30"),
    # Berlin in autumn: 03:00 becomes 02:00 again; the first of the two.
    ("Europe/Berlin", time(2, 30), time(4), "2026-10-25", "2026-10-25 00:30", "2026-10-25 03:00"),
    ("Europe/Berlin", time(1), time(2, 30), "2026-10-25", "2026-10-24 23:00", "2026-10-25 00:30"),
    ("Europe/Berlin", time(2), time(3), "2026-10-25", "2026-10-25 00:00", "2026-10-25 02:00"),
    # Santiago in September: the 6th begins at 01:00.
    ("America/Santiago", time(0), time(2), "2026-09-06", "2026-09-06 04:00", "2026-09-06 05:00"),
    (
        "America/Santiago",
        time(0, 30),
        time(3),
        "2026-09-06",
        "2026-09-06 04:00",
        "2026-09-06 06:00",
    ),
    # Santiago in April: on the 4th 24:00 becomes 23:00 again; the first of the two.
    (
        "America/Santiago",
        time(22, 30),
        time(23, 30),
        "2026-04-04",
        "2026-04-05 01:30",
        "2026-04-05 02:30",
    ),
    ("America/Santiago", time(0), time(1), "2026-04-05", "2026-04-05 04:00", "2026-04-05 05:00"),
    (
        "Pacific/Auckland",
        time(2),
        time(3, 30),
        "2026-04-05",
        "2026-04-04 13:00",
        "2026-04-04 15:30",
    ),
    (
        "Pacific/Auckland",
        time(2, 30),
        time(4),
        "2026-09-27",
        "2026-09-26 14:00",
        "2026-09-26 15:00",
    ),
    # Lord Howe changes by half an hour: 02:00 becomes 02:30.
    (
        "Australia/Lord_Howe",
        time(2),
        time(3, 30),
        "2026-10-04",
        "2026-10-03 15:30",
        "2026-10-03 16:30",
    ),
    (
        "Australia/Lord_Howe",
        time(1),
        time(2, 15),
        "2026-10-04",
        "2026-10-03 14:30",
        "2026-10-03 15:30",
    ),
    ("Africa/Cairo", time(0), time(2), "2026-04-24", "2026-04-23 22:00", "2026-04-23 23:00"),
]


@pytest.mark.parametrize(("zone", "opens", "closes", "on", "start", "end"), LEFT_OUT_OR_TWICE)
def test_r9_a_time_left_out_is_the_first_that_exists_and_one_that_comes_twice_the_first(
    zone, opens, closes, on, start, end
):
    assert terms(zone, opens=opens, closes=closes).hours_of(day(on)) == (utc(start), utc(end))


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "swallowed", "next_at"),
    [
        ("Europe/Berlin", time(2), time(3), "2026-03-29", "2026-03-30 00:10"),
        ("America/Santiago", time(0), time(1), "2026-09-06", "2026-09-07 03:10"),
        ("Pacific/Auckland", time(2), time(3), "2026-09-27", "2026-09-27 13:10"),
        ("Pacific/Apia", time(9), time(18), "2011-12-30", "2011-12-30 19:10"),
        ("Pacific/Apia", time(0), time(23, 59), "2011-12-30", "2011-12-30 10:10"),
    ],
)
def test_r9_a_window_that_a_clock_change_swallows_is_none(zone, opens, closes, swallowed, next_at):
    rules = terms(zone, opens=opens, closes=closes)
    days_before = utc(next_at) - timedelta(days=4)

    assert rules.hours_of(day(swallowed)) is None
    assert rules.moment_from(day(swallowed), TEN, now=days_before) == utc(next_at)


def test_r9_a_window_cut_short_by_a_clock_change_still_holds_every_moment():
    # On March 29 a quarter of an hour is left of it: 03:00 to 03:15 in Berlin.
    rules = terms(opens=time(2), closes=time(3, 15))
    start, end = utc("2026-03-29 01:00"), utc("2026-03-29 01:15")

    for minutes in range(30):
        at = rules.moment_from(
            day("2026-03-29"), timedelta(minutes=minutes), now=berlin("2026-03-28 12:00")
        )
        assert start <= at < end


@pytest.mark.parametrize(
    ("zone", "now", "open_"),
    [
        # Twenty past eleven comes twice in Santiago; the window closed at the first half past.
        ("America/Santiago", "2026-04-05 02:20", True),
        ("America/Santiago", "2026-04-05 03:20", False),
        ("America/Santiago", "2026-04-05 02:30", False),
    ],
)
def test_r9_a_window_that_closed_does_not_open_again_when_the_hour_comes_twice(zone, now, open_):
    assert terms(zone, opens=time(22, 30), closes=time(23, 30)).is_open(utc(now)) is open_


@pytest.mark.parametrize(
    ("zone", "on", "at"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28 23:00"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29 22:00"),
        ("America/Santiago", "2026-04-05", "2026-04-05 04:00"),
        ("America/Santiago", "2026-09-06", "2026-09-06 04:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23 22:00"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28 22:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00"),
        ("Asia/Kolkata", "2026-03-29", "2026-03-28 18:30"),
    ],
)
def test_r19_a_day_begins_at_its_first_instant(zone, on, at):
    assert terms(zone).midnight(day(on)) == utc(at)


# Each reminder five days after it was due, at ten past nine local time: never 120 hours.
@pytest.mark.parametrize(
    ("zone", "due", "at"),
    [
        ("Europe/Berlin", "2026-03-24", "2026-03-29 07:10"),
        ("Europe/Berlin", "2026-03-23", "2026-03-28 08:10"),
        ("Europe/Berlin", "2026-10-20", "2026-10-25 08:10"),
        ("America/Santiago", "2026-03-31", "2026-04-05 13:10"),
        ("America/Santiago", "2026-09-01", "2026-09-06 12:10"),
        ("Pacific/Auckland", "2026-09-22", "2026-09-26 20:10"),
        ("Pacific/Apia", "2011-12-25", "2011-12-30 19:10"),  # on the 31st: the 30th never was
        ("Pacific/Apia", "2011-12-26", "2011-12-30 19:10"),
    ],
)
def test_r4_five_days_are_five_dates_whatever_the_clock_does(zone, due, at):
    case = a_case(due=day(due), terms=terms(zone))

    planned = next_action(case, utc(at) - timedelta(days=3))

    assert planned is not None
    assert planned.at == utc(at)


def test_r8_gaps_are_counted_in_dates_over_a_clock_change():
    # The reminder went out on March 27; the clocks change on the 29th.
    late = a_case(due=date(2026, 3, 20), steps=steps(date(2026, 3, 27)))

    planned = next_action(late, berlin("2026-03-27 12:00"))

    assert planned is not None
    assert planned.at == utc("2026-04-01 07:10")
