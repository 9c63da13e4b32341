"""What a chargeback makes of a case whose order, claim or seller was done with it (R13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dunning.actions import Action, ActionKind
from dunning.case.claims import action_failed, claim_not_checked, money_reported
from dunning.case.facts import with_order_canceled, with_payment, with_reversal
from dunning.case.handoff import blocked_by_error, claim_not_there, in_new_round
from dunning.case.notices import notice_attempted, with_unanswered_notice_counted
from dunning.case.planning import ladder_action, next_action
from dunning.case.state import DunningCase
from dunning.claims import Closing
from dunning.history import EventName
from dunning.ladder import DunningOption
from dunning.movements import Reversal
from dunning.notices import SellerMailKind
from dunning.requests import Refused
from dunning.stages import Stage
from tests.factories import (
    a_case,
    a_chargeback,
    a_payment,
    chargeback_day,
    customer_changed,
    did,
    escalate,
    eur,
    hold,
    later,
    resume,
    sending,
    start,
    steps,
    stop,
    withdraw,
)
from tests.rules.claim_cases import DAYS, DUE, LATER, checked, closed, kinds_due, taken

BACK = datetime(2026, 4, 12, 10, tzinfo=UTC)
EARLY = datetime(2026, 2, 25, 10, tzinfo=UTC)


def back(case: DunningCase, at: datetime = BACK) -> DunningCase:
    return with_reversal(case, a_chargeback("100.00", fee="3.50", at=at))


def paid(**given: object) -> DunningCase:
    return with_payment(a_case(due=DUE, **given), a_payment("100.00"))  # type: ignore[arg-type]


def test_r13_not_past_its_due_date_it_is_scheduled_again() -> None:
    case = back(paid(advance_notice_due=True, opened_on=date(2026, 1, 10)), EARLY)

    assert case.stage is Stage.SCHEDULED
    assert case.open_amount == eur("103.50")
    action = next_action(case, EARLY)
    assert action is not None
    assert action.kind is ActionKind.ADVANCE_NOTICE


def test_r13_paid_and_past_due_the_handoff_is_decided_at_once_at_any_hour() -> None:
    night = datetime(2026, 4, 12, 1, tzinfo=UTC)

    action = next_action(back(paid(steps=steps(*DAYS[:1])), night), night)

    assert action is not None
    assert (action.kind, action.at) == (ActionKind.DECIDE_CHARGEBACK, night)


def test_r13_the_switch_on_hands_over_without_a_final_notice() -> None:
    decided = chargeback_day(back(paid()), BACK)

    assert decided.handoff_begun
    submitted = did(decided, ActionKind.HANDOFF, BACK)
    assert submitted.stage is Stage.HANDED_OVER
    assert not submitted.chargeback_due


def waiting_for_the_seller() -> DunningCase:
    return chargeback_day(back(paid(steps=steps(*DAYS))), BACK, auto=False)


def test_r13_the_switch_off_leaves_it_to_the_seller() -> None:
    case = waiting_for_the_seller()

    assert case.stage is Stage.AWAITING_APPROVAL
    assert ladder_action(case, LATER) is None
    assert stop(case, LATER).stage is Stage.STOPPED
    assert escalate(case, LATER, address_complete=True).handoff_begun


def test_r17_started_by_the_seller_the_notices_begin_anew() -> None:
    started = start(waiting_for_the_seller(), LATER)

    assert (started.stage, started.round) == (Stage.SCHEDULED, 2)
    action = next_action(started, LATER)
    assert action is not None
    assert (action.kind, action.at) == (ActionKind.PAYMENT_REMINDER, LATER)
    assert started.events[-1].name is EventName.CASE_STARTED


def test_r13_with_no_collection_the_notices_begin_anew() -> None:
    case = back(paid(steps=steps(*DAYS), option=DunningOption.NO_COLLECTION))

    again = chargeback_day(case, BACK)

    assert (again.stage, again.round, again.option) == (Stage.SCHEDULED, 2, None)
    action = next_action(again, BACK)
    assert action is not None
    assert action.kind is ActionKind.PAYMENT_REMINDER


def test_r13_a_chargeback_that_an_address_blocks_is_decided_when_that_is_mended() -> None:
    case = back(paid())
    blocked = chargeback_day(case, BACK, missing=("street",))

    assert blocked.stage is Stage.BLOCKED
    mended = customer_changed(blocked, LATER, address_complete=True, email_changed=False)
    assert mended.handoff_begun


def test_r13_a_stopped_case_stays_so_and_the_seller_is_told() -> None:
    partly = stop(with_payment(a_case(due=DUE), a_payment("40.00")), LATER)

    case = with_reversal(partly, a_chargeback("40.00", at=BACK))

    assert case.stage is Stage.STOPPED
    assert [tell.about for tell in case.seller_mails] == [SellerMailKind.CHARGEBACK]
    assert kinds_due(case) == [ActionKind.TELL_SELLER]


def test_r13_in_a_canceled_order_nothing_is_reopened_and_the_seller_is_told() -> None:
    partly = with_order_canceled(with_payment(a_case(due=DUE), a_payment("40.00")), LATER)

    case = with_reversal(partly, a_chargeback("40.00", at=BACK))

    assert case.stage is Stage.CANCELED
    assert [tell.about for tell in case.seller_mails] == [SellerMailKind.CHARGEBACK]


def test_r13_a_settled_case_is_handed_over_again_and_the_partner_told() -> None:
    settled = with_payment(taken(), a_payment("100.00", at=LATER))
    told = did(settled, ActionKind.REPORT_MONEY, LATER)

    case = back(told)

    assert case.stage is Stage.HANDED_OVER
    assert [move.key for move in case.unreported] == ["chargeback/c-1"]


@pytest.mark.parametrize("was", ["settled", "uncollectible"])
def test_r13_with_its_claim_closed_it_waits_for_the_seller_whatever_the_switch(was: str) -> None:
    case = with_payment(taken(), a_payment("100.00" if was == "settled" else "40.00", at=LATER))
    case = checked(case, closed(Closing.UNCOLLECTIBLE))
    assert case.stage == was

    amount = "100.00" if was == "settled" else "40.00"
    reopened = with_reversal(case, a_chargeback(amount, at=BACK))

    assert (reopened.stage, reopened.round) == (Stage.AWAITING_APPROVAL, 2)
    assert SellerMailKind.APPROVAL_WANTED in [tell.about for tell in reopened.seller_mails]
    assert start(reopened, LATER).stage is Stage.SCHEDULED


def test_r8_the_reminder_of_a_new_round_comes_five_days_after_the_last_notice_at_the_soonest() -> (
    None
):
    # The first notice went out on the 12th; then the customer paid, and the money went back.
    noticed = a_case(due=DUE, steps=steps(date(2026, 3, 7), date(2026, 3, 12)))
    paid_case = with_payment(noticed, a_payment("100.00", at=datetime(2026, 3, 13, tzinfo=UTC)))
    back_on = datetime(2026, 3, 14, 12, tzinfo=UTC)
    reopened = with_reversal(paid_case, a_chargeback("100.00", at=back_on))

    again = chargeback_day(reopened, back_on, option=DunningOption.NO_COLLECTION)

    assert (again.round, again.steps) == (2, ())
    reminder = Action(kind=ActionKind.PAYMENT_REMINDER, at=datetime(2026, 3, 17, 8, 10, tzinfo=UTC))
    assert ladder_action(again, back_on) == reminder
    # Days on hold since that notice count on top.
    held = hold(again, back_on, until=date(2026, 3, 15))
    resumed = later(held, datetime(2026, 3, 16, 12, tzinfo=UTC))
    assert ladder_action(resumed, datetime(2026, 3, 16, 12, tzinfo=UTC)) == reminder.model_copy(
        update={"at": datetime(2026, 3, 19, 8, 10, tzinfo=UTC)}
    )


def test_r8_a_notice_of_the_round_before_that_was_on_its_way_counts_too() -> None:
    at = datetime(2026, 3, 12, 8, 10, tzinfo=UTC)
    reminded = a_case(due=DUE, steps=steps(date(2026, 3, 7)))
    left = notice_attempted(reminded, sending(reminded, ActionKind.FIRST_NOTICE, at))

    gone_on = with_unanswered_notice_counted(in_new_round(left), at)

    assert gone_on.noticed_before == date(2026, 3, 12)


def of_canceled_order(at: datetime = BACK, *, claims_go_on: bool = False) -> Reversal:
    news = {"order_canceled": True, "claims_go_on": claims_go_on}
    return a_chargeback("100.00", at=at).model_copy(update=news)


@pytest.mark.parametrize("at", [EARLY, BACK], ids=["before it was due", "past due"])
@pytest.mark.parametrize("claims_go_on", [False, True])
def test_r13_what_was_paid_in_a_canceled_order_is_not_reopened(
    at: datetime, claims_go_on: bool
) -> None:
    case = with_reversal(paid(), of_canceled_order(at, claims_go_on=claims_go_on))

    assert case.stage is Stage.PAID
    assert [tell.about for tell in case.seller_mails] == [SellerMailKind.CHARGEBACK]
    assert ladder_action(case, at) is None
    assert with_order_canceled(case, LATER).stage is Stage.PAID


def test_r13_r11_a_claim_for_whose_sake_the_order_was_canceled_is_handed_over_again() -> None:
    settled = with_payment(
        taken(order_canceled_at=LATER, claims_go_on=True), a_payment("100.00", at=LATER)
    )
    assert settled.stage is Stage.SETTLED

    case = with_reversal(settled, of_canceled_order(claims_go_on=True))

    assert case.stage is Stage.HANDED_OVER


def test_r13_a_stopped_case_that_was_paid_is_decided_on_like_any_paid_one() -> None:
    case = back(with_payment(stop(a_case(due=DUE), EARLY), a_payment("100.00")))

    action = ladder_action(case, BACK)

    assert action is not None
    assert action.kind is ActionKind.DECIDE_CHARGEBACK
    assert chargeback_day(case, BACK).handoff_begun


@pytest.mark.parametrize("auto", [True, False])
def test_r11_before_a_final_notice_the_option_is_that_of_the_decision(auto: bool) -> None:
    charged_back = back(paid(steps=steps(*DAYS[:1])))

    decided = chargeback_day(charged_back, BACK, auto=auto, option=DunningOption.CANCELLATION)

    assert decided.option is DunningOption.CANCELLATION


def test_r11_the_option_of_such_a_decision_binds_no_notice_after_a_new_start() -> None:
    charged_back = back(paid(steps=steps(*DAYS[:1])))
    waits = chargeback_day(charged_back, BACK, auto=False, option=DunningOption.COURT)

    goes_on = start(stop(waits, BACK), BACK)

    assert waits.option is DunningOption.COURT
    assert goes_on.option is None


@pytest.mark.parametrize("auto", [True, False])
def test_r15_r17_a_charged_back_case_can_be_started_when_its_claim_was_rejected(auto: bool) -> None:
    decided = chargeback_day(back(paid()), BACK, auto=auto)
    begun = decided if auto else escalate(decided, BACK)
    rejected = checked(did(begun, ActionKind.HANDOFF, BACK), closed(Closing.REJECTED))

    started = start(rejected, LATER)

    assert rejected.stage is Stage.AWAITING_APPROVAL
    action = ladder_action(started, LATER)
    assert action is not None
    assert action.kind is ActionKind.PAYMENT_REMINDER


def test_r13_what_the_agency_collected_for_itself_pays_no_debt() -> None:
    partly = with_payment(a_case(due=DUE, steps=steps(*DAYS)), a_payment("40.00"))
    recovered = checked(taken(partly), closed(Closing.RECOVERED, collected="65.00"))
    assert recovered.stage is Stage.RECOVERED

    case = with_reversal(recovered, a_chargeback("40.00", at=BACK))

    assert case.stage is Stage.AWAITING_APPROVAL
    assert case.owed == eur("40.00")


# --- what cannot work at the partner ------------------------------------------------------------


def money_to_report() -> DunningCase:
    return with_payment(taken(), a_payment("40.00", at=LATER))


def test_r14_an_errand_that_cannot_work_keeps_no_other_from_being_done() -> None:
    case = action_failed(money_to_report(), ActionKind.REPORT_MONEY)

    assert case.stage is Stage.HANDED_OVER
    action = next_action(case, datetime(2026, 6, 1, tzinfo=UTC))
    assert action is not None
    assert action.kind is ActionKind.CHECK_CLAIM
    assert next_action(withdraw(case, LATER), LATER) is not None

    again = next_action(resume(case, LATER), LATER)
    assert again is not None
    assert again.kind is ActionKind.REPORT_MONEY
    with pytest.raises(Refused):
        resume(resume(case, LATER), LATER)


def test_r15_a_question_that_cannot_be_asked_is_asked_after_the_next_pause() -> None:
    case = taken()
    first = next_action(case, LATER)
    assert first is not None

    failed = claim_not_checked(case, LATER)

    action = next_action(failed, LATER)
    assert action is not None
    assert action.kind is ActionKind.CHECK_CLAIM
    assert action.at > LATER


def test_r15_what_the_partner_will_not_hear_is_not_said_again_and_the_claim_is_looked_at() -> None:
    asked_often = money_to_report()
    for _ in range(8):
        assert asked_often.claim is not None
        status = asked_often.claim.status
        assert status is not None
        asked_often = checked(asked_often, status)

    case = money_reported(asked_often, ["payment/p-1"], is_accepted=False)

    assert case.unreported == ()
    action = next_action(case, LATER)
    assert action is not None
    assert action.kind is ActionKind.CHECK_CLAIM
    assert action.at.date() <= date(2026, 4, 21)


def test_r29_a_handoff_that_an_error_blocks_ends_with_its_order() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS)).changed(handoff_begun=True)

    canceled = with_order_canceled(blocked_by_error(begun, LATER, reason="TypeError"), LATER)

    action = next_action(canceled, LATER)
    assert action is not None
    assert action.kind is ActionKind.ASK_PARTNER  # it may be at the partner all the same
    assert claim_not_there(canceled).stage is Stage.CANCELED
    at_the_partner = did(canceled, ActionKind.ASK_PARTNER, LATER)
    assert at_the_partner.claim is not None
    assert at_the_partner.claim.withdrawn


def test_r14_a_question_to_the_partner_that_cannot_work_waits_to_be_resumed() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS)).changed(handoff_begun=True)
    canceled = with_order_canceled(begun, LATER)

    failed = action_failed(canceled, ActionKind.ASK_PARTNER)

    assert next_action(failed, LATER) is None
    assert next_action(resume(failed, LATER), LATER) == Action(
        kind=ActionKind.ASK_PARTNER, at=LATER
    )
