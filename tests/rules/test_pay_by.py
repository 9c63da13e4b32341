"""R7: by which day the money must have reached the seller."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.days import DAY
from dunning.pay_by import day_to_reach_us, is_bank_day

CLOSED_IN_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 3),  # Good Friday
    date(2026, 4, 6),  # Easter Monday
    date(2026, 5, 1),
    date(2026, 12, 25),
    date(2026, 12, 26),
}


def test_r7_banks_settle_on_all_days_but_weekends_and_the_holidays_of_target():
    days = [date(2026, 1, 1) + ahead * DAY for ahead in range(365)]
    weekdays = [day for day in days if day.weekday() < 5]

    assert {day for day in weekdays if not is_bank_day(day)} == {
        day for day in CLOSED_IN_2026 if day.weekday() < 5
    }
    assert not any(is_bank_day(day) for day in days if day.weekday() >= 5)


@pytest.mark.parametrize(
    "easter",
    [date(2000, 4, 23), date(2019, 4, 21), date(2024, 3, 31), date(2025, 4, 20), date(2038, 4, 25)],
)
def test_r7_easter_is_found_in_every_year(easter):
    assert not is_bank_day(easter - 2 * DAY)
    assert not is_bank_day(easter + DAY)
    assert is_bank_day(easter + 2 * DAY)
    assert is_bank_day(easter - 3 * DAY)


@pytest.mark.parametrize(
    ("handoff", "last"),
    [
        (date(2026, 4, 1), date(2026, 3, 30)),  # Wednesday: Tuesday, Monday
        (date(2026, 5, 2), date(2026, 4, 29)),  # Saturday after a closed Friday
        (date(2026, 4, 7), date(2026, 4, 1)),  # Tuesday after Easter
        (date(2026, 12, 28), date(2026, 12, 23)),  # Monday after Christmas
        (date(2027, 1, 4), date(2026, 12, 30)),
    ],
)
def test_r7_the_final_notice_names_the_second_bank_day_before_the_handoff(handoff, last):
    assert day_to_reach_us(handoff, is_final=True) == last


def test_r7_every_other_notice_names_the_day_before_the_next_step():
    assert day_to_reach_us(date(2026, 4, 6), is_final=False) == date(2026, 4, 5)
