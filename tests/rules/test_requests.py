"""R17, R18, R19: what people can ask of a case, and why they are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from dunning.actions import ActionKind
from dunning.case.facts import with_order_canceled, with_payment
from dunning.case.planning import ladder_action
from dunning.case.requests import possible_verbs
from dunning.case.state import DunningCase
from dunning.ladder import DunningOption
from dunning.requests import Refused, Request, Verb
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_claim,
    a_hold,
    a_payment,
    berlin,
    did,
    escalate,
    handoff_day,
    hold,
    rejected,
    resume,
    start,
    steps,
    stop,
    terms,
    withdraw,
)

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
# The time that the final notice gave, until the handoff day, has run out.
NOW = berlin("2026-04-01 00:00")
HANDOFF = berlin("2026-04-01 09:10")

SENT = {"steps": steps(*DAYS), "option": DunningOption.COURT}
CASES: dict[str, dict[str, Any]] = {
    "scheduled": {},
    "reminded": {"steps": steps(*DAYS[:1])},
    "first_notice": {"steps": steps(*DAYS[:2])},
    "final_notice": SENT,
    "no_collection": SENT | {"option": DunningOption.NO_COLLECTION},
    "awaiting": SENT | {"approval_wanted": True},
    "held": SENT | {"hold": a_hold(date(2026, 3, 23))},
    "held_early": {"hold": a_hold(date(2026, 3, 23))},
    "held_awaiting": SENT | {"approval_wanted": True, "hold": a_hold(date(2026, 3, 23))},
    "blocked_address": {"steps": steps(*DAYS[:1]), "blocked_by": BlockedBy.ADDRESS},
    "blocked_handoff": SENT | {"blocked_by": BlockedBy.ADDRESS},
    "blocked_email": {"blocked_by": BlockedBy.EMAIL},
    "blocked_error": {"blocked_by": BlockedBy.ERROR},
    "begun": SENT | {"handoff_begun": True},
    "handed_over": SENT | {"claim": a_claim(NOW)},
    "settled": SENT | {"claim": a_claim(NOW), "payments": (a_payment("100.00"),)},
    "paid": {"payments": (a_payment("100.00"),)},
    "canceled": {"canceled": True, "order_canceled": True},
    "stopped": {"stopped": True},
}


def a(name: str) -> DunningCase:
    return a_case(due=DUE, **CASES[name])


def ask(case: DunningCase, request: str) -> DunningCase:
    match request:
        case "stop":
            return stop(case, NOW)
        case "start":
            return start(case, NOW)
        case "escalate":
            return escalate(case, NOW, address_complete=True)
        case "hold":
            return hold(case, NOW, until=None)
        case "withdraw":
            return withdraw(case, NOW)
        case _:
            return resume(case, NOW)


# Of each request the cases that refuse it, and why; all the others grant it.
REFUSALS = {
    "stop": {
        "begun": "handoff_begun",
        "handed_over": "handed_over",
        "settled": "ended",
        "paid": "ended",
        "canceled": "ended",
    },
    "start": {
        **dict.fromkeys(CASES, "not_stopped"),
        "begun": "handoff_begun",
        "handed_over": "handed_over",
        "settled": "ended",
        "paid": "ended",
        "canceled": "ended",
        "stopped": None,
    },
    "escalate": {
        "scheduled": "final_notice_not_sent",
        "reminded": "final_notice_not_sent",
        "first_notice": "final_notice_not_sent",
        "no_collection": "no_collection",
        "held": "on_hold",
        "held_early": "final_notice_not_sent",
        "held_awaiting": "on_hold",
        "blocked_address": "final_notice_not_sent",
        "blocked_email": "final_notice_not_sent",
        "blocked_error": "final_notice_not_sent",
        "begun": "handoff_begun",
        "handed_over": "handed_over",
        "settled": "ended",
        "paid": "ended",
        "canceled": "ended",
        "stopped": "ended",
    },
    "hold": {
        "begun": "handoff_begun",
        "handed_over": "handed_over",
        "settled": "ended",
        "paid": "ended",
        "canceled": "ended",
        "stopped": "ended",
    },
    "resume": {
        **dict.fromkeys(CASES, "not_on_hold"),
        "held": None,
        "held_early": None,
        "held_awaiting": None,
        "blocked_error": None,
        "begun": "handoff_begun",
        "handed_over": "handed_over",
        "settled": "ended",
        "paid": "ended",
        "canceled": "ended",
        "stopped": "ended",
    },
    "withdraw": {
        **dict.fromkeys(CASES, "not_handed_over"),
        "begun": "handoff_begun",
        "handed_over": None,
        "settled": "ended",
        "paid": "ended",
        "canceled": "ended",
        "stopped": "ended",
    },
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("request_", REFUSALS)
def test_r17_r18_r19_a_request_is_granted_or_refused_with_its_reason(request_, name):
    reason = REFUSALS[request_].get(name)

    if reason is None:
        ask(a(name), request_)
        return
    with pytest.raises(Refused) as refused:
        ask(a(name), request_)
    assert str(refused.value) == reason


@pytest.mark.parametrize("name", CASES)
def test_r26_the_actions_possible_now_are_those_that_would_be_granted(name):
    granted = {request for request in REFUSALS if REFUSALS[request].get(name) is None}

    # Stopping a stopped case is granted and changes nothing: no button for it.
    assert set(possible_verbs(a(name), NOW)) == granted - ({"stop"} if name == "stopped" else set())


# --- R18: the term of the final notice ---------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "at", "possible_from"),
    [
        # sent on the 22nd of March, the handoff named for the 1st of April
        ("final_notice", "2026-03-22 12:00", "2026-04-01"),
        ("final_notice", "2026-03-31 23:59", "2026-04-01"),
        ("awaiting", "2026-03-31 23:59", "2026-04-01"),
        ("blocked_handoff", "2026-03-31 12:00", "2026-04-01"),
    ],
)
def test_r18_before_the_day_that_the_final_notice_named_it_is_refused(name, at, possible_from):
    with pytest.raises(Refused, match="term_running") as refused:
        escalate(a(name), berlin(at))

    assert refused.value.possible_from == date.fromisoformat(possible_from)
    assert escalate(a(name), berlin(f"{possible_from} 00:00")).handoff_begun


def test_r18_the_day_is_the_one_that_the_notice_named_whatever_has_changed_since():
    # With business days only, Good Friday became the Tuesday after Easter.
    easter = tuple(date(2026, 4, number) for number in (3, 4, 5, 6))
    case = a_case(due=DUE, steps=steps(*DAYS[:2]), terms=terms(closed_days=easter))
    sent = did(case, ActionKind.FINAL_NOTICE, berlin("2026-03-24 09:10"))

    every_day = sent.changed(terms=terms())

    with pytest.raises(Refused) as refused:
        escalate(every_day, berlin("2026-04-06 23:59"))
    assert refused.value.possible_from == date(2026, 4, 7)
    assert ladder_action(every_day, NOW).at == berlin("2026-04-07 09:10")


def test_r18_of_a_final_notice_from_another_system_it_is_its_day_and_ten():
    had = a_case(due=date(2026, 1, 2), steps=steps(*DAYS))

    with pytest.raises(Refused) as refused:
        escalate(had, berlin("2026-03-31 23:59"))
    assert refused.value.possible_from == date(2026, 4, 1)


@pytest.mark.parametrize("name", ["final_notice", "awaiting"])
def test_r18_despite_the_term_it_goes_for_a_reason_that_the_history_keeps(name):
    gone = escalate(a(name), berlin("2026-03-22 12:00"), despite="the customer is insolvent")

    assert gone.handoff_begun
    assert gone.events[-1].detail == {"reason": "the customer is insolvent", "despite_term": True}


def test_r18_once_the_term_has_ended_nothing_goes_despite_it():
    gone = escalate(a("final_notice"), NOW, despite="the customer is insolvent")

    assert gone.events[-1].detail == {"reason": "the customer is insolvent"}


def test_r18_despite_the_term_needs_a_reason():
    with pytest.raises(ValidationError, match="needs a reason"):
        Request(verb=Verb.ESCALATE, despite_term=True)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("first_notice", "final_notice_not_sent"),
        ("no_collection", "no_collection"),
        ("held", "on_hold"),
        ("held_awaiting", "on_hold"),
    ],
)
def test_r18_the_term_is_the_last_reason_and_despite_it_the_others_stand(name, reason):
    for despite in (None, "the customer is insolvent"):
        with pytest.raises(Refused, match=reason):
            escalate(a(name), berlin("2026-03-22 12:00"), despite=despite)


def test_r18_an_incomplete_address_is_said_before_the_term():
    with pytest.raises(Refused, match="address_incomplete"):
        escalate(a("final_notice"), berlin("2026-03-22 12:00"), address_complete=False)


def test_r13_r18_a_chargeback_that_waits_for_the_seller_has_no_term():
    came_back = a("awaiting").changed(chargeback_approval=True)

    assert escalate(came_back, berlin("2026-03-22 12:00")).handoff_begun


# --- R17: stop and start ---------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in CASES if n not in REFUSALS["stop"]])
def test_r17_a_case_is_stopped_at_any_time_until_the_handoff_has_begun(name):
    stopped = stop(a(name), NOW)

    assert stopped.stage is Stage.STOPPED
    assert stopped.hold is None
    assert ladder_action(stopped, NOW) is None


def test_r17_stopped_again_is_stopped_and_leaves_no_trace():
    stopped = a("stopped")

    assert stop(stopped, NOW) == stopped


@pytest.mark.parametrize(
    ("taken", "started", "kind", "at"),
    [
        # no notice sent yet: on its day, or at once if that has passed
        (0, "2026-03-03 10:00", "payment_reminder", "2026-03-07 09:10"),
        (0, "2026-03-07 09:00", "payment_reminder", "2026-03-07 09:10"),
        (0, "2026-03-20 10:00", "payment_reminder", "2026-03-20 10:00"),
        (0, "2026-03-20 22:00", "payment_reminder", "2026-03-21 09:10"),
        # else the full gap, counted from the restart
        (1, "2026-03-08 10:00", "first_notice", "2026-03-13 09:10"),
        (1, "2026-05-20 10:00", "first_notice", "2026-05-25 09:10"),
        (2, "2026-03-21 23:59", "final_notice", "2026-03-31 09:10"),
        (2, "2026-05-20 10:00", "final_notice", "2026-05-30 09:10"),
        (3, "2026-04-20 00:00", "handoff", "2026-04-30 09:10"),
        (3, "2026-03-22 18:00", "handoff", "2026-04-01 09:10"),
    ],
)
def test_r17_a_started_case_goes_on_after_the_full_gap(taken, started, kind, at):
    stopped = a_case(due=DUE, steps=steps(*DAYS[:taken]), stopped=True)

    action = ladder_action(start(stopped, berlin(started)), berlin(started))

    assert (action.kind.value, action.at) == (kind, berlin(at))


def test_r17_the_gap_after_a_restart_counts_once():
    again = start(a_case(due=DUE, steps=steps(*DAYS[:1]), stopped=True), berlin("2026-03-20 10:00"))

    sent = did(again, ActionKind.FIRST_NOTICE, berlin("2026-03-25 09:10"))

    assert ladder_action(sent, berlin("2026-03-25 09:10")).at == berlin("2026-04-04 09:10")


def test_r17_a_case_stopped_while_it_waited_for_the_seller_waits_its_gap_again():
    started = start(stop(a("awaiting"), NOW), berlin("2026-04-10 12:00"))

    assert started.stage is Stage.FINAL_NOTICE
    action = ladder_action(started, berlin("2026-04-10 12:00"))
    assert (action.kind, action.at) == (ActionKind.HANDOFF, berlin("2026-04-20 09:10"))


def test_r17_a_blocked_case_that_was_stopped_and_started_tries_its_step_again():
    started = start(stop(a("blocked_address"), NOW), berlin("2026-04-10 12:00"))

    assert started.stage is Stage.REMINDED
    assert ladder_action(started, NOW).at == berlin("2026-04-15 09:10")


def test_r17_a_notice_that_went_out_while_the_case_was_being_stopped_counts():
    # The mail was on its way; it had left when the seller stopped the case, and again when it
    # was started.
    stopped = stop(a("scheduled"), berlin("2026-03-07 09:10"))

    sent = did(stopped, ActionKind.PAYMENT_REMINDER, berlin("2026-03-07 09:11"))

    assert sent.stage is Stage.STOPPED
    assert sent.steps == steps(date(2026, 3, 7))


def test_r17_the_gap_runs_from_the_restart_if_the_notice_had_left_before_it():
    # Sent on the 7th; the word of it came only when the case had been started again.
    started = start(stop(a("scheduled"), berlin("2026-03-07 09:11")), berlin("2026-03-09 12:00"))

    told = did(started, ActionKind.PAYMENT_REMINDER, berlin("2026-03-07 09:10"))

    assert ladder_action(told, berlin("2026-03-09 12:01")).at == berlin("2026-03-14 09:10")


# --- R17 against R11: the handoff, to the millisecond ----------------------------------------


def test_r17_a_stop_before_the_handoff_is_decided_wins():
    stopped = stop(a("final_notice"), HANDOFF)

    decided = handoff_day(stopped, HANDOFF)

    assert decided.stage is Stage.STOPPED
    assert ladder_action(decided, HANDOFF) is None


def test_r17_a_stop_after_the_handoff_is_decided_is_refused():
    decided = handoff_day(a("final_notice"), HANDOFF)

    assert ladder_action(decided, HANDOFF).kind is ActionKind.HANDOFF
    with pytest.raises(Refused, match="handoff_begun"):
        stop(decided, HANDOFF)


def test_r17_a_hold_before_the_handoff_is_decided_wins():
    held = hold(a("final_notice"), HANDOFF, until=None)

    decided = handoff_day(held, HANDOFF)

    assert decided.stage is Stage.ON_HOLD
    assert ladder_action(decided, HANDOFF) is None
    assert ladder_action(resume(decided, HANDOFF), HANDOFF).kind is ActionKind.HANDOFF


def test_r17_a_case_restarted_while_the_handoff_is_decided_waits_its_gap():
    restarted = start(stop(a("final_notice"), HANDOFF), HANDOFF)

    decided = handoff_day(restarted, HANDOFF)

    action = ladder_action(decided, HANDOFF)
    assert (action.kind, action.at) == (ActionKind.HANDOFF, berlin("2026-04-11 09:10"))


def test_r17_a_rejected_claim_can_be_stopped():
    back = rejected(a("begun"), NOW)

    assert back.stage is Stage.AWAITING_APPROVAL
    assert stop(back, NOW).stage is Stage.STOPPED


def test_r17_a_canceled_or_paid_case_cannot_be_started():
    paid = with_payment(a("stopped"), a_payment("100.00"))
    canceled = with_order_canceled(a("stopped"), NOW)

    for case in (paid, canceled):
        with pytest.raises(Refused, match="ended"):
            start(case, NOW)
