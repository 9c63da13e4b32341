"""R29 and the cancellation of R11: an order that is canceled."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dunning.case import Refused
from dunning.deeds import DeedKind, Facts, Outcome
from dunning.history import EventName
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_claim,
    a_hold,
    a_payment,
    berlin,
    came,
    done,
    eur,
    steps,
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
    canceled = a_case(due=DUE, **OPEN[name]).after_order_canceled(NOW)

    assert canceled.stage is Stage.CANCELED
    assert canceled.next_deed(NOW) is None
    assert canceled.journal[-1].name is EventName.ORDER_CANCELED


@pytest.mark.parametrize("name", [*OPEN, "handed_over", "paid"])
def test_r29_canceled_a_second_time_changes_nothing(name):
    others = {"handed_over": {"claim": a_claim()}, "paid": {"payments": (a_payment("100.00"),)}}
    once = a_case(due=DUE, **(OPEN | others)[name]).after_order_canceled(NOW)

    assert once.after_order_canceled(HANDOFF) == once


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        ({"payments": (a_payment("100.00"),)}, Stage.PAID),
        ({"payments": (a_payment("100.00"),), "claim": a_claim()}, Stage.SETTLED),
    ],
)
def test_r29_paid_and_settled_cases_stay_as_they_are(given, stage):
    case = a_case(due=DUE, **given)

    assert case.after_order_canceled(NOW).stage is stage


def test_r29_a_claim_stays_at_the_partner_until_it_is_closed_there():
    handed_over = a_case(due=DUE, steps=steps(*DAYS), claim=a_claim())

    canceled = handed_over.after_order_canceled(NOW)

    assert canceled.stage is Stage.HANDED_OVER
    assert canceled.order_canceled


@pytest.mark.parametrize("name", OPEN)
def test_r29_a_canceled_case_cannot_be_started_again(name):
    canceled = a_case(due=DUE, **OPEN[name]).after_order_canceled(NOW)

    for ask in (
        canceled.stop,
        canceled.start,
        canceled.resume,
        lambda at: canceled.escalate(at, address_complete=True),
        lambda at: canceled.put_on_hold(at, until=None, request_id="r-1"),
    ):
        with pytest.raises(Refused, match="ended"):
            ask(NOW)


def test_r29_later_money_leaves_it_canceled():
    canceled = a_case(due=DUE).after_order_canceled(NOW)
    credit = a_payment("0.00").model_copy(update={"credit": eur("100.00")})

    assert canceled.after_payment(credit).stage is Stage.CANCELED


def test_r29_the_books_know_of_the_cancellation_before_the_case_does():
    facts = Facts(order_canceled_at=NOW)

    looked = a_case(due=DUE).after(
        came(DeedKind.PAYMENT_REMINDER, Outcome.NOTHING_OWED, NOW, facts=facts)
    )

    assert looked.stage is Stage.CANCELED
    assert looked.after_order_canceled(NOW) == looked


# --- while the partner is being asked --------------------------------------------------------


def begun(**given: Any):
    return a_case(due=DUE, steps=steps(*DAYS), handoff_begun=True, **given)


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        (Outcome.DONE, Stage.HANDED_OVER),  # the partner has it; it is withdrawn there
        (Outcome.REJECTED, Stage.CANCELED),
        (Outcome.NOTHING_OWED, Stage.CANCELED),
        (Outcome.NOT_NOW, Stage.CANCELED),
        (Outcome.BLOCKED, Stage.CANCELED),
    ],
)
def test_r29_an_order_canceled_while_the_partner_is_asked_ends_by_the_answer(outcome, stage):
    canceled = begun().after_order_canceled(HANDOFF)

    by = BlockedBy.ADDRESS if outcome is Outcome.BLOCKED else None
    answered = canceled.after(came(DeedKind.SUBMIT_CLAIM, outcome, HANDOFF, blocked_by=by))

    assert answered.stage is stage
    planned = answered.next_deed(HANDOFF)
    assert (planned and planned.kind) == (
        DeedKind.WITHDRAW_CLAIM if stage is Stage.HANDED_OVER else None
    )


def test_r29_an_order_canceled_before_the_handoff_is_decided_is_not_handed_over():
    canceled = a_case(due=DUE, steps=steps(*DAYS)).after_order_canceled(HANDOFF)

    decided = canceled.after(came(DeedKind.HANDOFF, Outcome.GO, HANDOFF))

    assert decided.stage is Stage.CANCELED
    assert decided.next_deed(HANDOFF) is None


def test_r29_paid_while_the_partner_refuses_and_canceled_it_stays_paid():
    case = begun().after_order_canceled(HANDOFF).after_payment(a_payment("100.00", at=HANDOFF))

    answered = case.after(came(DeedKind.SUBMIT_CLAIM, Outcome.REJECTED, HANDOFF))

    assert answered.stage is Stage.PAID


# --- R11: the option no_collection -----------------------------------------------------------


def announced(**given: Any):
    return a_case(due=DUE, steps=steps(*DAYS), option=DunningOption.NO_COLLECTION, **given)


def test_r11_on_the_handoff_day_the_order_is_canceled():
    ended = announced().after(done(DeedKind.CANCELLATION, HANDOFF))

    assert ended.stage is Stage.CANCELED
    assert ended.order_canceled
    assert ended.after_order_canceled(HANDOFF).stage is Stage.CANCELED


def test_r11_r10_a_paid_order_is_not_canceled():
    facts = Facts(payments=(a_payment("100.00", at=HANDOFF),))

    looked = announced().after(
        came(DeedKind.CANCELLATION, Outcome.NOTHING_OWED, HANDOFF, facts=facts)
    )

    assert looked.stage is Stage.PAID


def test_r11_the_cancellation_waits_for_its_day_and_its_window():
    deed = announced().next_deed(NOW)
    assert (deed.kind, deed.at) == (DeedKind.CANCELLATION, HANDOFF)

    late = announced().next_deed(berlin("2026-04-01 20:00"))
    assert late.at == berlin("2026-04-02 09:10")


def test_r11_r19_a_hold_keeps_the_order_from_being_canceled():
    held = announced().put_on_hold(NOW, until=None, request_id="r-1")

    assert held.next_deed(berlin("2026-05-01 12:00")) is None


def test_r11_r17_a_stop_keeps_the_order_from_being_canceled():
    assert announced().stop(NOW).next_deed(berlin("2026-05-01 12:00")) is None
