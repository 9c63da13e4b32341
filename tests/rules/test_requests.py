"""R17, R18, R19: what people can ask of a case, and why they are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dunning.case import DunningCase, Refused, actions
from dunning.deeds import DeedKind, Outcome
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from tests.factories import a_case, a_claim, a_hold, a_payment, berlin, came, done, steps

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
NOW = berlin("2026-03-24 12:00")
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
            return case.stop(NOW)
        case "start":
            return case.start(NOW)
        case "escalate":
            return case.escalate(NOW, address_complete=True)
        case "hold":
            return case.put_on_hold(NOW, until=None, request_id="r-2")
        case "withdraw":
            return case.withdraw(NOW)
        case _:
            return case.resume(NOW)


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
    assert set(actions(a(name), NOW)) == granted - ({"stop"} if name == "stopped" else set())


# --- R17: stop and start ---------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in CASES if n not in REFUSALS["stop"]])
def test_r17_a_case_is_stopped_at_any_time_until_the_handoff_has_begun(name):
    stopped = a(name).stop(NOW)

    assert stopped.stage is Stage.STOPPED
    assert stopped.hold is None
    assert stopped.next_deed(NOW) is None


def test_r17_stopped_again_is_stopped_and_leaves_no_trace():
    stopped = a("stopped")

    assert stopped.stop(NOW) is stopped


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

    deed = stopped.start(berlin(started)).next_deed(berlin(started))

    assert (deed.kind.value, deed.at) == (kind, berlin(at))


def test_r17_the_gap_after_a_restart_counts_once():
    again = a_case(due=DUE, steps=steps(*DAYS[:1]), stopped=True).start(berlin("2026-03-20 10:00"))

    sent = again.after(done(DeedKind.FIRST_NOTICE, berlin("2026-03-25 09:10")))

    assert sent.next_deed(berlin("2026-03-25 09:10")).at == berlin("2026-04-04 09:10")


def test_r17_a_case_stopped_while_it_waited_for_the_seller_waits_its_gap_again():
    started = a("awaiting").stop(NOW).start(berlin("2026-04-10 12:00"))

    assert started.stage is Stage.FINAL_NOTICE
    deed = started.next_deed(berlin("2026-04-10 12:00"))
    assert (deed.kind, deed.at) == (DeedKind.HANDOFF, berlin("2026-04-20 09:10"))


def test_r17_a_blocked_case_that_was_stopped_and_started_tries_its_step_again():
    started = a("blocked_address").stop(NOW).start(berlin("2026-04-10 12:00"))

    assert started.stage is Stage.REMINDED
    assert started.next_deed(NOW).at == berlin("2026-04-15 09:10")


def test_r17_a_notice_that_went_out_while_the_case_was_being_stopped_counts():
    # The mail was on its way; it had left when the seller stopped the case, and again when it
    # was started.
    stopped = a("scheduled").stop(berlin("2026-03-07 09:10"))

    sent = stopped.after(done(DeedKind.PAYMENT_REMINDER, berlin("2026-03-07 09:11")))

    assert sent.stage is Stage.STOPPED
    assert sent.steps == steps(date(2026, 3, 7))


def test_r17_the_gap_runs_from_the_restart_if_the_notice_had_left_before_it():
    # Sent on the 7th; the word of it came only when the case had been started again.
    started = a("scheduled").stop(berlin("2026-03-07 09:11")).start(berlin("2026-03-09 12:00"))

    told = started.after(done(DeedKind.PAYMENT_REMINDER, berlin("2026-03-07 09:10")))

    assert told.next_deed(berlin("2026-03-09 12:01")).at == berlin("2026-03-14 09:10")


# --- R17 against R11: the handoff, to the millisecond ----------------------------------------


def test_r17_a_stop_before_the_handoff_is_decided_wins():
    stopped = a("final_notice").stop(HANDOFF)

    decided = stopped.after(came(DeedKind.HANDOFF, Outcome.GO, HANDOFF))

    assert decided.stage is Stage.STOPPED
    assert decided.next_deed(HANDOFF) is None


def test_r17_a_stop_after_the_handoff_is_decided_is_refused():
    decided = a("final_notice").after(came(DeedKind.HANDOFF, Outcome.GO, HANDOFF))

    assert decided.next_deed(HANDOFF).kind is DeedKind.SUBMIT_CLAIM
    with pytest.raises(Refused, match="handoff_begun"):
        decided.stop(HANDOFF)


def test_r17_a_hold_before_the_handoff_is_decided_wins():
    held = a("final_notice").put_on_hold(HANDOFF, until=None, request_id="r-1")

    decided = held.after(came(DeedKind.HANDOFF, Outcome.GO, HANDOFF))

    assert decided.stage is Stage.ON_HOLD
    assert decided.next_deed(HANDOFF) is None
    assert decided.resume(HANDOFF).next_deed(HANDOFF).kind is DeedKind.HANDOFF


def test_r17_a_case_restarted_while_the_handoff_is_decided_waits_its_gap():
    restarted = a("final_notice").stop(HANDOFF).start(HANDOFF)

    decided = restarted.after(came(DeedKind.HANDOFF, Outcome.GO, HANDOFF))

    deed = decided.next_deed(HANDOFF)
    assert (deed.kind, deed.at) == (DeedKind.HANDOFF, berlin("2026-04-11 09:10"))


def test_r17_a_rejected_claim_can_be_stopped():
    rejected = a("begun").after(came(DeedKind.SUBMIT_CLAIM, Outcome.REJECTED, NOW))

    assert rejected.stage is Stage.AWAITING_APPROVAL
    assert rejected.stop(NOW).stage is Stage.STOPPED


def test_r17_a_canceled_or_paid_case_cannot_be_started():
    paid = a("stopped").after_payment(a_payment("100.00"))
    canceled = a("stopped").after_order_canceled(NOW)

    for case in (paid, canceled):
        with pytest.raises(Refused, match="ended"):
            case.start(NOW)
