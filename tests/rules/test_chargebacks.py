"""What a chargeback makes of a case whose order, claim or seller was done with it (R13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dunning.case import DunningCase, Refused
from dunning.claims import Closing
from dunning.deeds import DeedKind, Outcome, Reversal
from dunning.notices import SellerTold
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from tests.factories import a_case, a_chargeback, a_payment, came, done, eur, steps
from tests.rules.test_claims import (
    BACK,
    DAYS,
    DUE,
    EARLY,
    LATER,
    back,
    checked,
    closed,
    paid,
    taken,
)


def of_canceled_order(at: datetime = BACK, *, claims_go_on: bool = False) -> Reversal:
    news = {"order_canceled": True, "claims_go_on": claims_go_on}
    return a_chargeback("100.00", at=at).model_copy(update=news)


@pytest.mark.parametrize("at", [EARLY, BACK], ids=["before it was due", "past due"])
@pytest.mark.parametrize("claims_go_on", [False, True])
def test_r13_what_was_paid_in_a_canceled_order_is_not_reopened(
    at: datetime, claims_go_on: bool
) -> None:
    case = paid().after_reversal(of_canceled_order(at, claims_go_on=claims_go_on))

    assert case.stage is Stage.PAID
    assert [tell.about for tell in case.tells] == [SellerTold.CHARGEBACK]
    assert case.next_act(at) is None
    assert case.after_order_canceled(LATER).stage is Stage.PAID


def test_r13_r11_a_claim_for_whose_sake_the_order_was_canceled_is_handed_over_again() -> None:
    settled = taken(order_canceled_at=LATER, claims_go_on=True).after_payment(
        a_payment("100.00", at=LATER)
    )
    assert settled.stage is Stage.SETTLED

    case = settled.after_reversal(of_canceled_order(claims_go_on=True))

    assert case.stage is Stage.HANDED_OVER


def test_r13_a_stopped_case_that_was_paid_is_decided_on_like_any_paid_one() -> None:
    case = back(a_case(due=DUE).stop(EARLY).after_payment(a_payment("100.00")))

    deed = case.next_act(BACK)

    assert deed is not None
    assert deed.kind is DeedKind.CHARGEBACK
    assert case.after(came(DeedKind.CHARGEBACK, Outcome.GO, BACK)).handoff_begun


@pytest.mark.parametrize("outcome", [Outcome.GO, Outcome.APPROVAL_WANTED])
def test_r11_before_a_final_notice_the_option_is_that_of_the_decision(outcome: Outcome) -> None:
    result = came(DeedKind.CHARGEBACK, outcome, BACK, option=DunningOption.CANCELLATION)

    decided = back(paid(steps=steps(*DAYS[:1]))).after(result)

    assert decided.option is DunningOption.CANCELLATION
    assert decided.with_option(DunningOption.COURT).option is DunningOption.CANCELLATION


def test_r13_what_the_agency_collected_for_itself_pays_no_debt() -> None:
    partly = a_case(due=DUE, steps=steps(*DAYS)).after_payment(a_payment("40.00"))
    recovered = checked(taken(partly), closed(Closing.RECOVERED, collected="65.00"))
    assert recovered.stage is Stage.RECOVERED

    case = recovered.after_reversal(a_chargeback("40.00", at=BACK))

    assert case.stage is Stage.AWAITING_APPROVAL
    assert case.owed == eur("40.00")


# --- what cannot work at the partner ------------------------------------------------------------


def money_to_report() -> DunningCase:
    return taken().after_payment(a_payment("40.00", at=LATER))


def test_r14_an_errand_that_cannot_work_keeps_no_other_from_being_done() -> None:
    case = money_to_report().after(came(DeedKind.REPORT_MONEY, Outcome.BLOCKED, LATER))

    assert case.stage is Stage.HANDED_OVER
    deed = case.next_deed(datetime(2026, 6, 1, tzinfo=UTC))
    assert deed is not None
    assert deed.kind is DeedKind.CHECK_CLAIM
    assert case.withdraw(LATER).next_deed(LATER) is not None

    again = case.resume(LATER).next_deed(LATER)
    assert again is not None
    assert again.kind is DeedKind.REPORT_MONEY
    with pytest.raises(Refused):
        case.resume(LATER).resume(LATER)


def test_r15_a_question_that_cannot_be_asked_is_asked_after_the_next_pause() -> None:
    case = taken()
    first = case.next_deed(LATER)
    assert first is not None

    failed = case.after(came(DeedKind.CHECK_CLAIM, Outcome.BLOCKED, LATER))

    deed = failed.next_deed(LATER)
    assert deed is not None
    assert deed.kind is DeedKind.CHECK_CLAIM
    assert deed.at > LATER


def test_r15_what_the_partner_will_not_hear_is_not_said_again_and_the_claim_is_looked_at() -> None:
    asked_often = money_to_report()
    for _ in range(8):
        assert asked_often.claim is not None
        status = asked_often.claim.status
        assert status is not None
        asked_often = checked(asked_often, status)
    result = came(DeedKind.REPORT_MONEY, Outcome.PASSED_OVER, LATER, told=("payment/p-1",))

    case = asked_often.after(result)

    assert case.untold == ()
    deed = case.next_deed(LATER)
    assert deed is not None
    assert deed.kind is DeedKind.CHECK_CLAIM
    assert deed.at.date() <= date(2026, 4, 21)


def test_r29_a_handoff_that_an_error_blocks_ends_with_its_order() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS)).model_copy(update={"handoff_begun": True})
    error = BlockedBy.ERROR
    blocked = begun.after(came(DeedKind.SUBMIT_CLAIM, Outcome.BLOCKED, LATER, blocked_by=error))

    canceled = blocked.after_order_canceled(LATER)

    deed = canceled.next_deed(LATER)
    assert deed is not None
    assert deed.kind is DeedKind.SUBMIT_CLAIM  # it may be at the partner all the same
    nothing = came(DeedKind.SUBMIT_CLAIM, Outcome.NOTHING_OWED, LATER)
    assert canceled.after(nothing).stage is Stage.CANCELED
    at_the_partner = canceled.after(done(DeedKind.SUBMIT_CLAIM, LATER))
    assert at_the_partner.claim is not None
    assert at_the_partner.claim.withdrawn
