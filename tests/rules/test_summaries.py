"""R24: a summary a week or a month, on the first day of it that is open to the customer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.stages import Stage
from dunning.summaries import LISTED, Rhythm, summary_due_on
from tests.factories import day

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def weekend(value: date) -> bool:
    return value.weekday() >= 5


@pytest.mark.parametrize(
    ("today", "rhythm", "period"),
    [
        ("2026-03-02", Rhythm.WEEKLY, "2026-W10"),  # a Monday
        ("2026-03-03", Rhythm.WEEKLY, None),
        ("2026-03-08", Rhythm.WEEKLY, None),
        ("2025-12-29", Rhythm.WEEKLY, "2026-W01"),  # the week of New Year belongs to that year
        ("2026-12-28", Rhythm.WEEKLY, "2026-W53"),
        ("2026-03-01", Rhythm.MONTHLY, "2026-03"),  # a Sunday
        ("2026-03-02", Rhythm.MONTHLY, None),
        ("2026-02-28", Rhythm.MONTHLY, None),
        ("2026-03-02", Rhythm.OFF, None),
        ("2026-06-01", Rhythm.OFF, None),
    ],
)
def test_r24_on_mondays_or_on_the_first(today: str, rhythm: Rhythm, period: str | None) -> None:
    due = summary_due_on(day(today), rhythm)

    assert (due and due.name) == period


@pytest.mark.parametrize(
    ("today", "rhythm", "period"),
    [
        ("2026-03-01", Rhythm.MONTHLY, None),
        ("2026-03-02", Rhythm.MONTHLY, "2026-03"),
        ("2026-03-03", Rhythm.MONTHLY, None),
        ("2026-08-03", Rhythm.MONTHLY, "2026-08"),  # the first is a Saturday
        ("2026-03-02", Rhythm.WEEKLY, "2026-W10"),
    ],
)
def test_r24_with_business_days_on_the_first_open_one(
    today: str, rhythm: Rhythm, period: str | None
) -> None:
    due = summary_due_on(day(today), rhythm, weekend)

    assert (due and due.name) == period


def test_r24_a_holiday_on_a_monday_moves_it_to_the_tuesday() -> None:
    easter_monday = day("2026-04-06")

    def closed(value: date) -> bool:
        return weekend(value) or value == easter_monday

    week = [easter_monday + timedelta(days=ahead) for ahead in range(7)]
    assert [bool(summary_due_on(one, Rhythm.WEEKLY, closed)) for one in week] == [
        *(False, True, False, False, False, False, False)
    ]


def test_r24_a_week_that_is_closed_has_no_summary() -> None:
    week = [day("2026-03-02") + timedelta(days=ahead) for ahead in range(7)]

    assert not any(summary_due_on(one, Rhythm.WEEKLY, lambda _: True) for one in week)


@given(DAYS, st.sampled_from([Rhythm.WEEKLY, Rhythm.MONTHLY]), st.frozensets(st.integers(0, 30)))
def test_r24_never_two_in_a_period_and_none_on_a_closed_day(
    start: date, rhythm: Rhythm, closed: frozenset[int]
) -> None:
    def is_closed(value: date) -> bool:
        return value.toordinal() % 31 in closed

    days = [start + timedelta(days=ahead) for ahead in range(70)]
    due = [(one, period) for one in days if (period := summary_due_on(one, rhythm, is_closed))]

    names = [period.name for _, period in due]
    assert len(names) == len(set(names))
    assert not any(is_closed(one) for one, _ in due)
    assert all(period.first_day <= one for one, period in due)


def test_r24_what_is_on_hold_stopped_handed_over_or_ended_is_in_none() -> None:
    assert {
        *(Stage.SCHEDULED, Stage.REMINDED, Stage.FIRST_NOTICE, Stage.FINAL_NOTICE),
        *(Stage.AWAITING_APPROVAL, Stage.BLOCKED),
    } == LISTED
