"""A case after the handoff: its claim, the way back, and what a chargeback reopens (R13, R15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, Self

from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.deeds import DeedKind, Outcome, Result, Reversal
from dunning.history import Detail, Event, EventName
from dunning.journal import CaseWithJournal
from dunning.money import Money
from dunning.notices import SellerTold
from dunning.plan import StepKind
from dunning.stages import Stage
from dunning.state import Claim, Tell

_OUTCOME_OF: Final = {
    Closing.RECOVERED: Stage.RECOVERED,
    Closing.UNCOLLECTIBLE: Stage.UNCOLLECTIBLE,
}


class CaseAtPartner(CaseWithJournal, frozen=True):
    """What the partner does with a claim, and what is done about that."""

    # --- the claim ------------------------------------------------------------------------

    def _with_claim(self, result: Result, on: date) -> Self:
        """R15: the partner has taken the claim; a cancellation of the order may have overtaken it.

        Documents, mails and questions follow only where it was said how the claim stands.
        """
        reference = result.reference or self.claim_reference
        is_followed = result.claim is not None
        survives = self.survives_order or result.facts.claims_go_on
        claim = Claim(
            reference=reference,
            at=result.at,
            status=result.claim,
            told=result.told,
            documents_due=is_followed,
            withdrawn=self.order_canceled and not survives,
            withdrawal_due=self.order_canceled and not survives,
        )
        taken = self._with_step(StepKind.HANDOFF, on)._with(
            claim=claim,
            survives_order=survives,
            handoff_begun=False,
            approval_wanted=False,
            chargeback_due=False,
            # If the partner rejects it, the seller may still choose the notices (R17).
            chargeback_approval=self.chargeback_approval or self.chargeback_due,
        )
        if not is_followed:
            return taken
        told = Tell(about=SellerTold.HANDED_OVER, key=f"{SellerTold.HANDED_OVER}/{reference}")
        return taken._telling(told)

    def _with_claim_withdrawn(self) -> Self:
        """R15: the partner is asked to stop, once."""
        if self.claim is None or self.claim.withdrawn:
            return self
        asked = {"withdrawn": True, "withdrawal_due": True}
        return self._with(claim=self.claim.model_copy(update=asked))

    def _after_errand(self, result: Result) -> Self:
        if result.outcome is Outcome.BLOCKED:
            return self._after_failed_errand(result)
        if result.outcome not in (Outcome.DONE, Outcome.PASSED_OVER):
            return self
        if result.deed is DeedKind.TELL_SELLER:
            return self._with(tells=tuple(t for t in self.tells if t.key not in result.told))
        if self.claim is None:
            return self
        claim = self.claim
        match result.deed:
            case DeedKind.ATTACH_DOCUMENTS:
                changes: dict[str, object] = {"documents_due": False}
            case DeedKind.REPORT_MONEY:
                changes = {"told": (*claim.told, *result.told)}
            case DeedKind.WITHDRAW_CLAIM:
                changes = {"withdrawal_due": False}
            case _:
                return self._after_check(claim, result)
        if result.outcome is Outcome.PASSED_OVER:
            changes["checks"] = 0  # the partner would not hear of it: how does the claim stand?
        return self._with(claim=claim.model_copy(update=changes))

    def _after_failed_errand(self, result: Result) -> Self:
        """R14: what cannot work waits until somebody lets it go on, and all else goes on.

        Whether the claim can be asked about is tried again at the next pause.
        """
        if result.deed is not DeedKind.CHECK_CLAIM:
            return self._with(failed_errands=(*self.failed_errands, result.deed))
        if self.claim is None:
            return self
        changes = {"checks": self.claim.checks + 1, "checked_at": result.at}
        return self._with(claim=self.claim.model_copy(update=changes))

    def _after_check(self, claim: Claim, result: Result) -> Self:
        """R15: how the claim stands; of a case that has ended it is only noted."""
        status = result.claim
        if status is None or result.reference != claim.reference:
            return self
        was_open = claim.is_open
        changes = {"status": status, "checks": claim.checks + 1, "checked_at": result.at}
        if claim.status is None:
            # From here on it is followed; what it knows of the money is what it was given then.
            changes["told"] = tuple(move.key for move in self.movements)
        checked = self._with(claim=claim.model_copy(update=changes))
        if status.closing is None or not was_open or self.is_over:
            return checked
        return checked._after_closing(claim, status.closing, status.collected)

    def _after_closing(self, claim: Claim, closing: Closing, collected: Money) -> Self:
        """R15, R29: the end that a closed claim brings, or the way back to the seller."""
        asked_to_stop = closing is Closing.WITHDRAWN or claim.withdrawn
        if self.ends_with_order:
            ended = self._with(canceled=True)
        elif asked_to_stop and closing is not Closing.RECOVERED:
            ended = self._without_claim(collected, of=self.owed)._with(stopped=True)
        elif closing is Closing.REJECTED:
            rejected = Tell(
                about=SellerTold.CLAIM_REJECTED,
                key=f"{SellerTold.CLAIM_REJECTED}/{claim.reference}",
            )
            back = self._without_claim(collected, of=self.owed)
            return back._with(approval_wanted=True)._telling(rejected)
        else:
            closed = self.claim or claim
            outcome = {"outcome": _OUTCOME_OF[closing]}
            ended = self._with(claim=closed.model_copy(update=outcome))
        return ended._telling_of_end(claim.reference)

    def _without_claim(self, collected: Money, *, of: Money) -> Self:
        """R16: the claim is at an end, and a next one would be that of another round.

        What the partner collected beyond what was owed then is its own costs.
        """
        collected = min(collected, of, key=lambda money: money.amount)
        steps = tuple(step for step in self.steps if step.kind is not StepKind.HANDOFF)
        before = self.collected_before or Money.zero(collected.currency)
        return self._with(
            claim=None,
            last_claim=self.claim.reference if self.claim else self.last_claim,
            collected_before=before + collected if collected.is_positive else before,
            steps=steps,
            round=self.round + 1,
        )

    def _telling_of_end(self, reference: str) -> Self:
        """The seller hears of the end of a case that had been handed over."""
        key = f"{SellerTold.CASE_CLOSED}/{reference}/{self.stage}"
        return self._telling(Tell(about=SellerTold.CASE_CLOSED, key=key, outcome=self.stage))

    # --- chargebacks of ended cases ---------------------------------------------------------

    def _reopened(self, reversal: Reversal, was: Stage) -> Self:
        """R13: what a chargeback makes of a case that had ended, the money counted already."""
        if was is Stage.STOPPED:
            return self._telling_of_chargeback(reversal)
        if not self.owed.is_positive:
            return self
        if self.claim is not None and self.claim.is_open:
            return self
        if self.claim is not None:
            return self._back_to_the_seller(self.claim, of=self.owed - reversal.moved)
        again = self._without_hold(reversal.at)._with(
            stopped=False, blocked_by=None, approval_wanted=False
        )
        is_past_due = self.terms.day_of(reversal.at) > self.receivable.due_date
        return again._with(chargeback_due=is_past_due)

    def _back_to_the_seller(self, claim: Claim, *, of: Money) -> Self:
        """R13: the claim is closed, the seller decides whatever the switch says."""
        collected = claim.status.collected if claim.status else None
        wanted = Tell(
            about=SellerTold.APPROVAL_WANTED,
            key=f"{SellerTold.APPROVAL_WANTED}/{claim.reference}",
        )
        return (
            self._without_claim(collected or Money.zero(of.currency), of=of)
            ._with(approval_wanted=True, chargeback_approval=True, blocked_by=None)
            ._telling(wanted)
        )

    def _stays_closed(self, reversal: Reversal) -> bool:
        """R13: in a canceled order nothing is reopened, but for claims that go on (R11)."""
        has_claim = self.claim is not None or self.last_claim is not None
        if self.order_canceled:
            return not self.survives_order
        return reversal.order_canceled and not (reversal.claims_go_on and has_claim)

    def _telling_of_chargeback(self, reversal: Reversal) -> Self:
        key = f"{SellerTold.CHARGEBACK}/{reversal.chargeback_id}"
        tell = Tell(about=SellerTold.CHARGEBACK, key=key, amount=reversal.shown)
        return self._telling(tell)

    def _in_new_round(self) -> Self:
        """R13, R17: the notices begin anew, with the payment reminder."""
        return self._with(
            steps=(),
            option=None,
            round=self.round + 1,
            approval_wanted=False,
            chargeback_due=False,
            chargeback_approval=False,
            blocked_by=None,
            restarted_on=None,
        )


def claim_events(
    claim: Claim, now: ClaimStatus, *, at: datetime, reason: str | None, is_over: bool
) -> tuple[Event, ...]:
    """What a claim's new status is in the history of its case; nothing if it is the old one.

    `reason` are the partner's words for a rejection. Of a case that has ended every change is
    a `claim.updated`, and so is the closing of a claim that was asked back.
    """
    before = claim.status
    if before == now:
        return ()
    return tuple(_events(claim, before, now, at=at, reason=reason, is_over=is_over))


def _events(
    claim: Claim,
    before: ClaimStatus | None,
    now: ClaimStatus,
    *,
    at: datetime,
    reason: str | None,
    is_over: bool,
) -> Iterator[Event]:
    has_begun = now.phase in (ClaimPhase.ACCEPTED, ClaimPhase.IN_COURT)
    was_submitted = before is None or before.phase is ClaimPhase.SUBMITTED
    is_rejected = now.closing is Closing.REJECTED and not is_over and not claim.withdrawn
    if has_begun and was_submitted and not is_over:
        yield Event(key=f"{claim.reference}/accepted", at=at, name=EventName.CLAIM_ACCEPTED)
        if now.phase is ClaimPhase.ACCEPTED and not now.collected.is_positive:
            return
    if is_rejected:
        yield Event(
            key=f"{claim.reference}/rejected",
            at=at,
            name=EventName.CLAIM_REJECTED,
            detail={"reason": reason, "close_code": now.close_code},
        )
        return
    detail: Detail = {"status": now.phase, "collected": str(now.collected)}
    if now.close_code is not None:
        detail["close_code"] = now.close_code
    if now.is_disputed:
        detail["disputed"] = "yes"
    yield Event(
        key=f"{claim.reference}/updated/{claim.checks}",
        at=at,
        name=EventName.CLAIM_UPDATED,
        detail=detail,
    )
