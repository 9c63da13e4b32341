"""The claim of a case at the partner: checks, reports, withdrawal and closing (R15, R29)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from dunning.actions import ActionKind
from dunning.case.state import DunningCase, SellerMailDue
from dunning.claims import Claim, ClaimPhase, ClaimStatus, Closing
from dunning.history import Detail, Event, EventName
from dunning.ladder import StepKind
from dunning.money import Money
from dunning.notices import SellerMailKind
from dunning.stages import Stage

_OUTCOME_OF: Final = {
    Closing.RECOVERED: Stage.RECOVERED,
    Closing.UNCOLLECTIBLE: Stage.UNCOLLECTIBLE,
}


def claim_changed(case: DunningCase, reference: str) -> DunningCase:
    """Note that the partner reports a change of this claim, so that it is checked at once."""
    is_of_now = case.claim is not None and case.claim.reference == reference
    return case.changed(claim_check_wanted=True) if is_of_now else case


def claim_checked(
    case: DunningCase, reference: str, status: ClaimStatus, *, words: str | None, at: datetime
) -> DunningCase:
    """Take in the status of a claim; if the case has ended, only note it in the history.

    `words` is the partner's reason for a rejection.
    """
    claim = case.claim
    if claim is None or claim.reference != reference:
        return case
    entries = tuple(_news(claim, status, at=at, words=words, has_ended=case.has_ended))
    followed = claim.changed(status=status, checks=claim.checks + 1, checked_at=at)
    checked = case.changed(
        claim=followed, claim_check_wanted=False, events=(*case.events, *entries)
    )
    if status.closing is None or not claim.is_open or case.has_ended:
        return checked
    return _closed(checked, followed, status.closing, status.collected, at)


def claim_not_checked(case: DunningCase, at: datetime) -> DunningCase:
    """R14: note that a check cannot work; it is tried again after the next pause."""
    if case.claim is None:
        return case
    claim = case.claim.changed(checks=case.claim.checks + 1, checked_at=at)
    return case.changed(claim=claim, claim_check_wanted=False)


def documents_attached(case: DunningCase) -> DunningCase:
    """Note that the partner has the claim's documents, or has refused them."""
    return case.changed(claim=case.claim.changed(documents_due=False)) if case.claim else case


def money_reported(
    case: DunningCase, keys: Collection[str], *, is_accepted: bool = True
) -> DunningCase:
    """Note that the partner knows of this money.

    If `is_accepted` is false, it refuses the report for good; the claim is then checked soon.
    """
    claim = case.claim
    if claim is None:
        return case
    new = tuple(key for key in keys if key not in claim.reported)
    noted = case.changed(claim=claim.changed(reported=(*claim.reported, *new)))
    return noted if is_accepted else _to_be_checked_soon(noted)


def withdrawal_sent(case: DunningCase, *, is_accepted: bool = True) -> DunningCase:
    """Note that the partner was asked to stop; it reports itself when it has.

    If `is_accepted` is false, it refuses the request for good; the claim is then checked soon.
    """
    if case.claim is None:
        return case
    asked = case.changed(claim=case.claim.changed(withdrawal_due=False))
    return asked if is_accepted else _to_be_checked_soon(asked)


def action_failed(case: DunningCase, kind: ActionKind) -> DunningCase:
    """R14: note an action that cannot work; it waits until the case is resumed."""
    if kind in case.failed_actions:
        return case
    return case.changed(failed_actions=(*case.failed_actions, kind))


def with_claim_withdrawn(case: DunningCase) -> DunningCase:
    """R15: have the partner asked to stop, once."""
    if case.claim is None or case.claim.withdrawn:
        return case
    return case.changed(claim=case.claim.changed(withdrawn=True, withdrawal_due=True))


def back_to_the_seller(case: DunningCase, claim: Claim, at: datetime, *, of: Money) -> DunningCase:
    """R13: end a closed claim and let the seller decide, whatever its settings say.

    `of` is the amount that was owed before money went back.
    """
    mail = SellerMailDue(
        about=SellerMailKind.APPROVAL_WANTED,
        key=f"{SellerMailKind.APPROVAL_WANTED}/{claim.reference}",
    )
    back = without_claim(case, claim.status.collected, of=of)
    waiting = back.begins_to_wait(
        at, approval_wanted=True, chargeback_approval=True, blocked_by=None
    )
    return waiting.with_seller_mail(mail)


def without_claim(case: DunningCase, collected: Money, *, of: Money) -> DunningCase:
    """R16: end the claim; a new one belongs to the next round.

    What was collected above `of`, the amount owed, counts as the partner's costs.
    """
    collected = min(collected, of)
    before = case.collected_before or Money.zero(collected.currency)
    return case.changed(
        claim=None,
        claim_check_wanted=False,
        last_claim=case.claim.reference if case.claim else case.last_claim,
        collected_before=before + collected if collected.is_positive else before,
        steps=tuple(step for step in case.steps if step.kind is not StepKind.HANDOFF),
        round=case.round + 1,
    )


def with_closed_mail(case: DunningCase, reference: str) -> DunningCase:
    """Have the seller told of this end of a case that had been handed over, once for each end."""
    key = f"{SellerMailKind.CASE_CLOSED}/{reference}/{case.stage}"
    # The case may have had the same end before, and reopened when money went back.
    if times := len(case.reversals) + len(case.taken_back):
        key = f"{key}/{times}"
    return case.with_seller_mail(
        SellerMailDue(about=SellerMailKind.CASE_CLOSED, key=key, outcome=case.stage)
    )


def _closed(
    case: DunningCase, claim: Claim, closing: Closing, collected: Money, at: datetime
) -> DunningCase:
    """R15, R29: end the case as its closed claim says, or give it back to the seller."""
    asked_to_stop = closing is Closing.WITHDRAWN or claim.withdrawn
    if case.ends_with_order:
        ended = case.changed(canceled=True)
    elif asked_to_stop and closing is not Closing.RECOVERED:
        ended = without_claim(case, collected, of=case.owed).begins_to_wait(at, stopped=True)
    elif closing is Closing.REJECTED:
        mail = SellerMailDue(
            about=SellerMailKind.CLAIM_REJECTED,
            key=f"{SellerMailKind.CLAIM_REJECTED}/{claim.reference}",
        )
        back = without_claim(case, collected, of=case.owed)
        return back.begins_to_wait(at, approval_wanted=True).with_seller_mail(mail)
    else:
        ended = case.changed(claim=claim.changed(outcome=_OUTCOME_OF[closing]))
    return with_closed_mail(ended, claim.reference)


def _to_be_checked_soon(case: DunningCase) -> DunningCase:
    return case.changed(claim=case.claim.changed(checks=0)) if case.claim else case


def _news(
    claim: Claim, now: ClaimStatus, *, at: datetime, words: str | None, has_ended: bool
) -> Iterator[Event]:
    """Yield the entries of the history for a claim's new status; none if nothing has changed.

    If the case has ended, or the closed claim had been withdrawn, the entry is `claim.updated`.
    """
    before = claim.status
    if before == now:
        return
    has_begun = now.phase in (ClaimPhase.ACCEPTED, ClaimPhase.IN_COURT)
    was_submitted = before.phase is ClaimPhase.SUBMITTED
    if has_begun and was_submitted and not has_ended:
        yield Event(key=f"{claim.reference}/accepted", at=at, name=EventName.CLAIM_ACCEPTED)
        if now.phase is ClaimPhase.ACCEPTED and not now.collected.is_positive:
            return
    if now.closing is Closing.REJECTED and not has_ended and not claim.withdrawn:
        detail: Detail = {"reason": words, "close_code": now.close_code}
        key = f"{claim.reference}/rejected"
        yield Event(key=key, at=at, name=EventName.CLAIM_REJECTED, detail=detail)
        return
    detail = {"status": now.phase, "collected": str(now.collected)}
    if now.close_code is not None:
        detail["close_code"] = now.close_code
    if now.is_disputed:
        detail["disputed"] = "yes"
    key = f"{claim.reference}/updated/{claim.checks}"
    yield Event(key=key, at=at, name=EventName.CLAIM_UPDATED, detail=detail)
