"""Where a case stands: of the stages, the first that holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

import pytest

from dunning.case.facts import with_payment
from dunning.case.planning import ladder_action
from dunning.case.state import DunningCase
from dunning.case.waiting import what_it_waits_for
from dunning.stages import AT_THE_PARTNER, ENDS, BlockedBy, Stage
from tests.factories import a_case, a_claim, a_hold, a_payment, berlin, steps, terms

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))

# What makes a stage hold, in the order of the rules: an earlier one wins over all below it.
IN_ORDER: list[tuple[Stage, dict[str, Any]]] = [
    (Stage.CANCELED, {"canceled": True}),
    (Stage.PAID, {"payments": (a_payment("100.00"),)}),
    (Stage.STOPPED, {"stopped": True}),
    (Stage.HANDED_OVER, {"claim": a_claim()}),
    (Stage.ON_HOLD, {"hold": a_hold(date(2026, 3, 5))}),
    (Stage.BLOCKED, {"blocked_by": BlockedBy.ADDRESS}),
    (Stage.AWAITING_APPROVAL, {"approval_wanted": True}),
    (Stage.FINAL_NOTICE, {"steps": steps(*DAYS)}),
]


@pytest.mark.parametrize(("stage", "given"), IN_ORDER, ids=[stage for stage, _ in IN_ORDER])
def test_a_stage_follows_from_what_happened(stage, given):
    assert a_case(due=DUE, **given).stage is stage


@pytest.mark.parametrize(
    ("earlier", "later"),
    list(combinations(IN_ORDER, 2)),
    ids=[f"{first[0]}-{second[0]}" for first, second in combinations(IN_ORDER, 2)],
)
def test_of_two_stages_that_hold_the_first_is_it(earlier, later):
    both = a_case(due=DUE, **(later[1] | earlier[1]))

    # Handed over and then paid has a name of its own.
    expected = Stage.SETTLED if (earlier[0], later[0]) == ("paid", "handed_over") else earlier[0]
    assert both.stage is expected


def test_all_that_can_hold_at_once_is_canceled():
    everything: dict[str, Any] = {}
    for _, given in IN_ORDER:
        everything |= given

    assert a_case(due=DUE, **everything).stage is Stage.CANCELED


@pytest.mark.parametrize(
    ("taken", "stage"),
    [
        (DAYS[:0], Stage.SCHEDULED),
        (DAYS[:1], Stage.REMINDED),
        (DAYS[:2], Stage.FIRST_NOTICE),
        (DAYS[:3], Stage.FINAL_NOTICE),
    ],
)
def test_r4_r5_r6_the_stage_is_that_of_the_last_notice(taken, stage):
    assert a_case(due=DUE, steps=steps(*taken)).stage is stage


@pytest.mark.parametrize(
    ("amount", "paid", "claim", "stage"),
    [
        ("100.00", "99.99", None, Stage.SCHEDULED),
        ("100.00", "100.00", None, Stage.PAID),
        ("100.00", "100.01", None, Stage.PAID),
        ("100.00", "99.99", a_claim(), Stage.HANDED_OVER),
        ("100.00", "100.00", a_claim(), Stage.SETTLED),
        ("0.01", "0.01", None, Stage.PAID),
    ],
)
def test_r20_nothing_open_is_paid_or_settled_and_a_cent_is_open(amount, paid, claim, stage):
    case = a_case(due=DUE, amount=amount, claim=claim, payments=(a_payment(paid),))

    assert case.stage is stage


def test_only_the_ends_are_ends():
    assert {stage.value for stage in ENDS} == {
        "paid",
        "stopped",
        "canceled",
        "recovered",
        "uncollectible",
        "settled",
    }
    assert {stage.value for stage in AT_THE_PARTNER} == {"handed_over", "in_court"}


@pytest.mark.parametrize(("stage", "given"), IN_ORDER, ids=[stage for stage, _ in IN_ORDER])
def test_a_case_has_ended_at_an_end_and_only_there(stage, given):
    assert a_case(due=DUE, **given).has_ended is (stage in {"canceled", "paid", "stopped"})


@pytest.mark.parametrize(
    "stage",
    ["canceled", "paid", "stopped", "handed_over", "on_hold", "blocked", "awaiting_approval"],
)
def test_a_case_that_does_not_go_on_plans_nothing(stage):
    given = dict(IN_ORDER)[Stage(stage)]

    for day_ in ("2026-03-03 12:00", "2026-03-20 12:00", "2027-01-01 12:00"):
        assert ladder_action(a_case(due=DUE, **given), berlin(day_)) is None


@pytest.mark.parametrize(("stage", "given"), IN_ORDER, ids=[stage for stage, _ in IN_ORDER])
def test_a_case_of_any_stage_survives_as_text(stage, given):
    case = with_payment(a_case(due=DUE, **given), a_payment("1.00", payment_id="p-2"))

    assert DunningCase.model_validate_json(case.model_dump_json()) == case.changed(events=())


@pytest.mark.parametrize("value", [a_case(due=DUE), a_claim()], ids=["case", "claim"])
def test_a_change_of_an_unknown_field_is_refused(value):
    with pytest.raises(AssertionError, match="stoped"):
        value.changed(stoped=True)


def test_what_a_case_waits_for_names_the_day_in_the_zone_of_the_seller():
    late = datetime(2026, 7, 2, 2, tzinfo=UTC)  # 22:00 of 1 July in Santiago
    santiago = terms("America/Santiago")
    case = a_case(due=DUE, terms=santiago, stopped=True, waiting_since=late)
    waits = what_it_waits_for(case, late)
    assert waits.text == "the seller, who may start it again since 2026-07-01"
    assert waits.since_day == date(2026, 7, 1)
