"""Why a step comes on its day, what comes next, and why something is not possible."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.actions import ActionKind
from dunning.case.forecast import Planned, forecast, refusals, why_sent
from dunning.case.plan import plan_of
from dunning.case.state import DunningCase
from dunning.case.update import brought_up
from dunning.case.waiting import WaitsFor, what_it_waits_for
from dunning.days import DAY
from dunning.ladder import DunningOption, Hold, StepKind
from dunning.reasons import Rule, Why
from dunning.requests import RefusalReason, Verb
from dunning.stages import BlockedBy
from tests.examples import many
from tests.factories import (
    a_case,
    a_claim,
    a_hold,
    berlin,
    day,
    did,
    handoff_day,
    hold,
    inputs,
    later,
    play,
    rejected,
    start,
    steps,
    stop,
    terms,
    weekends,
)
from tests.rules.test_properties import ALWAYS_THE_SAME

DUE = day("2026-03-02")
FIRST_DAYS = ["03-07", "03-12", "03-22", "04-01"]


def outlook(case: DunningCase, at: datetime, **outside: object) -> tuple[Planned, ...]:
    return forecast(case, at, lambda _: inputs(case, **outside))


def kinds(items: tuple[Planned, ...]) -> list[str]:
    return [item.kind.value for item in items]


def days(case: DunningCase, items: tuple[Planned, ...]) -> list[str]:
    return [f"{case.terms.day_of(item.at):%m-%d}" for item in items]


def test_r7_the_whole_ladder_is_forecast_to_its_end():
    case = a_case(due=DUE)
    items = outlook(case, berlin("2026-03-02 12:00"))

    assert kinds(items) == ["payment_reminder", "first_notice", "final_notice", "handoff"]
    assert days(case, items) == FIRST_DAYS
    assert {reason.why for item in items[1:] for reason in item.reasons} == {Why.STEP_BEFORE}
    assert items[0].reasons[0].why is Why.DUE_DATE


def test_r8_a_late_step_moves_the_later_ones_and_is_their_reason():
    case = a_case(due=DUE, steps=steps(day("2026-03-20")))
    first, final, _ = outlook(case, berlin("2026-03-20 12:00"))

    assert [f"{r.rule} {r.since} {r.days}" for r in first.reasons] == ["R8 2026-03-20 5"]
    assert days(case, (first, final)) == ["03-25", "04-04"]


def test_r9_a_weekend_is_named_beside_the_day_that_it_moves():
    closed = weekends(DUE, day("2026-06-30"))
    case = a_case(due=DUE, terms=terms(closed_days=closed))
    reminder = outlook(case, berlin("2026-03-02 12:00"))[0]

    assert [reason.why for reason in reminder.reasons] == [Why.DUE_DATE, Why.CLOSED]
    assert (reminder.reasons[1].since, reminder.reasons[1].day) == (
        day("2026-03-07"),
        day("2026-03-09"),
    )


def test_r19_hold_days_are_a_reason_of_their_own():
    held = Hold(first_day=day("2026-03-04"), end_day=day("2026-03-08"))
    case = a_case(due=DUE, holds=(held,))
    reminder = outlook(case, berlin("2026-03-08 12:00"))[0]

    assert [(r.why, r.days) for r in reminder.reasons] == [(Why.DUE_DATE, 5), (Why.HOLD_DAYS, 4)]
    assert days(case, (reminder,)) == ["03-11"]


def test_r19_a_hold_until_a_day_ends_by_itself_and_moves_what_follows():
    at = berlin("2026-03-04 12:00")
    case = hold(a_case(due=DUE), at, until=day("2026-03-10"))
    items = outlook(case, at)

    assert kinds(items)[:2] == ["hold_ends", "payment_reminder"]
    assert days(case, items)[:2] == ["03-11", "03-14"]


def test_r19_a_hold_without_an_end_forecasts_nothing():
    at = berlin("2026-03-04 12:00")
    case = hold(a_case(due=DUE), at)

    assert outlook(case, at) == ()
    assert what_it_waits_for(case, at).waits_for is WaitsFor.OPEN_HOLD


def test_r14_what_the_address_will_block_is_forecast_as_blocked_and_nothing_behind_it():
    case = a_case(due=DUE)
    items = outlook(case, berlin("2026-03-02 12:00"), missing=("house_number",))

    assert kinds(items) == ["payment_reminder", "blocked"]
    assert items[1].reasons[0].missing == ("house_number",)


def test_r12_without_the_switch_the_handoff_day_brings_a_decision():
    items = outlook(a_case(due=DUE), berlin("2026-03-02 12:00"), auto_handoff=False)

    assert kinds(items)[-1] == "awaiting_approval"
    assert items[-1].reasons[-1].why is Why.APPROVAL


def test_r11_without_collection_the_ladder_ends_with_the_cancellation():
    items = outlook(a_case(due=DUE), berlin("2026-03-02 12:00"), option=DunningOption.NO_COLLECTION)

    assert kinds(items)[-1] == "cancellation"


def test_r17_a_restarted_case_counts_from_its_restart():
    stopped = stop(a_case(due=DUE, steps=steps(day("2026-03-07"))), berlin("2026-03-08 12:00"))
    assert outlook(stopped, berlin("2026-03-08 12:00")) == ()

    case = start(stopped, berlin("2026-03-20 12:00"))
    first = outlook(case, berlin("2026-03-20 12:00"))[0]
    assert first.reasons[0].why is Why.RESTART
    assert days(case, (first,)) == ["03-25"]


def test_r21_a_handoff_waits_for_the_settings_and_says_so():
    silent = terms().model_copy(update={"no_handoff_before": berlin("2026-05-01 12:00")})
    case = a_case(due=DUE, terms=silent, option=DunningOption.COURT)
    handoff = outlook(case, berlin("2026-03-02 12:00"))[-1]

    assert handoff.reasons[-1].why is Why.SETTINGS
    assert handoff.reasons[-1].day == day("2026-05-01")


def test_a_step_that_is_late_says_since_when():
    case = a_case(due=DUE)
    reminder = outlook(case, berlin("2026-03-09 12:00"))[0]

    assert reminder.at == berlin("2026-03-09 12:00")
    assert reminder.reasons[-1].why is Why.LATE
    assert reminder.reasons[-1].since == day("2026-03-07")


def test_why_a_step_was_taken_is_told_by_the_steps_before_it():
    case = a_case(due=DUE, steps=steps(day("2026-03-07"), day("2026-03-14"), day("2026-03-24")))

    assert [reason.why for reason in why_sent(case, StepKind.PAYMENT_REMINDER)] == [Why.DUE_DATE]
    first = why_sent(case, StepKind.FIRST_NOTICE)
    assert [(reason.why, reason.days) for reason in first] == [(Why.STEP_BEFORE, 5), (Why.LATER, 2)]
    assert why_sent(case, StepKind.HANDOFF) == ()


def test_what_is_not_possible_has_its_reason():
    found = refusals(a_case(due=DUE), inputs(a_case(due=DUE)), berlin("2026-03-02 12:00"))

    assert found[Verb.STOP] is None
    assert found[Verb.ESCALATE] is RefusalReason.FINAL_NOTICE_NOT_SENT
    assert found[Verb.WITHDRAW] is RefusalReason.NOT_HANDED_OVER


def test_for_whom_a_case_waits_follows_the_order_in_which_it_decides():
    at = berlin("2026-04-05 12:00")
    told = a_case(
        due=DUE, steps=steps(day("2026-03-07"), day("2026-03-12"), day("2026-03-22"))
    ).changed(option=DunningOption.COURT)
    asked = handoff_day(told, at, auto=False)

    assert what_it_waits_for(told, at) is None
    assert what_it_waits_for(asked, at).waits_for is WaitsFor.APPROVAL
    assert what_it_waits_for(rejected(told, at), at).waits_for is WaitsFor.REJECTED_APPROVAL
    assert what_it_waits_for(asked.changed(hold=a_hold(DUE)), at).waits_for is WaitsFor.OPEN_HOLD
    blocked = told.changed(blocked_by=BlockedBy.EMAIL)
    assert what_it_waits_for(blocked, at).waits_for is WaitsFor.EMAIL
    assert what_it_waits_for(told.changed(claim=a_claim()), at).waits_for is WaitsFor.PARTNER
    assert what_it_waits_for(told.changed(canceled=True), at) is None


def test_r20_the_forecast_ends_where_a_step_would_wait_for_a_newer_statement():
    on_books = terms().model_copy(update={"stale_from": berlin("2026-03-10 00:00")})
    case = a_case(due=DUE, terms=on_books)
    items = outlook(case, berlin("2026-03-02 12:00"))

    assert kinds(items) == ["payment_reminder", "awaiting_statement"]
    assert days(case, items) == ["03-07", "03-12"]
    assert [(r.rule, r.day) for r in items[1].reasons] == [(Rule.PAYMENTS, day("2026-03-10"))]


def test_r20_a_case_with_old_statements_says_that_it_waits_for_a_newer_statement():
    stale, at = berlin("2026-03-10 00:00"), berlin("2026-03-12 12:00")
    on_books = terms().model_copy(update={"stale_from": stale})
    case = a_case(due=DUE, terms=on_books, steps=steps(day("2026-03-07")))

    assert what_it_waits_for(case, stale) is None
    stands = what_it_waits_for(case, at)
    assert stands.waits_for is WaitsFor.STATEMENT
    assert stands.text == "a newer bank statement, since 2026-03-10"
    assert outlook(case, at) == ()


@settings(ALWAYS_THE_SAME, max_examples=many(50))
@given(
    taken=st.integers(0, 3),
    late=st.integers(0, 12),
    hours=st.integers(0, 24 * 40),
    closed=st.booleans(),
    held=st.integers(0, 9),
    option=st.sampled_from(list(DunningOption)),
)
def test_what_is_forecast_is_what_the_case_then_does(taken, late, hours, closed, held, option):
    """The same kinds at the same moments, unless somebody acts."""
    offsets = (5, 10, 20)
    days_taken = [DUE + (offset + late) * DAY for offset in offsets[:taken]]
    case = a_case(
        due=DUE,
        steps=steps(*days_taken),
        terms=terms(closed_days=weekends(DUE, day("2026-08-30")) if closed else ()),
        option=option if taken == 3 else None,
    )
    now = berlin("2026-03-02 08:00") + hours * DAY / 24
    if held:
        case = later(hold(case, now, until=case.terms.day_of(now) + held * DAY), now)
    items = outlook(case, now, option=option)
    _, log = play(case, since=now, until=now + 120 * DAY, option=option)

    expected = [(kind.value, at) for kind, at in log if kind is not ActionKind.END_HOLD]
    found = [(item.kind.value, item.at) for item in items if item.kind != "hold_ends"]
    assert found == expected[: len(found)]
    assert len(found) == len(expected)


def test_nothing_is_forecast_of_a_claim_at_the_partner():
    told = did(
        a_case(due=DUE, option=DunningOption.COURT), ActionKind.HANDOFF, berlin("2026-04-01 09:10")
    )

    assert (
        outlook(
            brought_up(told, inputs(told), berlin("2026-04-02 09:00")), berlin("2026-04-02 09:00")
        )
        == ()
    )


def test_r28_operators_read_why_a_step_comes_on_its_day_and_what_follows() -> None:
    case = a_case(due=DUE, steps=steps(day("2026-03-07")))
    words = plan_of(case, 1, berlin("2026-03-08 12:00")).words

    assert words.splitlines()[2:] == [
        "next: first_notice at 2026-03-12 08:10 UTC",
        "because (R8): 5 days after the step before, which was taken on 2026-03-07.",
        "then: final_notice on 2026-03-22",
    ]


def test_r22_of_steps_of_another_system_no_reason_is_made_up() -> None:
    sent = day("2026-03-12")
    case = a_case(due=DUE, steps=steps(sent, sent))

    assert why_sent(case, StepKind.PAYMENT_REMINDER) == ()
    assert why_sent(case, StepKind.FIRST_NOTICE) == ()
