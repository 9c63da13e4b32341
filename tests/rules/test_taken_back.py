"""A booking that the seller takes back, and a small rest that is not asked for (R20)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dunning.actions import ActionKind
from dunning.case.facts import (
    with_ledger,
    with_order_canceled,
    with_payment,
    with_reversal,
    with_taken_back,
    with_waiver,
)
from dunning.case.handoff import claim_not_there
from dunning.case.planning import ladder_action, next_action
from dunning.case.state import DunningCase
from dunning.claims import Closing
from dunning.history import EventName
from dunning.movements import LedgerFacts, Payment, ReportedBy, TakenBack, Waiver
from dunning.notices import SellerMailKind
from dunning.stages import Stage
from tests.factories import a_case, a_chargeback, a_payment, eur, hold, steps, stop
from tests.rules.claim_cases import DAYS, DUE, checked, closed, taken

PAID = datetime(2026, 3, 10, 12, tzinfo=UTC)
BACK = datetime(2026, 3, 16, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 21, 12, tzinfo=UTC)


def undone(amount: str = "100.00", *, at: datetime = BACK, payment_id: str = "p-1") -> TakenBack:
    return TakenBack(payment_id=payment_id, amount=eur(amount), credit=eur("0.00"), at=at)


def waived(amount: str = "0.40", *, at: datetime = PAID) -> Waiver:
    return Waiver(payment_id="p-1", amount=eur(amount), at=at)


def paid_by_mistake(case: DunningCase, *, at: datetime = PAID) -> DunningCase:
    return with_payment(case, a_payment("100.00", at=at))


STAGES = {
    "scheduled": a_case(due=DUE),
    "reminded": a_case(due=DUE, steps=steps(*DAYS[:1])),
    "first notice": a_case(due=DUE, steps=steps(*DAYS[:2])),
    "final notice": a_case(due=DUE, steps=steps(*DAYS)),
    "awaiting approval": a_case(due=DUE, steps=steps(*DAYS), approval_wanted=True),
    "on hold": hold(a_case(due=DUE, steps=steps(*DAYS[:1])), PAID, until=date(2026, 5, 1)),
    "stopped": stop(a_case(due=DUE, steps=steps(*DAYS[:1])), PAID),
}


@pytest.mark.parametrize("stage", STAGES)
def test_r20_a_booking_taken_back_lets_the_case_go_on_where_it_stood(stage: str) -> None:
    before = STAGES[stage].changed(events=())
    paid = paid_by_mistake(before)
    assert paid.stage is Stage.PAID

    case = with_taken_back(paid, undone())

    assert case.stage is before.stage
    assert case.owed == eur("100.00")
    assert next_action(case, BACK) == next_action(before, BACK)
    assert case.seller_mails == before.seller_mails


def test_r20_a_booking_taken_back_is_no_chargeback() -> None:
    case = with_taken_back(paid_by_mistake(a_case(due=DUE, steps=steps(*DAYS))), undone())

    assert not case.chargeback_due
    assert case.stage is Stage.FINAL_NOTICE
    action = ladder_action(case, BACK)
    assert action is not None
    assert action.kind is ActionKind.HANDOFF
    assert action.at > BACK


def test_r20_the_history_says_that_a_booking_was_taken_back_once() -> None:
    paid = paid_by_mistake(a_case(due=DUE))
    once = with_taken_back(paid, undone())

    assert with_taken_back(once, undone()) == once
    [entry] = [event for event in once.events if event.name is EventName.PAYMENT_TAKEN_BACK]
    assert entry.detail == {"payment_id": "p-1", "amount": "100.00", "currency": "EUR"}


@pytest.mark.parametrize("reported_by", ReportedBy)
def test_r20_the_history_says_who_reported_a_payment(reported_by: ReportedBy) -> None:
    payment = a_payment("100.00").model_copy(update={"reported_by": reported_by})

    [entry] = with_payment(a_case(due=DUE), payment).events

    told = {} if reported_by is ReportedBy.BACKEND else {"reported_by": reported_by.value}
    assert entry.detail == {"payment_id": "p-1", "amount": "100.00", "currency": "EUR"} | told


def test_r20_a_part_taken_back_leaves_the_other_payments() -> None:
    part = a_payment("30.00").model_copy(update={"payment_id": "p-0"})
    case = with_payment(with_payment(a_case(due=DUE), part), a_payment("70.00"))

    assert with_taken_back(case, undone("70.00")).owed == eur("70.00")


def test_r20_a_booking_taken_back_after_the_handoff_is_reported_to_the_partner() -> None:
    settled = with_payment(taken(), a_payment("100.00", at=LATER))
    assert settled.stage is Stage.SETTLED

    case = with_taken_back(settled, undone(at=LATER))

    assert case.stage is Stage.HANDED_OVER
    assert [move.key for move in case.unreported] == ["payment/p-1", "taken_back/p-1"]


def test_r20_a_booking_from_before_the_handoff_taken_back_is_reported_to_the_partner() -> None:
    part = with_payment(a_case(due=DUE, steps=steps(*DAYS)), a_payment("30.00"))

    case = with_taken_back(taken(part), undone("30.00", at=LATER))

    assert case.owed == eur("100.00")
    assert [move.key for move in case.unreported] == ["taken_back/p-1"]


def test_r20_a_claim_that_was_closed_because_of_the_booking_is_decided_by_the_seller() -> None:
    settled = with_payment(taken(), a_payment("100.00", at=LATER))
    over = checked(settled, closed(Closing.WITHDRAWN))

    case = with_taken_back(over, undone(at=LATER))

    assert case.stage is Stage.AWAITING_APPROVAL
    assert case.claim is None
    assert case.round == 2
    assert SellerMailKind.APPROVAL_WANTED in [mail.about for mail in case.seller_mails]


def test_r20_what_the_partner_had_given_up_stays_so() -> None:
    given_up = checked(taken(), closed(Closing.UNCOLLECTIBLE))
    settled = with_payment(given_up, a_payment("100.00", at=LATER))
    assert settled.stage is Stage.SETTLED

    assert with_taken_back(settled, undone(at=LATER)).stage is Stage.UNCOLLECTIBLE


def test_r20_r16_a_handoff_that_was_called_off_begins_anew() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), handoff_begun=True)
    called_off = with_payment(begun, a_payment("100.00", at=LATER))
    assert called_off.handoff_called_off

    case = claim_not_there(with_taken_back(called_off, undone(at=LATER)))

    assert case.stage is Stage.FINAL_NOTICE
    action = ladder_action(case, LATER)
    assert action is not None
    assert action.kind is ActionKind.HANDOFF


def test_r20_r29_in_an_order_that_was_canceled_since_the_case_ends_canceled() -> None:
    canceled = with_order_canceled(paid_by_mistake(a_case(due=DUE)), BACK)
    assert canceled.stage is Stage.PAID

    facts = LedgerFacts(
        payments=(a_payment("100.00", at=PAID),), taken_back=(undone(),), order_canceled_at=BACK
    )

    assert with_ledger(canceled, facts).stage is Stage.CANCELED


def test_r20_r3_an_advance_notice_that_was_missed_meanwhile_is_not_sent() -> None:
    due = date(2026, 3, 20)
    opened = a_case(due=due, advance_notice_due=True)
    paid = paid_by_mistake(opened, at=datetime(2026, 3, 12, tzinfo=UTC))

    case = with_taken_back(paid, undone(at=BACK))

    action = ladder_action(case, BACK)
    assert action is not None
    assert action.kind is ActionKind.PAYMENT_REMINDER


def test_r20_a_waived_rest_ends_the_case_paid() -> None:
    part = with_payment(a_case(due=DUE, steps=steps(*DAYS[:1])), a_payment("99.60", at=PAID))
    assert part.stage is Stage.REMINDED

    case = with_waiver(part, waived())

    assert case.stage is Stage.PAID
    assert case.owed == eur("0.00")
    assert with_waiver(case, waived()) == case
    [entry] = [event for event in case.events if event.name is EventName.REST_WAIVED]
    assert entry.detail == {"amount": "0.40", "currency": "EUR"}


def test_r20_a_stopped_case_with_a_waived_rest_is_paid() -> None:
    part = with_payment(stop(a_case(due=DUE), PAID), a_payment("99.60", at=PAID))

    assert with_waiver(part, waived()).stage is Stage.PAID


def test_r20_r13_a_chargeback_after_a_waiver_reopens_the_rest_too() -> None:
    part = with_payment(a_case(due=DUE, steps=steps(*DAYS[:1])), a_payment("99.60", at=PAID))
    paid = with_waiver(part, waived())

    case = with_reversal(paid, a_chargeback("99.60", at=BACK))

    assert case.owed == eur("100.00")
    assert case.chargeback_due


def test_r20_a_booking_taken_back_after_a_waiver_reopens_the_rest_too() -> None:
    part = with_payment(a_case(due=DUE, steps=steps(*DAYS[:1])), a_payment("99.60", at=PAID))

    case = with_taken_back(with_waiver(part, waived()), undone("99.60"))

    assert case.owed == eur("100.00")
    assert case.stage is Stage.REMINDED


def test_r20_the_ledger_told_again_changes_nothing() -> None:
    facts = LedgerFacts(
        payments=(a_payment("99.60", at=PAID), _other()),
        waivers=(waived(),),
        taken_back=(undone("99.60"),),
    )
    once = with_ledger(a_case(due=DUE), facts)

    assert with_ledger(once, facts) == once
    assert once.owed == eur("99.60")
    assert [event.name for event in once.events] == [
        EventName.PAYMENT_RECORDED,
        EventName.REST_WAIVED,
        EventName.PAYMENT_TAKEN_BACK,
        EventName.PAYMENT_RECORDED,
    ]


def _other() -> Payment:
    return a_payment("0.40", at=LATER).model_copy(update={"payment_id": "p-2"})
