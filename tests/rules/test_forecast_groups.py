"""The steps of many cases that are alike: the same days as of each case for itself."""

from __future__ import annotations

from datetime import date, datetime, time

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.actions import ActionKind
from dunning.case.forecast import PlannedKind, forecast
from dunning.case.forecast_groups import FirstStep, steps_ahead
from dunning.case.inputs import CaseInputs
from dunning.case.planning import first_ladder_action_after_hold
from dunning.case.state import DunningCase
from dunning.days import DAY, LawfulHours
from dunning.ladder import DunningOption
from tests.examples import many
from tests.factories import a_case, berlin, day, hold, inputs, later, steps, terms, weekends
from tests.rules.test_properties import ALWAYS_THE_SAME

DUE = day("2026-03-02")
NOW = berlin("2026-03-02 08:00")
WEEKENDS = weekends(day("2026-01-01"), day("2026-12-31"))
CHILE = LawfulHours(
    time_zone="America/Santiago",
    opens=time(8),
    closes=time(20),
    closed_days=tuple(closed for closed in WEEKENDS if closed.weekday() == 6),
)


def ahead(
    case: DunningCase, outside: CaseInputs, now: datetime, last: date
) -> list[tuple[str, date]]:
    """As they are counted: from the first step's kind and day on."""
    first = first_ladder_action_after_hold(case, now)
    if first is None:
        return []
    begins = FirstStep(
        kind=first.kind,
        day=case.terms.day_of(first.at),
        due_date=case.receivable.due_date,
        option=case.option,
    )
    found = steps_ahead(begins, outside, now=now, last=last)
    return [(step.kind.value, case.terms.day_of(step.at)) for step in found]


def test_r8_the_steps_after_a_late_one_keep_their_distance_to_it():
    case = a_case(due=DUE, steps=steps(day("2026-03-20")))

    assert ahead(case, inputs(case), berlin("2026-03-20 12:00"), day("2026-05-30")) == [
        ("first_notice", day("2026-03-25")),
        ("final_notice", day("2026-04-04")),
        ("handoff", day("2026-04-14")),
    ]


def test_r3_after_an_advance_notice_the_reminder_counts_from_the_due_date():
    case = a_case(due=day("2026-03-12"), advance_notice_due=True)
    found = ahead(case, inputs(case), NOW, day("2026-03-20"))

    assert found == [
        ("advance_notice", day("2026-03-07")),
        ("payment_reminder", day("2026-03-17")),
    ]


def test_r13_a_chargeback_that_waits_for_the_settings_is_a_handoff_then_or_a_decision():
    begins = FirstStep(ActionKind.DECIDE_CHARGEBACK, day("2026-03-09"), DUE)

    def kinds(**outside: object) -> list[str]:
        found = inputs(a_case(due=DUE), **outside)
        return [step.kind for step in steps_ahead(begins, found, now=NOW, last=day("2026-03-20"))]

    assert kinds() == [PlannedKind.HANDOFF]
    assert kinds(auto_chargeback_handoff=False) == [PlannedKind.AWAITING_APPROVAL]
    assert kinds(option=DunningOption.NO_COLLECTION) == []


@settings(ALWAYS_THE_SAME, max_examples=many(60))
@given(
    taken=st.integers(0, 3),
    late=st.integers(0, 12),
    hours=st.integers(0, 24 * 40),
    closed=st.booleans(),
    in_chile=st.booleans(),
    held=st.integers(0, 9),
    silent=st.integers(0, 45),
    fresh=st.integers(0, 90),
    is_complete=st.booleans(),
    auto=st.booleans(),
    option=st.sampled_from(list(DunningOption)),
)
def test_r9_r20_r21_the_days_are_those_of_the_forecast_of_each_case(
    taken, late, hours, closed, in_chile, held, silent, fresh, is_complete, auto, option
):
    offsets = (5, 10, 20)
    taken_on = [DUE + (offset + late) * DAY for offset in offsets[:taken]]
    now = NOW + hours * DAY / 24
    found = terms(closed_days=WEEKENDS if closed else ()).model_copy(
        update={
            "lawful": CHILE if in_chile else None,
            "no_handoff_before": NOW + silent * DAY if silent else None,
            "stale_from": NOW + fresh * DAY if fresh else None,
        }
    )
    case = a_case(
        due=DUE, steps=steps(*taken_on), terms=found, option=option if taken == 3 else None
    )
    if held:
        case = later(hold(case, now, until=case.terms.day_of(now) + held * DAY), now)
    missing = () if is_complete else ("street",)
    outside = inputs(case, option=option, auto_handoff=auto, missing=missing)
    last = case.terms.day_of(now) + 40 * DAY

    expected = [
        (item.kind.value, case.terms.day_of(item.at))
        for item in forecast(case, now, lambda _: outside)
        if item.kind is not PlannedKind.HOLD_ENDS and case.terms.day_of(item.at) <= last
    ]
    assert ahead(case, outside, now, last) == expected
