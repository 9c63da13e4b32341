"""A claim at the partner, and the end that it brings (R15, R16, R20, R29)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from dunning.actions import Action, ActionKind
from dunning.case.facts import with_order_canceled, with_payment
from dunning.case.planning import is_due, ladder_action, next_action
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.ladder import DunningOption
from dunning.movements import Fee
from dunning.notices import SellerMailKind
from dunning.requests import Refused
from dunning.stages import Stage
from tests.factories import (
    a_case,
    a_payment,
    did,
    escalate,
    eur,
    start,
    steps,
    withdraw,
)
from tests.rules.claim_cases import (
    DAYS,
    DUE,
    LATER,
    TAKEN,
    checked,
    closed,
    kinds_due,
    status,
    taken,
)


def test_r15_after_the_handoff_the_partner_gets_documents_and_the_seller_a_mail() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), handoff_begun=True)

    case = did(begun, ActionKind.HANDOFF, TAKEN)

    assert case.stage is Stage.HANDED_OVER
    assert kinds_due(case, TAKEN) == [ActionKind.ATTACH_DOCUMENTS, ActionKind.TELL_SELLER]


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

    assert checked(once, closed(Closing.UNCOLLECTIBLE)).seller_mails == once.seller_mails
    assert checked(once, closed(Closing.UNCOLLECTIBLE)).stage is Stage.UNCOLLECTIBLE


def test_r15_the_seller_hears_of_each_end_once() -> None:
    for now in (closed(Closing.RECOVERED), closed(Closing.UNCOLLECTIBLE)):
        case = checked(taken(), now)
        assert [(tell.about, tell.outcome) for tell in case.seller_mails] == [
            (SellerMailKind.CASE_CLOSED, case.stage)
        ]


def test_r16_a_rejected_claim_comes_back_and_the_next_one_is_of_another_round() -> None:
    first = taken()
    rejected = checked(first, closed(Closing.REJECTED))

    assert [tell.about for tell in rejected.seller_mails] == [SellerMailKind.CLAIM_REJECTED]
    assert first.claim is not None
    assert first.claim.reference.endswith("-1")
    assert rejected.last_claim == first.claim.reference
    again = escalate(rejected, LATER, address_complete=True)
    assert again.claim_reference.endswith("-2")
    assert ladder_action(again, LATER) == Action(kind=ActionKind.HANDOFF, at=LATER)


def test_r15_a_claim_is_asked_about_in_pauses_that_double_up_to_30_days() -> None:
    case, at = taken(), TAKEN
    moments = [at]
    for _ in range(12):
        action = next_action(case, at)
        assert action is not None
        assert action.kind is ActionKind.CHECK_CLAIM
        at = action.at
        moments.append(at)
        case = checked(case, status(ClaimPhase.IN_COURT), at)

    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[0] == timedelta(hours=6)
    assert pauses[-1] == timedelta(days=30)
    assert all(later == min(2 * sooner, timedelta(days=30)) for sooner, later in pairwise(pauses))


def test_r15_a_year_at_court_is_asked_about_less_than_20_times() -> None:
    case, at, asked = taken(), TAKEN, 0
    while (action := next_action(case, at)) and action.at < TAKEN + timedelta(days=365):
        at, asked = action.at, asked + 1
        case = checked(case, status(ClaimPhase.IN_COURT), at)

    assert asked < 20


# --- money ------------------------------------------------------------------------------------


def test_r15_money_that_came_before_the_handoff_is_part_of_the_claim_and_not_reported() -> None:
    partly = with_payment(a_case(due=DUE, steps=steps(*DAYS)), a_payment("40.00"))

    assert taken(partly).unreported == ()


def test_r15_money_that_comes_after_the_handoff_is_reported_once() -> None:
    case = with_payment(taken(), a_payment("40.00", at=LATER))

    assert kinds_due(case) == [ActionKind.REPORT_MONEY]
    assert [move.key for move in case.unreported] == ["payment/p-1"]
    assert with_payment(case, a_payment("40.00", at=LATER)) == case


def test_r20_the_whole_amount_settles_the_case_which_then_only_reports_and_tells() -> None:
    case = with_payment(taken(), a_payment("100.00", at=LATER))

    assert case.stage is Stage.SETTLED
    assert kinds_due(case) == [ActionKind.REPORT_MONEY, ActionKind.TELL_SELLER]
    assert case.seller_mails[0].outcome is Stage.SETTLED


@pytest.mark.parametrize("closing", list(Closing))
def test_r15_after_the_settlement_later_news_of_the_claim_is_only_noted(closing: Closing) -> None:
    settled = with_payment(taken(), a_payment("100.00", at=LATER))

    later = checked(settled, closed(closing))

    assert later.stage is Stage.SETTLED
    assert later.seller_mails == settled.seller_mails


@pytest.mark.parametrize(
    ("closing", "stage"),
    [
        (Closing.UNCOLLECTIBLE, Stage.SETTLED),
        (Closing.RECOVERED, Stage.RECOVERED),  # the books make it credit
        (Closing.WITHDRAWN, Stage.PAID),
    ],
)
def test_r20_money_after_the_end_of_a_claim(closing: Closing, stage: Stage) -> None:
    case = with_payment(checked(taken(), closed(closing)), a_payment("100.00", at=LATER))

    assert case.stage is stage
    assert ActionKind.REPORT_MONEY not in kinds_due(case)


def test_r11_the_cancellation_costs_join_the_claim_and_the_partner_is_told() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), option=DunningOption.CANCELLATION)
    costs = Fee(key="cancellation_costs", amount=eur("15.00"))

    case = taken(begun, fees=(costs,), order_canceled_at=TAKEN, claims_go_on=True)

    assert case.stage is Stage.HANDED_OVER
    assert case.open_amount == eur("115.00")
    assert [move.key for move in case.unreported] == ["cancellation_costs"]
    assert ActionKind.WITHDRAW_CLAIM not in kinds_due(case)


def test_r11_a_claim_of_a_canceled_order_that_is_rejected_waits_for_the_seller() -> None:
    begun = a_case(due=DUE, steps=steps(*DAYS), option=DunningOption.CANCELLATION)
    case = taken(begun, order_canceled_at=TAKEN, claims_go_on=True)

    rejected = checked(case, closed(Closing.REJECTED))

    assert rejected.stage is Stage.AWAITING_APPROVAL
    again = escalate(rejected, LATER, address_complete=True)
    assert is_due(again, ActionKind.HANDOFF, LATER)


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
    asked = withdraw(taken(), LATER)

    assert asked.stage is Stage.HANDED_OVER
    assert kinds_due(asked) == [ActionKind.WITHDRAW_CLAIM]
    assert checked(asked, closed(closing)).stage is stage


def test_r15_asked_twice_the_partner_hears_it_once() -> None:
    asked = withdraw(taken(), LATER)
    said = did(asked, ActionKind.WITHDRAW_CLAIM, LATER)

    assert withdraw(said, LATER) == said
    assert kinds_due(said) == []


@pytest.mark.parametrize("closing", list(Closing))
def test_r29_a_handed_over_case_of_a_canceled_order_ends_canceled_by_the_partners_word(
    closing: Closing,
) -> None:
    canceled = with_order_canceled(taken(), LATER)

    assert canceled.stage is Stage.HANDED_OVER
    assert kinds_due(canceled) == [ActionKind.WITHDRAW_CLAIM]
    assert checked(canceled, closed(closing)).stage is Stage.CANCELED


def test_r17_a_withdrawn_case_is_taken_up_again_by_a_handoff_after_the_full_gap() -> None:
    stopped = checked(withdraw(taken(), LATER), closed(Closing.WITHDRAWN))

    started = start(stopped, LATER)

    action = ladder_action(started, LATER)
    assert action is not None
    assert (action.kind, action.at.date()) == (ActionKind.HANDOFF, date(2026, 4, 30))
    assert started.claim_reference.endswith("-2")


def test_r15_what_the_partner_got_is_not_asked_for_again() -> None:
    stopped = checked(withdraw(taken(), LATER), closed(Closing.WITHDRAWN, collected="30.00"))

    assert stopped.open_amount == eur("100.00")
    assert stopped.owed == eur("70.00")


def test_r15_nothing_to_withdraw_is_refused() -> None:
    with pytest.raises(Refused, match="not_handed_over"):
        withdraw(a_case(due=DUE), LATER)


# --- the history ------------------------------------------------------------------------------


def names(
    before: ClaimStatus, now: ClaimStatus, *, has_ended: bool = False, withdrawn: bool = False
) -> list[str]:
    case = taken()
    assert case.claim is not None
    known = case.changed(claim=case.claim.changed(status=before, withdrawn=withdrawn))
    if has_ended:
        known = with_payment(known, a_payment("100.00")).changed(events=())
    return [event.name for event in checked(known, now).events]


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
    assert names(status(), closed(Closing.REJECTED), has_ended=True) == ["claim.updated"]
