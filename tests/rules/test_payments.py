"""R10, R13, R20: what payments and chargebacks do to a case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dunning.actions import ActionKind
from dunning.case.facts import with_ledger, with_payment, with_reversal
from dunning.case.planning import is_due, ladder_action
from dunning.case.update import brought_up
from dunning.history import EventName
from dunning.movements import Fee, LedgerFacts
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_chargeback,
    a_claim,
    a_hold,
    a_payment,
    berlin,
    eur,
    inputs,
    steps,
    utc,
)

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))


# --- what a payment does to a case -----------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({}, Stage.PAID),
        ({"steps": steps(*DAYS)}, Stage.PAID),
        ({"stopped": True}, Stage.PAID),
        ({"hold": a_hold(DUE)}, Stage.PAID),
        ({"blocked_by": BlockedBy.ADDRESS}, Stage.PAID),
        ({"steps": steps(*DAYS), "approval_wanted": True}, Stage.PAID),
        ({"steps": steps(*DAYS), "claim": a_claim()}, Stage.SETTLED),
    ],
)
def test_r20_a_full_payment_ends_a_case_wherever_it_stands(given, after):
    case = a_case(due=DUE, **given)

    half = with_payment(case, a_payment("50.00"))
    full = with_payment(half, a_payment("50.00", payment_id="p-2"))

    assert half.stage is case.stage
    assert half.open_amount == eur("50.00")
    assert full.stage is after
    assert ladder_action(full, berlin("2026-12-01 12:00")) is None


def test_r20_a_payment_is_recorded_once_however_often_it_is_reported():
    once = with_payment(a_case(due=DUE), a_payment("50.00"))

    again = with_payment(with_payment(once, a_payment("50.00")), a_payment("70.00"))

    assert again == once
    assert [event.name for event in once.events] == [EventName.PAYMENT_RECORDED]


def test_r20_the_history_shows_a_payment_with_its_amount():
    paid = with_payment(a_case(due=DUE), a_payment("50.00", at=utc("2026-03-05 10:00")))

    (event,) = paid.events
    assert event.at == utc("2026-03-05 10:00")
    assert event.detail == {"payment_id": "p-1", "amount": "50.00", "currency": "EUR"}


def test_r20_what_exceeds_the_order_is_credit_and_pays_nothing_here():
    overpaid = a_payment("0.00").model_copy(update={"credit": eur("12.00")})

    case = with_payment(a_case(due=DUE), overpaid)

    assert case.open_amount == eur("100.00")
    assert case.events[0].detail["amount"] == "12.00"


@pytest.mark.parametrize("seen", [0, 1, 2])
def test_r20_the_books_and_the_word_of_them_count_once_together(seen):
    payments = (a_payment("30.00"), a_payment("20.00", payment_id="p-2"))
    case = a_case(due=DUE)
    for payment in payments[:seen]:
        case = with_payment(case, payment)

    known = with_ledger(case, LedgerFacts(payments=payments))

    assert known.open_amount == eur("50.00")
    assert with_ledger(known, LedgerFacts(payments=payments)) == known


def test_r11_a_fee_raises_what_is_open_once():
    costs = LedgerFacts(fees=(Fee(key="cancellation_costs", amount=eur("15.00")),))

    case = with_ledger(with_ledger(a_case(due=DUE, claim=a_claim()), costs), costs)

    assert case.open_amount == eur("115.00")
    assert with_payment(case, a_payment("115.00")).stage is Stage.SETTLED


def test_r10_a_payment_found_right_before_sending_ends_the_case():
    at = berlin("2026-03-07 09:10")
    found = LedgerFacts(payments=(a_payment("100.00"),))

    looked = brought_up(a_case(due=DUE), inputs(a_case(due=DUE), facts=found), at)

    assert looked.stage is Stage.PAID
    assert not is_due(looked, ActionKind.PAYMENT_REMINDER, at)


# --- what a chargeback does to a case --------------------------------------------------------


def test_r13_a_running_case_goes_on_with_the_higher_amount_and_keeps_its_days():
    half = with_payment(a_case(due=DUE, steps=steps(DAYS[0])), a_payment("60.00"))

    back = with_reversal(half, a_chargeback("60.00", fee="3.50"))

    assert back.open_amount == eur("103.50")
    assert back.stage is Stage.REMINDED
    assert ladder_action(back, berlin("2026-03-08 12:00")).at == berlin("2026-03-12 09:10")


@pytest.mark.parametrize(
    ("back", "open_"), [("60.00", "100.00"), ("10.00", "50.00"), ("0.01", "40.01")]
)
def test_r13_part_of_a_payment_can_go_back(back, open_):
    half = with_payment(a_case(due=DUE), a_payment("60.00"))

    assert with_reversal(half, a_chargeback(back)).open_amount == eur(open_)


@pytest.mark.parametrize(
    ("given", "stage"),
    [({"stopped": True}, Stage.STOPPED), ({"claim": a_claim()}, Stage.HANDED_OVER)],
)
def test_r13_a_stopped_or_handed_over_case_stays_so(given, stage):
    case = with_payment(a_case(due=DUE, **given), a_payment("60.00"))

    back = with_reversal(case, a_chargeback("60.00", fee="3.50"))

    assert back.stage is stage
    assert back.open_amount == eur("103.50")


def test_r13_a_chargeback_is_recorded_once():
    half = with_payment(a_case(due=DUE), a_payment("60.00"))
    once = with_reversal(half, a_chargeback("10.00"))

    assert with_reversal(once, a_chargeback("10.00")) == once
    assert with_reversal(once, a_chargeback("10.00", chargeback_id="c-2")).open_amount == eur(
        "60.00"
    )


def test_r13_the_books_are_told_in_the_order_in_which_things_happened():
    start = utc("2026-03-03 10:00")
    hour = timedelta(hours=1)
    facts = LedgerFacts(
        payments=(
            a_payment("100.00", payment_id="p-2", at=start + 2 * hour),
            a_payment("60.00", at=start),
        ),
        reversals=(a_chargeback("60.00", at=start + hour),),
    )

    told: Any = with_ledger(a_case(due=DUE), facts)

    assert told.stage is Stage.PAID
    assert [event.at for event in told.events] == [start, start + hour, start + 2 * hour]
