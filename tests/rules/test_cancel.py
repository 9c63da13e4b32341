"""R29 and the cancellation of R11: an order that is canceled."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dunning.actions import ActionKind
from dunning.case.facts import with_ledger, with_order_canceled, with_payment
from dunning.case.handoff import claim_not_there, order_canceled_on_its_day
from dunning.case.planning import ladder_action
from dunning.history import EventName
from dunning.ladder import DunningOption
from dunning.movements import LedgerFacts
from dunning.requests import Refused
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_claim,
    a_hold,
    a_payment,
    berlin,
    did,
    escalate,
    eur,
    handoff_day,
    hold,
    rejected,
    resume,
    start,
    steps,
    stop,
)

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
NOW = berlin("2026-03-24 12:00")
HANDOFF = berlin("2026-04-01 09:10")

OPEN: dict[str, dict[str, Any]] = {
    "scheduled": {},
    "reminded": {"steps": steps(*DAYS[:1])},
    "final_notice": {"steps": steps(*DAYS)},
    "awaiting": {"steps": steps(*DAYS), "approval_wanted": True},
    "held": {"hold": a_hold(DUE)},
    "blocked": {"blocked_by": BlockedBy.ADDRESS},
    "stopped": {"stopped": True},
}


@pytest.mark.parametrize("name", OPEN)
def test_r29_open_held_blocked_waiting_and_stopped_cases_end_canceled(name):
    canceled = with_order_canceled(a_case(due=DUE, **OPEN[name]), NOW)

    assert canceled.stage is Stage.CANCELED
    assert ladder_action(canceled, NOW) is None
    assert canceled.events[-1].name is EventName.ORDER_CANCELED


@pytest.mark.parametrize("name", [*OPEN, "handed_over", "paid"])
def test_r29_canceled_a_second_time_changes_nothing(name):
    others = {"handed_over": {"claim": a_claim()}, "paid": {"payments": (a_payment("100.00"),)}}
    once = with_order_canceled(a_case(due=DUE, **(OPEN | others)[name]), NOW)

    assert with_order_canceled(once, HANDOFF) == once


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        ({"payments": (a_payment("100.00"),)}, Stage.PAID),
        ({"payments": (a_payment("100.00"),), "claim": a_claim()}, Stage.SETTLED),
    ],
)
def test_r29_paid_and_settled_cases_stay_as_they_are(given, stage):
    case = a_case(due=DUE, **given)

    assert with_order_canceled(case, NOW).stage is stage


def test_r29_a_claim_stays_at_the_partner_until_it_is_closed_there():
    handed_over = a_case(due=DUE, steps=steps(*DAYS), claim=a_claim())

    canceled = with_order_canceled(handed_over, NOW)

    assert canceled.stage is Stage.HANDED_OVER
    assert canceled.order_canceled


@pytest.mark.parametrize("name", OPEN)
def test_r29_a_canceled_case_cannot_be_started_again(name):
    canceled = with_order_canceled(a_case(due=DUE, **OPEN[name]), NOW)

    for ask in (stop, start, resume, escalate, hold):
        with pytest.raises(Refused, match="ended"):
            ask(canceled, NOW)


def test_r29_later_money_leaves_it_canceled():
    canceled = with_order_canceled(a_case(due=DUE), NOW)
    credit = a_payment("0.00").model_copy(update={"credit": eur("100.00")})

    assert with_payment(canceled, credit).stage is Stage.CANCELED


def test_r29_the_ledger_tells_a_case_of_the_cancellation():
    canceled = with_ledger(a_case(due=DUE), LedgerFacts(order_canceled_at=NOW))

    assert canceled.stage is Stage.CANCELED
    assert with_order_canceled(canceled, NOW) == canceled


# --- while the partner is being asked --------------------------------------------------------


def begun(**given: Any):
    return a_case(due=DUE, steps=steps(*DAYS), handoff_begun=True, **given)


def test_r29_an_order_canceled_while_the_partner_is_asked_is_withdrawn_if_the_partner_has_it():
    canceled = with_order_canceled(begun(), HANDOFF)

    taken = did(canceled, ActionKind.ASK_PARTNER, HANDOFF)

    assert ladder_action(canceled, HANDOFF).kind is ActionKind.ASK_PARTNER
    assert taken.stage is Stage.HANDED_OVER
    assert taken.claim.withdrawal_due


@pytest.mark.parametrize("answer", [lambda case: rejected(case, HANDOFF), claim_not_there])
def test_r29_an_order_canceled_while_the_partner_is_asked_ends_if_the_partner_has_nothing(answer):
    ended = answer(with_order_canceled(begun(), HANDOFF))

    assert ended.stage is Stage.CANCELED
    assert ladder_action(ended, HANDOFF) is None


def test_r29_an_order_canceled_before_the_handoff_is_decided_is_not_handed_over():
    canceled = with_order_canceled(a_case(due=DUE, steps=steps(*DAYS)), HANDOFF)

    decided = handoff_day(canceled, HANDOFF)

    assert decided.stage is Stage.CANCELED
    assert ladder_action(decided, HANDOFF) is None


def test_r29_paid_while_the_partner_refuses_and_canceled_it_stays_paid():
    case = with_payment(with_order_canceled(begun(), HANDOFF), a_payment("100.00", at=HANDOFF))

    answered = rejected(case, HANDOFF)

    assert answered.stage is Stage.PAID


# --- R11: the option no_collection -----------------------------------------------------------


def announced(**given: Any):
    return a_case(due=DUE, steps=steps(*DAYS), option=DunningOption.NO_COLLECTION, **given)


def test_r11_on_the_handoff_day_the_order_is_canceled():
    ended = did(announced(), ActionKind.CANCELLATION, HANDOFF)

    assert ended.stage is Stage.CANCELED
    assert ended.order_canceled
    assert with_order_canceled(ended, HANDOFF).stage is Stage.CANCELED


def test_r11_r10_a_paid_order_is_not_canceled():
    paid = with_payment(announced(), a_payment("100.00", at=HANDOFF))

    assert order_canceled_on_its_day(paid, HANDOFF) == paid
    assert paid.stage is Stage.PAID


def test_r11_the_cancellation_waits_for_its_day_and_its_window():
    action = ladder_action(announced(), NOW)
    assert (action.kind, action.at) == (ActionKind.CANCELLATION, HANDOFF)

    late = ladder_action(announced(), berlin("2026-04-01 20:00"))
    assert late.at == berlin("2026-04-02 09:10")


def test_r11_r19_a_hold_keeps_the_order_from_being_canceled():
    held = hold(announced(), NOW, until=None)

    assert ladder_action(held, berlin("2026-05-01 12:00")) is None


def test_r11_r17_a_stop_keeps_the_order_from_being_canceled():
    assert ladder_action(stop(announced(), NOW), berlin("2026-05-01 12:00")) is None
