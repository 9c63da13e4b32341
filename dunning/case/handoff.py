"""Handing over: whether the seller approves, and what the partner answers (R11, R12, R13, R16)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dunning.actions import ActionKind
from dunning.case.inputs import CaseInputs
from dunning.case.planning import is_due
from dunning.case.state import DunningCase, SellerMailDue
from dunning.claims import Claim, ClaimPhase, ClaimStatus
from dunning.history import EventName
from dunning.ladder import DunningOption, StepKind
from dunning.money import Money
from dunning.notices import SellerMailKind
from dunning.stages import BlockedBy


def handoff_decided(case: DunningCase, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R12: on the handoff day, begin the handoff or ask the seller."""
    if case.handoff_begun or not is_due(case, ActionKind.HANDOFF, at):
        return case
    if inputs.auto_handoff:
        return _begun(case, inputs, at)
    return _asking_the_seller(case, at, chargeback_approval=False)


def chargeback_decided(case: DunningCase, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R13: after a chargeback, hand over a paid case, ask the seller, or begin the notices anew.

    This waits until the seller has answered how it wants its money collected (R21).
    """
    if not is_due(case, ActionKind.DECIDE_CHARGEBACK, at):
        return case
    announced = case.option if case.final_notice_sent else None
    option = announced or inputs.option
    if option is DunningOption.NO_COLLECTION:
        return in_new_round(case)
    if inputs.auto_chargeback_handoff:
        return _begun(case.changed(option=option), inputs, at)
    return _asking_the_seller(
        case, at, option=option, chargeback_approval=True, chargeback_due=False
    )


def order_canceled_on_its_day(case: DunningCase, at: datetime) -> DunningCase:
    """R11, `no_collection`: on the handoff day, end the case and cancel its order."""
    if not is_due(case, ActionKind.CANCELLATION, at):
        return case
    ended = case.with_step(StepKind.HANDOFF, case.terms.day_of(at))
    return ended.changed(canceled=True, order_canceled=True).noting(
        EventName.ORDER_CANCELED, at, key="order_canceled"
    )


def claim_taken(
    case: DunningCase, at: datetime, *, amount: Money, reported: tuple[str, ...]
) -> DunningCase:
    """R15: note that the partner has taken the claim; the order may have been canceled meanwhile.

    `amount` is the amount claimed, `reported` are the keys of the money that it contains.
    """
    reference = case.claim_reference
    survives = case.survives_order or case.canceled_for_claim
    is_withdrawn = case.order_canceled and not survives
    claim = Claim(
        reference=reference,
        at=at,
        status=ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=Money.zero(amount.currency)),
        reported=reported,
        documents_due=True,
        withdrawn=is_withdrawn,
        withdrawal_due=is_withdrawn,
    )
    key = case.key("claim")
    taken = case.with_step(StepKind.HANDOFF, case.terms.day_of(at)).changed(
        claim=claim,
        survives_order=survives,
        handoff_begun=False,
        handoff_called_off=False,
        blocked_by=None,
        approval_wanted=False,
        chargeback_due=False,
        # If the partner rejects it, the seller may still choose the notices (R17).
        chargeback_approval=case.chargeback_approval or case.chargeback_due,
    )
    detail = {"reference": reference, "amount": str(amount)}
    mail = SellerMailDue(
        about=SellerMailKind.HANDED_OVER, key=f"{SellerMailKind.HANDED_OVER}/{reference}"
    )
    return taken.noting(EventName.CLAIM_SUBMITTED, at, dict(detail), key=key).with_seller_mail(mail)


def claim_refused(case: DunningCase, at: datetime, *, words: str) -> DunningCase:
    """R15: note that the partner refused the claim, and let the seller decide.

    A new claim would get a new reference.
    """
    reference = case.claim_reference
    refused = case.noting(
        EventName.CLAIM_REJECTED, at, {"reason": words}, key=case.key("claim/rejected")
    )
    back = _without_handoff(
        refused.begins_to_wait(at),
        approval_wanted=True,
        round=case.round + 1,
        last_claim=reference,
        chargeback_approval=case.chargeback_approval or case.chargeback_due,
        chargeback_due=False,
    )
    return back.with_seller_mail(
        SellerMailDue(
            about=SellerMailKind.CLAIM_REJECTED, key=f"{SellerMailKind.CLAIM_REJECTED}/{reference}"
        )
    )


def claim_not_there(case: DunningCase) -> DunningCase:
    """R16: end a handoff that was called off, as no attempt has reached the partner."""
    return _without_handoff(case) if case.handoff_called_off else case


def blocked_by_address(case: DunningCase, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R14: block the case until the address is complete; the seller is told what is missing."""
    waiting = _without_handoff(case.begins_to_wait(at), blocked_by=BlockedBy.ADDRESS)
    noted = waiting.noting(EventName.ADDRESS_INCOMPLETE, at, {"missing": list(inputs.missing)})
    about = SellerMailKind.ADDRESS_INCOMPLETE
    # The new mail replaces an unsent one about the address, which says less.
    others = tuple(mail for mail in noted.seller_mails if mail.about is not about)
    alone = noted.changed(seller_mails=others)
    return alone.with_seller_mail(SellerMailDue(about=about, key=f"{about}/{noted.times_waiting}"))


def blocked_by_error(case: DunningCase, at: datetime, *, reason: str) -> DunningCase:
    """R14: block the case after an error that repeating cannot cure, until `resume`.

    A handoff stays begun, as the claim may be at the partner all the same. `reason` names nobody.
    """
    return case.begins_to_wait(at, blocked_by=BlockedBy.ERROR, error=reason)


def in_new_round(case: DunningCase) -> DunningCase:
    """R13, R17: begin the notices anew, with the payment reminder.

    It is not sent too soon after the last notice (R8).
    """
    for step in case.steps:
        if step.kind is not StepKind.HANDOFF:
            case = case.with_earlier_notice(step.on)
    return case.changed(
        steps=(),
        option=None,
        handoff_on=None,
        round=case.round + 1,
        approval_wanted=False,
        chargeback_due=False,
        chargeback_approval=False,
        blocked_by=None,
        restarted_on=None,
    )


def _begun(case: DunningCase, inputs: CaseInputs, at: datetime) -> DunningCase:
    """Begin the handoff: from here on a stop is refused, the partner may have the claim (R17)."""
    if not inputs.address_complete:
        return blocked_by_address(case, inputs, at)
    return case.changed(handoff_begun=True)


def _asking_the_seller(case: DunningCase, at: datetime, **changes: Any) -> DunningCase:
    waiting = case.begins_to_wait(at, approval_wanted=True, **changes)
    about = SellerMailKind.APPROVAL_WANTED
    return waiting.with_seller_mail(
        SellerMailDue(about=about, key=f"{about}/{waiting.times_waiting}")
    )


def _without_handoff(case: DunningCase, **changes: Any) -> DunningCase:
    """End the handoff without a claim; if the order was canceled meanwhile, end the case (R29)."""
    ends = case.ends_with_order and not case.has_ended
    return case.changed(
        handoff_begun=False, handoff_called_off=False, canceled=case.canceled or ends, **changes
    )
