"""R21: how a seller wants its money collected; when the option may change, what waits for it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dunning.actions import Action, ActionKind
from dunning.case.planning import ladder_action
from dunning.case.update import brought_up
from dunning.ladder import DunningOption
from dunning.settings import (
    OptionLocked,
    answer_day,
    answer_until,
    no_handoff_before,
    option_changed_on,
)
from tests.factories import a_case, day, inputs, steps, terms

COURT, CANCELLATION = DunningOption.COURT, DunningOption.CANCELLATION
BERLIN = "Europe/Berlin"
# The final notice was ten days ago: the handoff is due.
HAD = steps(date(2026, 2, 1), date(2026, 2, 6), date(2026, 2, 20))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "asked_at", "last_day", "ends_at"),
    [
        (BERLIN, "2026-03-02T09:20", "2026-03-09", "2026-03-09T23:00"),
        (BERLIN, "2026-03-01T23:00", "2026-03-09", "2026-03-09T23:00"),  # 00:00 of the 2nd
        (BERLIN, "2026-03-01T22:59", "2026-03-08", "2026-03-08T23:00"),  # 23:59 of the 1st
        (BERLIN, "2026-03-25T09:15", "2026-04-01", "2026-04-01T22:00"),  # over a clock change
        ("America/Santiago", "2026-03-02T15:20", "2026-03-09", "2026-03-10T03:00"),
        # The 6th of September 2026 begins at 01:00 in Santiago.
        ("America/Santiago", "2026-08-29T15:20", "2026-09-05", "2026-09-06T04:00"),
    ],
)
def test_r21_silence_is_an_answer_when_the_seventh_day_has_ended_at_the_seller(
    zone: str, asked_at: str, last_day: str, ends_at: str
) -> None:
    assert answer_day(utc(asked_at), zone) == day(last_day)
    assert answer_until(utc(asked_at), zone) == utc(ends_at)


@pytest.mark.parametrize(
    ("asked_at", "answered_at", "expected"),
    [
        (None, None, None),
        (None, utc("2026-03-01T12:00"), None),
        (utc("2026-03-02T09:15"), None, utc("2026-03-09T23:00")),
        (utc("2026-03-02T09:15"), utc("2026-03-03T12:00"), None),
    ],
)
def test_r21_nothing_is_handed_over_until_the_answer_or_the_defaults(
    asked_at: datetime | None, answered_at: datetime | None, expected: datetime | None
) -> None:
    found = no_handoff_before(asked_at=asked_at, answered_at=answered_at, time_zone=BERLIN)
    assert found == expected


class TestTheOption:
    def test_is_changed_for_the_first_time_at_any_time(self) -> None:
        changed = option_changed_on(
            CANCELLATION, in_force=COURT, changed_on=None, today=date(2026, 3, 2)
        )
        assert changed == date(2026, 3, 2)

    def test_named_with_the_value_in_force_is_not_changed(self) -> None:
        changed = option_changed_on(
            COURT, in_force=COURT, changed_on=date(2026, 3, 1), today=date(2026, 3, 2)
        )
        assert changed == date(2026, 3, 1)

    def test_is_locked_for_thirty_days(self) -> None:
        with pytest.raises(OptionLocked) as locked:
            option_changed_on(
                COURT,
                in_force=CANCELLATION,
                changed_on=date(2026, 3, 2),
                today=date(2026, 3, 31),
            )
        assert locked.value.possible_from == date(2026, 4, 1)

    def test_is_free_again_from_the_thirtieth_day_on(self) -> None:
        changed = option_changed_on(
            COURT, in_force=CANCELLATION, changed_on=date(2026, 3, 2), today=date(2026, 4, 1)
        )
        assert changed == date(2026, 4, 1)


class TestTheHandoff:
    @pytest.mark.parametrize(
        ("silent_until", "expected"),
        [
            # before its day anyway
            ("2026-03-01T12:00", "2026-03-02T08:10"),
            # its moment has passed, the window is open: at once
            ("2026-03-03T12:00", "2026-03-03T12:00"),
            # at night: at its own moment in the next window
            ("2026-03-03T22:00", "2026-03-04T08:10"),
        ],
    )
    def test_r9_waits_for_the_seller_and_then_goes_as_a_late_step(
        self, silent_until: str, expected: str
    ) -> None:
        waiting = terms().model_copy(update={"no_handoff_before": utc(silent_until)})
        case = a_case(due=date(2026, 1, 27), steps=HAD, terms=waiting)

        planned = ladder_action(case, utc("2026-03-01T10:00"))

        assert planned == Action(kind=ActionKind.HANDOFF, at=utc(expected))

    def test_goes_on_its_day_when_the_seller_has_answered(self) -> None:
        waiting = terms().model_copy(update={"no_handoff_before": utc("2026-03-08T12:00")})
        case = a_case(due=date(2026, 1, 27), steps=HAD, terms=waiting)
        answered = inputs(case, terms=terms())

        case = brought_up(case, answered, utc("2026-03-01T10:00"))

        planned = ladder_action(case, utc("2026-03-01T10:00"))

        assert planned == Action(kind=ActionKind.HANDOFF, at=utc("2026-03-02T08:10"))

    def test_waits_for_nobody_if_nothing_is_handed_over(self) -> None:
        waiting = terms().model_copy(update={"no_handoff_before": utc("2026-03-08T12:00")})
        option = DunningOption.NO_COLLECTION
        case = a_case(due=date(2026, 1, 27), steps=HAD, terms=waiting, option=option)

        planned = ladder_action(case, utc("2026-03-01T10:00"))

        assert planned == Action(kind=ActionKind.CANCELLATION, at=utc("2026-03-02T08:10"))
