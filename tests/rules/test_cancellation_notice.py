"""R29: the customer is told that the order was canceled, once and by one of its cases."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.actions import ActionKind
from dunning.case.claims import action_failed
from dunning.case.facts import with_ledger
from dunning.case.handoff import claim_not_there, claim_taken
from dunning.case.notices import notice_refused, notice_sent
from dunning.case.plan import plan_of
from dunning.case.planning import ladder_action
from dunning.case.state import Sending
from dunning.movements import LedgerFacts
from dunning.notices import NoticeKind
from dunning.stages import Stage
from tests.factories import a_case, a_claim, berlin, eur, inputs, steps

DUE = date(2026, 3, 2)
NOW = berlin("2026-03-24 23:40")
TOLD = LedgerFacts(order_canceled_at=NOW, tells_of_cancellation=True)
SENDING = Sending(
    kind=NoticeKind.CANCELLATION_NOTICE,
    round=1,
    at=NOW,
    detail={"kind": "cancellation_notice"},
)


def canceled(**given):
    return with_ledger(a_case(due=DUE, steps=steps(date(2026, 3, 7)), **given), TOLD)


def next_kind(case):
    action = ladder_action(case, NOW)
    return action and (action.kind, action.at)


@pytest.mark.parametrize("given", [{}, {"stopped": True}, {"claim": a_claim()}])
def test_r29_it_goes_at_any_hour(given):
    case = canceled(**given)

    assert next_kind(case) == (ActionKind.CANCELLATION_NOTICE, NOW)
    assert not plan_of(case, 1, NOW).is_finished


def test_r29_the_other_cases_of_the_order_are_silent():
    case = with_ledger(a_case(due=DUE), LedgerFacts(order_canceled_at=NOW))

    assert case.stage is Stage.CANCELED
    assert next_kind(case) is None


def test_r29_it_is_sent_once_and_is_no_step():
    case = notice_sent(canceled(), SENDING)

    assert case.events[-1].detail["kind"] == "cancellation_notice"
    assert case.steps == steps(date(2026, 3, 7))
    assert next_kind(with_ledger(case, TOLD)) is None
    assert plan_of(case, 2, NOW).is_finished


def test_r29_an_address_that_is_refused_is_told_to_the_seller_and_blocks_nothing():
    case = canceled()

    refused = notice_refused(case, inputs(case), SENDING, words="550", email_version=0)

    assert refused.stage is Stage.CANCELED
    assert next_kind(refused) is None
    assert [mail.notice for mail in refused.seller_mails] == [NoticeKind.CANCELLATION_NOTICE]
    assert not refused.seller_mails[0].is_waiting


def test_r29_one_that_cannot_work_keeps_no_case_open():
    case = action_failed(canceled(), ActionKind.CANCELLATION_NOTICE)

    assert next_kind(case) is None


def test_r29_while_the_partner_is_being_asked_it_waits_for_the_answer():
    asked = canceled(handoff_begun=True)
    assert next_kind(asked) == (ActionKind.ASK_PARTNER, NOW)

    nobody = claim_not_there(asked)
    taken = claim_taken(asked, NOW, amount=eur("100.00"), reported=())

    assert next_kind(nobody) == (ActionKind.CANCELLATION_NOTICE, NOW)
    assert next_kind(taken) == (ActionKind.CANCELLATION_NOTICE, NOW)
