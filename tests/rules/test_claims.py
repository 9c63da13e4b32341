"""A claim at the partner, and the end that it brings (R15, R16, R20, R29)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from dunning.at_partner import claim_events
from dunning.case import DunningCase, Refused
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.deeds import DeedKind, Facts, Fee, Outcome
from dunning.history import EventName
from dunning.notices import SellerTold
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from tests.factories import a_case, a_chargeback, a_payment, came, done, eur, steps

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
TAKEN = datetime(2026, 4, 1, 7, 10, tzinfo=UTC)
LATER = datetime(2026, 4, 20, 12, tzinfo=UTC)


def status(
    phase: ClaimPhase = ClaimPhase.SUBMITTED,
    closing: Closing | None = None,
    *,
    code: str | None = None,
    collected: str = "0.00",
) -> ClaimStatus:
    return ClaimStatus(phase=phase, closing=closing, close_code=code, collected=eur(collected))


def closed(closing: Closing, *, collected: str = "0.00") -> ClaimStatus:
    return status(ClaimPhase.CLOSED, closing, code="Code", collected=collected)


def taken(case: DunningCase | None = None, **facts: object) -> DunningCase:
    """A case whose claim the partner has just taken, with nothing left to do but to wait."""
    begun = (case or a_case(due=DUE, steps=steps(*DAYS))).model_copy(update={"handoff_begun": True})
    result = done(
        DeedKind.SUBMIT_CLAIM,
        TAKEN,
        claim=status(),
        told=tuple(move.key for move in begun.movements),
        facts=Facts.model_validate(facts),
    )
    case = begun.after(result)
    return case.model_copy(
        update={
            "tells": (),
            "claim": case.claim and case.claim.model_copy(update={"documents_due": False}),
        }
    )


def checked(case: DunningCase, now: ClaimStatus, at: datetime = LATER) -> DunningCase:
    reference = case.claim.reference if case.claim else "gone"
    return case.after(done(DeedKind.CHECK_CLAIM, at, claim=now, reference=reference))


def kinds_due(case: DunningCase, now: datetime = LATER) -> list[DeedKind]:
    """What a case has to do at once, one after the other."""
    due = []
    while (deed := case.next_deed(now)) is not None and deed.at <= now:
        if deed.kind is DeedKind.CHECK_CLAIM:
            break
        due.append(deed.kind)
        keys = tuple(move.key for move in case.untold)
        if deed.kind is DeedKind.TELL_SELLER:
            keys = (case.tells[0].key,)
        case = case.after(done(deed.kind, now, told=keys))
    return due


def test_r15_after_the_handoff_the_partner_gets_documents_and_the_seller_a_mail() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), handoff_begun=True)

    case = begun.after(done(DeedKind.SUBMIT_CLAIM, TAKEN, claim=status()))

    assert case.stage is Stage.HANDED_OVER
    assert kinds_due(case, TAKEN) == [DeedKind.ATTACH_DOCUMENTS, DeedKind.TELL_SELLER]


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        (status(), Stage.HANDED_OVER),
        (status(ClaimPhase.ACCEPTED), Stage.HANDED_OVER),
        (status(ClaimPhase.IN_COURT), Stage.IN_COURT),
        (closed(Closing.RECOVERED, collected="100.00"), Stage.RECOVERED),
        (closed(Closing.UNCOLLECTIBLE), Stage.UNCOLLECTIBLE),
        (closed(Closing.UNCOLLECTIBLE, collected="40.00"), Stage.UNCOLLECTIBLE),
        (closed(Closing.REJECTED), Stage.AWAITING_APPROVAL),
        (closed(Closing.WITHDRAWN), Stage.STOPPED),
    ],
)
def test_r15_a_case_stands_where_its_claim_does(now: ClaimStatus, stage: Stage) -> None:
    assert checked(taken(), now).stage is stage


def test_r15_the_same_status_told_again_changes_nothing_more() -> None:
    once = checked(taken(), closed(Closing.UNCOLLECTIBLE))

    assert checked(once, closed(Closing.UNCOLLECTIBLE)).tells == once.tells
    assert checked(once, closed(Closing.UNCOLLECTIBLE)).stage is Stage.UNCOLLECTIBLE


def test_r15_the_seller_hears_of_each_end_once() -> None:
    for now in (closed(Closing.RECOVERED), closed(Closing.UNCOLLECTIBLE)):
        case = checked(taken(), now)
        assert [(tell.about, tell.outcome) for tell in case.tells] == [
            (SellerTold.CASE_CLOSED, case.stage)
        ]


def test_r16_a_rejected_claim_comes_back_and_the_next_one_is_of_another_round() -> None:
    first = taken()
    rejected = checked(first, closed(Closing.REJECTED))

    assert [tell.about for tell in rejected.tells] == [SellerTold.CLAIM_REJECTED]
    assert first.claim is not None
    assert first.claim.reference.endswith("-1")
    assert rejected.last_claim == first.claim.reference
    again = rejected.escalate(LATER, address_complete=True)
    assert again.claim_reference.endswith("-2")
    assert [deed.kind for deed in [again.next_deed(LATER)] if deed] == [DeedKind.SUBMIT_CLAIM]


def test_r15_a_claim_is_asked_about_in_pauses_that_double_up_to_30_days() -> None:
    case, at = taken(), TAKEN
    moments = [at]
    for _ in range(12):
        deed = case.next_deed(at)
        assert deed is not None
        assert deed.kind is DeedKind.CHECK_CLAIM
        at = deed.at
        moments.append(at)
        case = checked(case, status(ClaimPhase.IN_COURT), at)

    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[0] == timedelta(hours=6)
    assert pauses[-1] == timedelta(days=30)
    assert all(later == min(2 * sooner, timedelta(days=30)) for sooner, later in pairwise(pauses))


def test_r15_a_year_at_court_is_asked_about_less_than_20_times() -> None:
    case, at, asked = taken(), TAKEN, 0
    while (deed := case.next_deed(at)) and deed.at < TAKEN + timedelta(days=365):
        at, asked = deed.at, asked + 1
        case = checked(case, status(ClaimPhase.IN_COURT), at)

    assert asked < 20


# --- money ------------------------------------------------------------------------------------


def test_r15_money_that_came_before_the_handoff_is_part_of_the_claim_and_not_reported() -> None:
    partly = a_case(due=DUE, steps=steps(*DAYS)).after_payment(a_payment("40.00"))

    assert taken(partly).untold == ()


def test_r15_money_that_comes_after_the_handoff_is_reported_once() -> None:
    case = taken().after_payment(a_payment("40.00", at=LATER))

    assert kinds_due(case) == [DeedKind.REPORT_MONEY]
    assert [move.key for move in case.untold] == ["payment/p-1"]
    assert case.after_payment(a_payment("40.00", at=LATER)) == case


def test_r20_the_whole_amount_settles_the_case_which_then_only_reports_and_tells() -> None:
    case = taken().after_payment(a_payment("100.00", at=LATER))

    assert case.stage is Stage.SETTLED
    assert kinds_due(case) == [DeedKind.REPORT_MONEY, DeedKind.TELL_SELLER]
    assert case.tells[0].outcome is Stage.SETTLED


@pytest.mark.parametrize("closing", list(Closing))
def test_r15_after_the_settlement_later_news_of_the_claim_is_only_noted(closing: Closing) -> None:
    settled = taken().after_payment(a_payment("100.00", at=LATER))

    later = checked(settled, closed(closing))

    assert later.stage is Stage.SETTLED
    assert later.tells == settled.tells


@pytest.mark.parametrize(
    ("closing", "stage"),
    [
        (Closing.UNCOLLECTIBLE, Stage.SETTLED),
        (Closing.RECOVERED, Stage.RECOVERED),  # the books make it credit
        (Closing.WITHDRAWN, Stage.PAID),
    ],
)
def test_r20_money_after_the_end_of_a_claim(closing: Closing, stage: Stage) -> None:
    case = checked(taken(), closed(closing)).after_payment(a_payment("100.00", at=LATER))

    assert case.stage is stage
    assert DeedKind.REPORT_MONEY not in kinds_due(case)


def test_r11_the_cancellation_costs_join_the_claim_and_the_partner_is_told() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), option=DunningOption.CANCELLATION)
    costs = Fee(key="cancellation_costs", amount=eur("15.00"))

    case = taken(begun, fees=(costs,), order_canceled_at=TAKEN, claims_go_on=True)

    assert case.stage is Stage.HANDED_OVER
    assert case.open_amount == eur("115.00")
    assert [move.key for move in case.untold] == ["cancellation_costs"]
    assert DeedKind.WITHDRAW_CLAIM not in kinds_due(case)


def test_r11_a_claim_of_a_canceled_order_that_is_rejected_waits_for_the_seller() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), option=DunningOption.CANCELLATION)
    case = taken(begun, order_canceled_at=TAKEN, claims_go_on=True)

    rejected = checked(case, closed(Closing.REJECTED))

    assert rejected.stage is Stage.AWAITING_APPROVAL
    again = rejected.escalate(LATER, address_complete=True)
    submitted = again.hindrance(DeedKind.SUBMIT_CLAIM, LATER, address_complete=True)
    assert submitted is None


# --- R15, R29: withdrawing --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closing", "stage"),
    [
        (Closing.WITHDRAWN, Stage.STOPPED),
        (Closing.UNCOLLECTIBLE, Stage.STOPPED),
        (Closing.REJECTED, Stage.STOPPED),
        (Closing.RECOVERED, Stage.RECOVERED),
    ],
)
def test_r15_a_withdrawn_claim_ends_stopped_when_the_agency_has_closed_it(
    closing: Closing, stage: Stage
) -> None:
    asked = taken().withdraw(LATER)

    assert asked.stage is Stage.HANDED_OVER
    assert kinds_due(asked) == [DeedKind.WITHDRAW_CLAIM]
    assert checked(asked, closed(closing)).stage is stage


def test_r15_asked_twice_the_partner_hears_it_once() -> None:
    asked = taken().withdraw(LATER)
    said = asked.after(done(DeedKind.WITHDRAW_CLAIM, LATER))

    assert said.withdraw(LATER) is said
    assert kinds_due(said) == []


@pytest.mark.parametrize("closing", list(Closing))
def test_r29_a_handed_over_case_of_a_canceled_order_ends_canceled_by_the_partners_word(
    closing: Closing,
) -> None:
    canceled = taken().after_order_canceled(LATER)

    assert canceled.stage is Stage.HANDED_OVER
    assert kinds_due(canceled) == [DeedKind.WITHDRAW_CLAIM]
    assert checked(canceled, closed(closing)).stage is Stage.CANCELED


def test_r17_a_withdrawn_case_is_taken_up_again_by_a_handoff_after_the_full_gap() -> None:
    stopped = checked(taken().withdraw(LATER), closed(Closing.WITHDRAWN))

    started = stopped.start(LATER)

    deed = started.next_act(LATER)
    assert deed is not None
    assert (deed.kind, deed.at.date()) == (DeedKind.HANDOFF, date(2026, 4, 30))
    assert started.claim_reference.endswith("-2")


def test_r15_what_the_partner_got_is_not_asked_for_again() -> None:
    stopped = checked(taken().withdraw(LATER), closed(Closing.WITHDRAWN, collected="30.00"))

    assert stopped.open_amount == eur("100.00")
    assert stopped.owed == eur("70.00")


def test_r15_nothing_to_withdraw_is_refused() -> None:
    with pytest.raises(Refused, match="not_handed_over"):
        a_case(due=DUE).withdraw(LATER)


# --- R13: chargebacks of ended cases ----------------------------------------------------------

BACK = datetime(2026, 4, 12, 10, tzinfo=UTC)
EARLY = datetime(2026, 2, 25, 10, tzinfo=UTC)


def back(case: DunningCase, at: datetime = BACK) -> DunningCase:
    return case.after_reversal(a_chargeback("100.00", fee="3.50", at=at))


def paid(**given: object) -> DunningCase:
    return a_case(due=DUE, **given).after_payment(a_payment("100.00"))  # type: ignore[arg-type]


def test_r13_not_past_its_due_date_it_is_scheduled_again() -> None:
    case = back(paid(advance_wanted=True, opened_on=date(2026, 1, 10)), EARLY)

    assert case.stage is Stage.SCHEDULED
    assert case.open_amount == eur("103.50")
    deed = case.next_deed(EARLY)
    assert deed is not None
    assert deed.kind is DeedKind.ADVANCE_NOTICE


def test_r13_paid_and_past_due_the_handoff_is_decided_at_once_at_any_hour() -> None:
    night = datetime(2026, 4, 12, 1, tzinfo=UTC)

    deed = back(paid(steps=steps(*DAYS[:1])), night).next_deed(night)

    assert deed is not None
    assert (deed.kind, deed.at) == (DeedKind.CHARGEBACK, night)


def test_r13_the_switch_on_hands_over_without_a_final_notice() -> None:
    decided = back(paid()).after(came(DeedKind.CHARGEBACK, Outcome.GO, BACK))

    assert decided.handoff_begun
    submitted = decided.after(done(DeedKind.SUBMIT_CLAIM, BACK, claim=status()))
    assert submitted.stage is Stage.HANDED_OVER
    assert not submitted.chargeback_due


def waiting_for_the_seller() -> DunningCase:
    return back(paid(steps=steps(*DAYS))).after(
        came(DeedKind.CHARGEBACK, Outcome.APPROVAL_WANTED, BACK)
    )


def test_r13_the_switch_off_leaves_it_to_the_seller() -> None:
    case = waiting_for_the_seller()

    assert case.stage is Stage.AWAITING_APPROVAL
    assert case.next_act(LATER) is None
    assert case.stop(LATER).stage is Stage.STOPPED
    assert case.escalate(LATER, address_complete=True).handoff_begun


def test_r17_started_by_the_seller_the_notices_begin_anew() -> None:
    started = waiting_for_the_seller().start(LATER)

    assert (started.stage, started.round) == (Stage.SCHEDULED, 2)
    deed = started.next_deed(LATER)
    assert deed is not None
    assert (deed.kind, deed.at) == (DeedKind.PAYMENT_REMINDER, LATER)
    assert started.journal[-1].name is EventName.CASE_STARTED


def test_r13_with_no_collection_the_notices_begin_anew() -> None:
    case = back(paid(steps=steps(*DAYS), option=DunningOption.NO_COLLECTION))

    again = case.after(came(DeedKind.CHARGEBACK, Outcome.NEW_ROUND, BACK))

    assert (again.stage, again.round, again.option) == (Stage.SCHEDULED, 2, None)
    deed = again.next_deed(BACK)
    assert deed is not None
    assert deed.kind is DeedKind.PAYMENT_REMINDER


def test_r13_a_chargeback_that_an_address_blocks_is_decided_when_that_is_mended() -> None:
    case = back(paid())
    result = came(DeedKind.CHARGEBACK, Outcome.BLOCKED, BACK, blocked_by=BlockedBy.ADDRESS)
    blocked = case.after(result)

    assert blocked.stage is Stage.BLOCKED
    mended = blocked.after_customer_changed(LATER, address_complete=True, email_changed=False)
    deed = mended.next_deed(LATER)
    assert deed is not None
    assert deed.kind is DeedKind.CHARGEBACK


def test_r13_a_stopped_case_stays_so_and_the_seller_is_told() -> None:
    partly = a_case(due=DUE).after_payment(a_payment("40.00")).stop(LATER)

    case = partly.after_reversal(a_chargeback("40.00", at=BACK))

    assert case.stage is Stage.STOPPED
    assert [tell.about for tell in case.tells] == [SellerTold.CHARGEBACK]
    assert kinds_due(case) == [DeedKind.TELL_SELLER]


def test_r13_in_a_canceled_order_nothing_is_reopened_and_the_seller_is_told() -> None:
    partly = a_case(due=DUE).after_payment(a_payment("40.00")).after_order_canceled(LATER)

    case = partly.after_reversal(a_chargeback("40.00", at=BACK))

    assert case.stage is Stage.CANCELED
    assert [tell.about for tell in case.tells] == [SellerTold.CHARGEBACK]


def test_r13_a_settled_case_is_handed_over_again_and_the_partner_told() -> None:
    settled = taken().after_payment(a_payment("100.00", at=LATER))
    told = settled.after(done(DeedKind.REPORT_MONEY, LATER, told=("payment/p-1",)))

    case = back(told)

    assert case.stage is Stage.HANDED_OVER
    assert [move.key for move in case.untold] == ["chargeback/c-1"]


@pytest.mark.parametrize("was", ["settled", "uncollectible"])
def test_r13_with_its_claim_closed_it_waits_for_the_seller_whatever_the_switch(was: str) -> None:
    case = taken().after_payment(a_payment("100.00" if was == "settled" else "40.00", at=LATER))
    case = checked(case, closed(Closing.UNCOLLECTIBLE))
    assert case.stage == was

    amount = "100.00" if was == "settled" else "40.00"
    reopened = case.after_reversal(a_chargeback(amount, at=BACK))

    assert (reopened.stage, reopened.round) == (Stage.AWAITING_APPROVAL, 2)
    assert SellerTold.APPROVAL_WANTED in [tell.about for tell in reopened.tells]
    assert reopened.start(LATER).stage is Stage.SCHEDULED


# --- the history ------------------------------------------------------------------------------


def names(
    before: ClaimStatus | None, now: ClaimStatus, *, is_over: bool = False, withdrawn: bool = False
) -> list[str]:
    claim = taken().claim
    assert claim is not None
    known = claim.model_copy(update={"status": before, "withdrawn": withdrawn})
    events = claim_events(known, now, at=LATER, reason="no", is_over=is_over)
    return [event.name for event in events]


@pytest.mark.parametrize(
    ("before", "now", "events"),
    [
        (status(), status(), []),
        (status(), status(ClaimPhase.ACCEPTED), ["claim.accepted"]),
        (status(), status(ClaimPhase.IN_COURT), ["claim.accepted", "claim.updated"]),
        (status(ClaimPhase.ACCEPTED), status(ClaimPhase.IN_COURT), ["claim.updated"]),
        (status(), closed(Closing.REJECTED), ["claim.rejected"]),
        (status(), closed(Closing.RECOVERED), ["claim.updated"]),
        (
            status(),
            status(ClaimPhase.ACCEPTED, collected="5.00"),
            ["claim.accepted", "claim.updated"],
        ),
    ],
)
def test_r27_what_is_new_about_a_claim_is_in_the_history(
    before: ClaimStatus, now: ClaimStatus, events: list[str]
) -> None:
    assert names(before, now) == events


def test_r15_what_was_asked_back_is_not_rejected_however_it_is_closed() -> None:
    assert names(status(), closed(Closing.REJECTED), withdrawn=True) == ["claim.updated"]


def test_r15_of_an_ended_case_a_rejection_is_only_an_update() -> None:
    assert names(status(), closed(Closing.REJECTED), is_over=True) == ["claim.updated"]
