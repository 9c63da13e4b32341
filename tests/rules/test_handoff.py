"""R11, R12, R16, R18: the handoff day, and what came of asking the partner."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from dunning.actions import ActionKind
from dunning.case.facts import with_payment, with_reversal
from dunning.case.handoff import claim_not_there
from dunning.case.planning import ladder_action
from dunning.case.state import DunningCase
from dunning.ladder import DunningOption
from dunning.requests import Refused
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_chargeback,
    a_hold,
    a_payment,
    berlin,
    chargeback_day,
    did,
    escalate,
    handoff_day,
    rejected,
    steps,
    stop,
    terms,
)

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
HANDOFF = berlin("2026-04-01 09:10")
NIGHT = berlin("2026-04-01 03:33")


def warned(**given) -> DunningCase:
    """A case whose final notice was sent."""
    return a_case(due=DUE, steps=steps(*DAYS), **({"option": DunningOption.COURT} | given))


def kinds_at(case: DunningCase, now: datetime) -> tuple[ActionKind, datetime]:
    action = ladder_action(case, now)
    return action.kind, action.at


def test_r12_automatic_the_claim_goes_on_the_handoff_day():
    assert kinds_at(warned(), NIGHT) == (ActionKind.HANDOFF, HANDOFF)

    begun = handoff_day(warned(), HANDOFF)

    assert begun.handoff_begun
    assert begun.stage is Stage.FINAL_NOTICE
    assert kinds_at(begun, HANDOFF) == (ActionKind.HANDOFF, HANDOFF)


def test_r11_a_claim_that_was_taken_is_handed_over():
    begun = warned(handoff_begun=True)

    taken = did(begun, ActionKind.HANDOFF, HANDOFF)

    assert taken.stage is Stage.HANDED_OVER
    assert (taken.claim.reference, taken.claim.at) == ("case000000000001-1", HANDOFF)
    assert not taken.handoff_begun
    assert ladder_action(taken, HANDOFF) is None


def test_r12_by_hand_the_case_waits_for_the_seller():
    waiting = handoff_day(warned(), HANDOFF, auto=False)

    assert waiting.stage is Stage.AWAITING_APPROVAL
    for later in (HANDOFF, berlin("2026-12-31 12:00")):
        assert ladder_action(waiting, later) is None


@pytest.mark.parametrize("given", [{}, {"approval_wanted": True}])
def test_r18_an_escalated_case_is_handed_over_now_at_any_hour(given):
    escalated = escalate(warned(**given), NIGHT, address_complete=True)

    assert kinds_at(escalated, NIGHT) == (ActionKind.HANDOFF, NIGHT)


def test_r18_a_blocked_case_that_is_escalated_is_blocked_no_longer():
    blocked = warned(blocked_by=BlockedBy.ERROR)

    escalated = escalate(blocked, NIGHT, address_complete=True)
    back = rejected(escalated, NIGHT)

    assert kinds_at(escalated, NIGHT) == (ActionKind.HANDOFF, NIGHT)
    assert back.stage is Stage.AWAITING_APPROVAL


def test_r18_escalated_twice_is_begun_once():
    escalated = escalate(warned(), NIGHT, address_complete=True)

    with pytest.raises(Refused, match="handoff_begun"):
        escalate(escalated, NIGHT, address_complete=True)


@pytest.mark.parametrize("given", [{}, {"approval_wanted": True}])
def test_r18_without_a_complete_address_it_is_refused(given):
    with pytest.raises(Refused, match="address_incomplete"):
        escalate(warned(**given), NIGHT, address_complete=False)


def test_r18_the_final_notice_comes_first_whatever_else_is_wrong():
    early = a_case(due=DUE, steps=steps(*DAYS[:2]), hold=a_hold(date(2026, 3, 13)))

    with pytest.raises(Refused, match="final_notice_not_sent"):
        escalate(early, NIGHT, address_complete=False)


@pytest.mark.parametrize("auto", [True, False])
def test_r18_an_escalation_is_not_taken_back_by_the_handoff_day(auto):
    escalated = escalate(warned(), HANDOFF, address_complete=True)

    decided = handoff_day(escalated, HANDOFF, auto=auto, missing=("street",))

    assert decided == escalated
    with pytest.raises(Refused, match="handoff_begun"):
        stop(decided, HANDOFF)


def test_r9_a_handoff_for_which_there_is_no_window_now_is_planned_again():
    evenings = terms(opens=time(17), closes=time(20))

    not_now = handoff_day(warned(terms=evenings), HANDOFF)

    assert not_now.stage is Stage.FINAL_NOTICE
    assert kinds_at(not_now, HANDOFF) == (ActionKind.HANDOFF, berlin("2026-04-01 17:10"))


def test_r10_nothing_is_handed_over_when_nothing_is_owed():
    paid = with_payment(warned(), a_payment("100.00", at=HANDOFF))

    assert handoff_day(paid, HANDOFF) == paid
    assert ladder_action(paid, HANDOFF) is None


# --- paid or canceled while the partner is being asked ---------------------------------------


def called_off() -> DunningCase:
    """Paid in full, while an attempt to hand over may have reached the partner."""
    return with_payment(warned(handoff_begun=True), a_payment("100.00", at=HANDOFF))


def test_r16_what_may_be_at_the_partner_is_asked_for_and_never_handed_over_again():
    assert called_off().stage is Stage.PAID
    assert kinds_at(called_off(), HANDOFF) == (ActionKind.ASK_PARTNER, HANDOFF)


def test_r16_a_claim_that_the_partner_does_not_have_leaves_the_case_paid():
    ended = claim_not_there(called_off())

    assert ended.stage is Stage.PAID
    assert ladder_action(ended, HANDOFF) is None
    assert not ended.handoff_begun


def test_r13_a_handoff_that_was_called_off_does_not_begin_again_by_a_chargeback():
    back = with_reversal(called_off(), a_chargeback("100.00", at=HANDOFF))

    assert kinds_at(back, HANDOFF) == (ActionKind.ASK_PARTNER, HANDOFF)
    asked = claim_not_there(back)
    assert chargeback_day(asked, HANDOFF, auto=False).stage is Stage.AWAITING_APPROVAL
    assert chargeback_day(asked, HANDOFF, auto=True).handoff_begun


def test_r14_a_handoff_that_cannot_work_is_asked_for_once_more_when_it_is_paid():
    stuck = warned(handoff_begun=True, blocked_by=BlockedBy.ERROR)

    paid = with_payment(stuck, a_payment("100.00", at=HANDOFF))

    assert kinds_at(paid, HANDOFF) == (ActionKind.ASK_PARTNER, HANDOFF)


def test_r15_a_rejected_claim_is_back_with_the_seller_in_a_new_round():
    begun = warned(handoff_begun=True)

    back = rejected(begun, HANDOFF)

    assert back.stage is Stage.AWAITING_APPROVAL
    assert ladder_action(back, HANDOFF) is None
    assert (begun.claim_reference, back.claim_reference) == (
        "case000000000001-1",
        "case000000000001-2",
    )
    assert back.key("submit_claim") != begun.key("submit_claim")


def test_r15_a_rejected_claim_can_be_escalated_again():
    back = rejected(warned(handoff_begun=True), HANDOFF)

    again = escalate(back, NIGHT, address_complete=True)
    taken = did(again, ActionKind.HANDOFF, NIGHT)

    assert taken.stage is Stage.HANDED_OVER
    assert (taken.claim.reference, taken.claim.at) == ("case000000000001-2", NIGHT)


def test_r16_the_key_of_an_effect_is_case_round_and_step():
    assert warned().key("final_notice") == "case000000000001/1/final_notice"
    assert warned(round=2).key("final_notice") == "case000000000001/2/final_notice"


def test_r11_no_collection_hands_nothing_over():
    announced = warned(option=DunningOption.NO_COLLECTION)

    assert kinds_at(announced, NIGHT) == (ActionKind.CANCELLATION, HANDOFF)
    ended = did(announced, ActionKind.CANCELLATION, HANDOFF)
    assert ended.stage is Stage.CANCELED
    assert ended.claim is None
    assert ladder_action(ended, HANDOFF) is None


@pytest.mark.parametrize("option", list(DunningOption))
def test_r21_the_option_that_the_final_notice_announced_is_kept(option):
    case = a_case(due=DUE, steps=steps(*DAYS[:2]))
    sent = berlin("2026-03-22 09:10")

    announced = did(case, ActionKind.FINAL_NOTICE, sent, option=option)

    assert announced.option is option
    no_collection = option is DunningOption.NO_COLLECTION
    assert ladder_action(announced, sent).kind is (
        ActionKind.CANCELLATION if no_collection else ActionKind.HANDOFF
    )


def test_r21_earlier_notices_fix_no_option():
    case = a_case(due=DUE)

    reminded = did(case, ActionKind.PAYMENT_REMINDER, berlin("2026-03-07 09:10"))

    assert reminded.option is None


def test_r17_a_payment_while_the_partner_is_asked_settles_the_claim_that_was_taken():
    paid = with_payment(warned(handoff_begun=True), a_payment("100.00", at=HANDOFF))

    taken = did(paid, ActionKind.HANDOFF, HANDOFF)

    assert taken.stage is Stage.SETTLED
    assert ladder_action(taken, HANDOFF) is None


def test_r17_a_payment_while_the_partner_refuses_ends_the_case_paid():
    # The answer to a call that was under way.
    back = rejected(called_off(), HANDOFF)

    assert back.stage is Stage.PAID
    assert ladder_action(back, HANDOFF) is None
