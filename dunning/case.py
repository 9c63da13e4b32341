"""A case: what happened to one receivable, the stage that follows from it, and what comes next.

    scheduled -> reminded -> first_notice -> final_notice -> [awaiting_approval] -> handed_over
    ends: paid | settled | stopped | canceled | recovered | uncollectible

What happened (`after_...`) is noted and never refused; what somebody asks for (`stop`, `start`,
`escalate`, `hold`, `resume`) may be. Everything here is a function of frozen values: no clock,
no database, no Temporal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Final, Self

from dunning.at_partner import CaseAtPartner
from dunning.days import Terms
from dunning.deeds import ERRANDS, DeedKind, Facts, Fee, Outcome, Payment, Result, Reversal
from dunning.history import EventName
from dunning.plan import DunningOption, StepKind, next_step
from dunning.stages import ENDS, BlockedBy, Stage
from dunning.state import Mended, OpenHold

_STEP_OF_DEED: Final = {
    DeedKind.PAYMENT_REMINDER: StepKind.PAYMENT_REMINDER,
    DeedKind.FIRST_NOTICE: StepKind.FIRST_NOTICE,
    DeedKind.FINAL_NOTICE: StepKind.FINAL_NOTICE,
}

_DECISIONS: Final = frozenset({DeedKind.HANDOFF, DeedKind.CHARGEBACK})
_NEEDS_ADDRESS: Final = frozenset(
    {DeedKind.FIRST_NOTICE, DeedKind.FINAL_NOTICE, DeedKind.SUBMIT_CLAIM}
)


class Refused(Exception):
    """The request was understood and is not possible now; the reason is one word."""


class DunningCase(CaseAtPartner, frozen=True):
    """A case that notes what happens to it and does what it is asked for, or refuses."""

    def with_option(self, option: DunningOption) -> Self:
        """The case as it is with the option now in force, unless a final notice has fixed one."""
        return self if self.option else self._with(option=option)

    def following_step(self, deed: DeedKind, at: datetime) -> tuple[DeedKind, date] | None:
        """The step after this one if it is taken now, and its day: what a notice names (R7)."""
        kind = _STEP_OF_DEED.get(deed)
        taken = self._with_step(kind, self.terms.day_of(at)) if kind else self
        if deed is DeedKind.OPEN:
            taken = self._after_done(Result(deed=deed, outcome=Outcome.DONE, at=at))
        step = next_step(taken.steps)
        if step is None:
            return None
        moment = self.terms.first_moment(taken._day_of(step), self.receivable.slot)
        return taken._deed_of(step.kind), self.terms.day_of(moment)

    # --- what happened: noted, never refused ---------------------------------------------

    def after_payment(self, payment: Payment) -> Self:
        """R20: noted once, however often it is reported."""
        if any(known.payment_id == payment.payment_id for known in self.payments):
            return self
        shown = payment.amount if payment.amount.is_positive else payment.credit
        paid = self._with(payments=(*self.payments, payment))
        claim = self.claim
        if claim and claim.status and not self.is_over and paid.stage is Stage.SETTLED:
            paid = paid._telling_of_end(claim.reference)
        return paid._note(
            EventName.PAYMENT_RECORDED,
            payment.at,
            {
                "payment_id": payment.payment_id,
                "amount": str(shown),
                "currency": shown.currency,
            },
            key=f"payment/{payment.payment_id}",
        )

    def after_reversal(self, reversal: Reversal) -> Self:
        """R13: a running case goes on with the higher open amount; an ended one is reopened.

        In a canceled order nothing is reopened, the seller is told.
        """
        if any(known.chargeback_id == reversal.chargeback_id for known in self.reversals):
            return self
        shown, was = reversal.shown, self.stage
        case = self._with(reversals=(*self.reversals, reversal))
        if was is Stage.CANCELED or (was in ENDS and case._stays_closed(reversal)):
            case = case._telling_of_chargeback(reversal)._with(closed_as=was)
        elif was in ENDS:
            case = case._reopened(reversal, was)
        return case._note(
            EventName.PAYMENT_REVERSED,
            reversal.at,
            {
                "payment_id": reversal.payment_id,
                "amount": str(shown),
                "currency": shown.currency,
            },
            key=f"chargeback/{reversal.chargeback_id}",
        )

    def after_facts(self, facts: Facts) -> Self:
        """All that the books know of the receivable, in the order in which it happened."""
        case = self
        money: list[Payment | Reversal] = [*facts.payments, *facts.reversals]
        for fact in sorted(money, key=lambda fact: fact.at):
            if isinstance(fact, Payment):
                case = case.after_payment(fact)
            else:
                case = case.after_reversal(fact)
        for fee in facts.fees:
            case = case._after_fee(fee)
        canceled_at = facts.order_canceled_at
        if canceled_at is None:
            return case
        return case.after_order_canceled(canceled_at, claims_go_on=facts.claims_go_on)

    def rebased(self, newer: Self) -> Self:
        """What happened according to this case, on a case that another run has brought further."""
        facts = Facts(payments=self.payments, reversals=self.reversals, fees=self.fees)
        case = newer.after_facts(facts)
        canceled = next((e.at for e in self.journal if e.name is EventName.ORDER_CANCELED), None)
        if canceled is None:
            return case
        return case.after_order_canceled(canceled, claims_go_on=self.survives_order)

    def _after_fee(self, fee: Fee) -> Self:
        known = any(other.key == fee.key for other in self.fees)
        return self if known else self._with(fees=(*self.fees, fee))

    def with_terms(self, terms: Terms | None) -> Self:
        """The case with the seller's settings as they are now, if somebody knows them."""
        return self if terms is None else self._with(terms=terms)

    def renewed(self, facts: Facts, terms: Terms) -> Self:
        """The case with everything as it is now in the books and the settings."""
        return self.after_facts(facts)._with(terms=terms)

    def hindrance(self, deed: DeedKind, at: datetime, *, address_complete: bool) -> Outcome | None:
        """What keeps a deed from being done now (R9, R10, R14); None if nothing does."""
        if deed in ERRANDS:
            return None if self.has_errand(deed) else Outcome.NOT_NOW
        if self.is_over:
            return Outcome.NOTHING_OWED
        if deed is DeedKind.SUBMIT_CLAIM and self.ends_with_order:
            return Outcome.NOTHING_OWED
        if not self._plans(deed, at):
            return Outcome.NOT_NOW
        if deed in _NEEDS_ADDRESS and not address_complete:
            return Outcome.BLOCKED
        return None

    def _plans(self, deed: DeedKind, at: datetime) -> bool:
        """Whether this is what the case does next, and its moment has come."""
        begins_now = deed is DeedKind.CANCELLATION
        planned = (self._with(handoff_begun=False) if begins_now else self).next_act(at)
        return planned is not None and planned.kind is deed and planned.at <= at

    def after_order_canceled(self, at: datetime, *, claims_go_on: bool = False) -> Self:
        """R29: what is open or stopped ends, a claim is withdrawn and ends with the partner's word.

        R11: an order that was canceled for the sake of a claim leaves claims as they are.
        """
        if self.order_canceled or (self.is_over and self.stage is not Stage.STOPPED):
            return self
        # A handoff that cannot work asks once more whether the partner has the claim.
        is_stuck = self.handoff_begun and self.blocked_by is BlockedBy.ERROR
        canceled = self._with(
            order_canceled=True,
            blocked_by=None if is_stuck else self.blocked_by,
            canceled=self.claim is None and not self.handoff_begun,
            survives_order=claims_go_on and self.claim is not None,
        )
        if not claims_go_on:
            canceled = canceled._with_claim_withdrawn()
        return canceled._note(EventName.ORDER_CANCELED, at, key="order_canceled")

    def after_customer_changed(
        self, at: datetime, *, address_complete: bool, email_changed: bool
    ) -> Self:
        """R14: what blocked the case is mended, and it goes on by itself."""
        changes = {BlockedBy.ADDRESS: address_complete, BlockedBy.EMAIL: email_changed}
        mended = [what for what, is_mended in changes.items() if is_mended]
        return self._with(
            blocked_by=None if self.blocked_by in mended else self.blocked_by,
            mended=tuple(Mended(what=what, at=at) for what in mended),
        )

    def after_settings_answered(self) -> Self:
        """R21: nothing keeps the handoff from its day any more."""
        return self._with(terms=self.terms.model_copy(update={"no_handoff_before": None}))

    def begun(self, deed: DeedKind) -> Self:
        """From here on a stop is refused: the order is being canceled (R11, R17)."""
        return self._with(handoff_begun=True) if deed is DeedKind.CANCELLATION else self

    def after(self, result: Result) -> Self:
        """What came of a deed; the case may have changed since it began."""
        case = self.after_facts(result.facts)._with(results=self.results + 1, mended=())
        case = case.with_terms(result.terms)
        if result.deed in ERRANDS:
            return case._after_errand(result)
        if result.outcome is Outcome.DONE:
            return case._after_done(result)
        if case.handoff_begun and result.deed in _DECISIONS:
            return case  # somebody has escalated while this was being decided
        without_hold = case._with(hold=None)
        match result.outcome:
            case Outcome.PASSED_OVER:
                return case._with(advance_wanted=False)
            case Outcome.GO if case._plans(result.deed, result.at):
                return case._with(handoff_begun=True, option=case.option or result.option)
            case Outcome.APPROVAL_WANTED if without_hold._plans(result.deed, result.at):
                return case._with(
                    approval_wanted=True,
                    option=case.option or result.option,
                    chargeback_approval=case.chargeback_due,
                    chargeback_due=False,
                )
            case Outcome.NEW_ROUND if without_hold._plans(result.deed, result.at):
                return case._in_new_round()
            case Outcome.BLOCKED if without_hold._plans(result.deed, result.at):
                return case._after_blocked(result, mended=self.mended)
            case Outcome.REJECTED:
                return case._without_handoff(
                    approval_wanted=True,
                    round=case.round + 1,
                    last_claim=case.claim_reference,
                    chargeback_approval=case.chargeback_approval or case.chargeback_due,
                    chargeback_due=False,
                )
        return case._without_handoff()

    def _after_blocked(self, result: Result, *, mended: tuple[Mended, ...]) -> Self:
        """What was mended after the step was tried is tried once more.

        After an error the claim may be at the partner all the same: the handoff stays begun.
        """
        if result.blocked_by is BlockedBy.ERROR:
            return self._with(blocked_by=BlockedBy.ERROR)
        again = any(m.what is result.blocked_by and m.at > result.at for m in mended)
        return self._without_handoff(blocked_by=None if again else result.blocked_by)

    def _after_done(self, result: Result) -> Self:
        on = self.terms.day_of(result.at)
        match result.deed:
            case DeedKind.OPEN:
                sent = self.opening is not None and self.opening.invoice_notice
                return self._with(
                    opening=None, invoice_notice_on=on if sent else self.invoice_notice_on
                )
            case DeedKind.ADVANCE_NOTICE:
                return self._with(advance_wanted=False)
            case DeedKind.END_HOLD:
                return self._without_hold_that_ran_out(result.at)
            case DeedKind.SUBMIT_CLAIM:
                return self._with_claim(result, on)
            case DeedKind.CANCELLATION:
                return self._with_step(StepKind.HANDOFF, on)._with(
                    canceled=True, order_canceled=True, handoff_begun=False
                )
            case _:
                taken = self._with_step(_STEP_OF_DEED[result.deed], on)
                return taken._with(option=result.option or self.option)

    # --- what is asked for: done, or refused with the reason ------------------------------

    def stop(self, at: datetime) -> Self:
        """R17: at any time until the handoff has begun; stopped again is stopped."""
        if self.stage is Stage.STOPPED:
            return self
        self._refuse_if_ended_or_handed_over()
        stopped = self._without_hold(at)._with(stopped=True)
        return stopped._note(EventName.CASE_STOPPED, at)

    def start(self, at: datetime) -> Self:
        """R17: a stopped case goes on with the step not yet taken, after its full gap.

        A chargeback that waits for the seller goes through the notices anew.
        """
        if self.stage is not Stage.STOPPED:
            self._refuse_if_ended_or_handed_over()
            if not (self.approval_wanted and self.chargeback_approval):
                raise Refused("not_stopped")
            if self._without_hold_that_ran_out(at).hold:
                raise Refused("on_hold")
            return self._in_new_round()._note(EventName.CASE_STARTED, at)
        started = self._with(
            stopped=False,
            restarted_on=self.terms.day_of(at),
            blocked_by=None,
            approval_wanted=False,
            chargeback_due=False,
            chargeback_approval=False,
        )
        return started._without_missed_advance_notice(at)._note(EventName.CASE_STARTED, at)

    def escalate(self, at: datetime, *, address_complete: bool) -> Self:
        """R18: handed over now, at any hour, if the customer has had the final notice."""
        self._refuse_if_ended_or_handed_over()
        if not (self.approval_wanted or self.final_notice_sent):
            raise Refused("final_notice_not_sent")
        if self.option is DunningOption.NO_COLLECTION:
            raise Refused("no_collection")
        case = self._without_hold_that_ran_out(at)
        if case.hold:
            raise Refused("on_hold")
        if not address_complete:
            raise Refused("address_incomplete")
        escalated = case._with(handoff_begun=True, blocked_by=None)
        return escalated._note(EventName.CASE_ESCALATED, at)

    def put_on_hold(self, at: datetime, *, until: date | None, request_id: str) -> Self:
        """R19: the clock stops; a second hold changes `until` and keeps the first day."""
        self._refuse_if_ended_or_handed_over()
        case = self._without_hold_that_ran_out(at)
        first_day = case.hold.first_day if case.hold else self.terms.day_of(at)
        held = case._with(hold=OpenHold(first_day=first_day, until=until, request_id=request_id))
        return held._note(
            EventName.CASE_HELD,
            at,
            {"until": until.isoformat() if until else None},
            key=f"held/{request_id}",
        )

    def resume(self, at: datetime) -> Self:
        """R19: the hold ends now; or, of a case blocked by an error, R14: it goes on."""
        if self.hold is None and self.blocked_by is BlockedBy.ERROR and not self.is_over:
            return self._with(blocked_by=None)._note(EventName.CASE_RESUMED, at)
        if self.failed_errands:
            return self._with(failed_errands=())._note(EventName.CASE_RESUMED, at)
        self._refuse_if_ended_or_handed_over()
        if self.hold is None:
            raise Refused("not_on_hold")
        end = self._end_of_hold()
        return self.after_hold_ended(min(at, end.at) if end else at)

    def withdraw(self, at: datetime) -> Self:
        """R15: the agency is asked to stop; the case ends when it has closed the claim."""
        if self.is_over:
            raise Refused("ended")
        if self.claim is None:
            raise Refused("handoff_begun" if self.handoff_begun else "not_handed_over")
        if self.claim.withdrawn:
            return self
        return self._with_claim_withdrawn()._note(EventName.CASE_WITHDRAWN, at)

    def after_refusal(self, request: str, reason: str, at: datetime) -> Self:
        """A refused request is part of the history, unless the case has ended."""
        if self.is_over:
            return self
        return self._note(EventName.REQUEST_REFUSED, at, {"request": request, "reason": reason})

    def _refuse_if_ended_or_handed_over(self) -> None:
        if self.is_over:
            raise Refused("ended")
        if self.claim:
            raise Refused("handed_over")
        if self.handoff_begun:
            raise Refused("handoff_begun")


def actions(case: DunningCase, at: datetime) -> tuple[str, ...]:
    """The requests that would be granted now; `escalate` if the address is complete."""
    requests: dict[str, Callable[[datetime], DunningCase]] = {
        "stop": case.stop,
        "start": case.start,
        "escalate": partial(case.escalate, address_complete=True),
        "hold": partial(case.put_on_hold, until=None, request_id=""),
        "resume": case.resume,
        "withdraw": case.withdraw,
    }
    return tuple(name for name, ask in requests.items() if _is_granted(case, ask, at))


def _is_granted(case: DunningCase, ask: Callable[[datetime], DunningCase], at: datetime) -> bool:
    try:
        return ask(at) is not case
    except Refused:
        return False
