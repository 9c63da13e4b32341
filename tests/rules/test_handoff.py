"""R11, R12, R16, R18: the handoff day, and what came of asking the partner."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from dunning.case import DunningCase, Refused
from dunning.deeds import DeedKind, Facts, Outcome
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from dunning.state import Claim
from tests.factories import a_case, a_hold, a_payment, berlin, came, done, steps, terms

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
HANDOFF = berlin("2026-04-01 09:10")
NIGHT = berlin("2026-03-25 03:33")


def warned(**given) -> DunningCase:
    """A case whose final notice was sent."""
    return a_case(due=DUE, steps=steps(*DAYS), **({"option": DunningOption.COURT} | given))


def kinds_at(case: DunningCase, now: datetime) -> tuple[DeedKind, datetime]:
    deed = case.next_deed(now)
    return deed.kind, deed.at


def test_r12_automatic_the_claim_goes_on_the_handoff_day():
    assert kinds_at(warned(), NIGHT) == (DeedKind.HANDOFF, HANDOFF)

    begun = warned().after(came(DeedKind.HANDOFF, Outcome.GO, HANDOFF))

    assert begun.handoff_begun
    assert begun.stage is Stage.FINAL_NOTICE
    assert kinds_at(begun, HANDOFF) == (DeedKind.SUBMIT_CLAIM, HANDOFF)


def test_r11_a_claim_that_was_taken_is_handed_over():
    begun = warned(handoff_begun=True)

    taken = begun.after(done(DeedKind.SUBMIT_CLAIM, HANDOFF, reference="case000000000001-1"))

    assert taken.stage is Stage.HANDED_OVER
    assert taken.claim == Claim(reference="case000000000001-1", at=HANDOFF)
    assert not taken.handoff_begun
    assert taken.next_deed(HANDOFF) is None


def test_r12_by_hand_the_case_waits_for_the_seller():
    waiting = warned().after(came(DeedKind.HANDOFF, Outcome.APPROVAL_WANTED, HANDOFF))

    assert waiting.stage is Stage.AWAITING_APPROVAL
    for later in (HANDOFF, berlin("2026-12-31 12:00")):
        assert waiting.next_deed(later) is None


@pytest.mark.parametrize("given", [{}, {"approval_wanted": True}])
def test_r18_an_escalated_case_is_handed_over_now_at_any_hour(given):
    escalated = warned(**given).escalate(NIGHT, address_complete=True)

    assert kinds_at(escalated, NIGHT) == (DeedKind.SUBMIT_CLAIM, NIGHT)


def test_r18_a_blocked_case_that_is_escalated_is_blocked_no_longer():
    blocked = warned(blocked_by=BlockedBy.ERROR)

    escalated = blocked.escalate(NIGHT, address_complete=True)
    rejected = escalated.after(came(DeedKind.SUBMIT_CLAIM, Outcome.REJECTED, NIGHT))

    assert kinds_at(escalated, NIGHT) == (DeedKind.SUBMIT_CLAIM, NIGHT)
    assert rejected.stage is Stage.AWAITING_APPROVAL


def test_r18_escalated_twice_is_begun_once():
    escalated = warned().escalate(NIGHT, address_complete=True)

    with pytest.raises(Refused, match="handoff_begun"):
        escalated.escalate(NIGHT, address_complete=True)


@pytest.mark.parametrize("given", [{}, {"approval_wanted": True}])
def test_r18_without_a_complete_address_it_is_refused(given):
    with pytest.raises(Refused, match="address_incomplete"):
        warned(**given).escalate(NIGHT, address_complete=False)


def test_r18_the_final_notice_comes_first_whatever_else_is_wrong():
    early = a_case(due=DUE, steps=steps(*DAYS[:2]), hold=a_hold(date(2026, 3, 13)))

    with pytest.raises(Refused, match="final_notice_not_sent"):
        early.escalate(NIGHT, address_complete=False)


# The seller escalated while the handoff day's decision was being asked for; that answer is late.
@pytest.mark.parametrize(
    ("outcome", "given"),
    [
        (Outcome.NOT_NOW, {}),
        (Outcome.APPROVAL_WANTED, {}),
        (Outcome.GO, {}),
        (Outcome.BLOCKED, {"blocked_by": BlockedBy.ADDRESS}),
    ],
)
def test_r18_an_escalation_is_not_taken_back_by_an_older_decision(outcome, given):
    escalated = warned().escalate(HANDOFF, address_complete=True)

    decided = escalated.after(came(DeedKind.HANDOFF, outcome, HANDOFF, **given))

    assert kinds_at(decided, HANDOFF) == (DeedKind.SUBMIT_CLAIM, HANDOFF)
    with pytest.raises(Refused, match="handoff_begun"):
        decided.stop(HANDOFF)


def test_r9_a_handoff_for_which_there_is_no_window_now_is_planned_again():
    evenings = terms(opens=time(17), closes=time(20))

    not_now = warned().after(came(DeedKind.HANDOFF, Outcome.NOT_NOW, HANDOFF, terms=evenings))

    assert not_now.stage is Stage.FINAL_NOTICE
    assert kinds_at(not_now, HANDOFF) == (DeedKind.HANDOFF, berlin("2026-04-01 17:10"))


@pytest.mark.parametrize("deed", [DeedKind.HANDOFF, DeedKind.SUBMIT_CLAIM])
def test_r10_nothing_is_handed_over_when_nothing_is_owed(deed):
    paid = Facts(payments=(a_payment("100.00", at=HANDOFF),))
    begun = warned(handoff_begun=deed is DeedKind.SUBMIT_CLAIM)

    answered = begun.after(came(deed, Outcome.NOTHING_OWED, HANDOFF, facts=paid))

    assert answered.stage is Stage.PAID
    assert answered.claim is None
    assert answered.next_deed(HANDOFF) is None


def test_r15_a_rejected_claim_is_back_with_the_seller_in_a_new_round():
    begun = warned(handoff_begun=True)

    rejected = begun.after(came(DeedKind.SUBMIT_CLAIM, Outcome.REJECTED, HANDOFF))

    assert rejected.stage is Stage.AWAITING_APPROVAL
    assert rejected.next_deed(HANDOFF) is None
    assert (begun.claim_reference, rejected.claim_reference) == (
        "case000000000001-1",
        "case000000000001-2",
    )
    assert rejected.key("submit_claim") != begun.key("submit_claim")


def test_r15_a_rejected_claim_can_be_escalated_again():
    rejected = warned(handoff_begun=True).after(
        came(DeedKind.SUBMIT_CLAIM, Outcome.REJECTED, HANDOFF)
    )

    again = rejected.escalate(NIGHT, address_complete=True)
    taken = again.after(done(DeedKind.SUBMIT_CLAIM, NIGHT))

    assert taken.stage is Stage.HANDED_OVER
    assert taken.claim == Claim(reference="case000000000001-2", at=NIGHT)


def test_r16_the_key_of_an_effect_is_case_round_and_step():
    assert warned().key("final_notice") == "case000000000001/1/final_notice"
    assert warned(round=2).key("final_notice") == "case000000000001/2/final_notice"


def test_r11_no_collection_hands_nothing_over():
    announced = warned(option=DunningOption.NO_COLLECTION)

    assert kinds_at(announced, NIGHT) == (DeedKind.CANCELLATION, HANDOFF)
    ended = announced.after(done(DeedKind.CANCELLATION, HANDOFF))
    assert ended.stage is Stage.CANCELED
    assert ended.claim is None
    assert ended.next_deed(HANDOFF) is None


@pytest.mark.parametrize("option", list(DunningOption))
def test_r21_the_option_that_the_final_notice_announced_is_kept(option):
    case = a_case(due=DUE, steps=steps(*DAYS[:2]))
    sent = berlin("2026-03-22 09:10")

    announced = case.after(done(DeedKind.FINAL_NOTICE, sent, option=option))

    assert announced.option is option
    no_collection = option is DunningOption.NO_COLLECTION
    assert announced.next_deed(sent).kind is (
        DeedKind.CANCELLATION if no_collection else DeedKind.HANDOFF
    )


def test_r21_earlier_notices_fix_no_option():
    case = a_case(due=DUE)

    reminded = case.after(done(DeedKind.PAYMENT_REMINDER, berlin("2026-03-07 09:10")))

    assert reminded.option is None


def test_r17_a_payment_while_the_partner_is_asked_settles_the_claim_that_was_taken():
    paid = warned(handoff_begun=True).after_payment(a_payment("100.00", at=HANDOFF))

    taken = paid.after(done(DeedKind.SUBMIT_CLAIM, HANDOFF))

    assert taken.stage is Stage.SETTLED
    assert taken.next_deed(HANDOFF) is None


def test_r17_a_payment_while_the_partner_refuses_ends_the_case_paid():
    paid = warned(handoff_begun=True).after_payment(a_payment("100.00", at=HANDOFF))

    rejected = paid.after(came(DeedKind.SUBMIT_CLAIM, Outcome.REJECTED, HANDOFF))

    assert rejected.stage is Stage.PAID
    assert rejected.next_deed(HANDOFF) is None
