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
from typing import Any, Final, Self

from dunning.days import DAY, Terms
from dunning.deeds import DeedKind, Facts, Fee, Outcome, Payment, Result, Reversal
from dunning.history import Detail, Event, EventName
from dunning.money import Money
from dunning.plan import ADVANCE_DAYS, DunningOption, Hold, StepKind, StepTaken, next_step
from dunning.stages import BlockedBy, Stage
from dunning.state import CaseState, Claim, Mended, OpenHold

_STEP_OF_DEED: Final = {
    DeedKind.PAYMENT_REMINDER: StepKind.PAYMENT_REMINDER,
    DeedKind.FIRST_NOTICE: StepKind.FIRST_NOTICE,
    DeedKind.FINAL_NOTICE: StepKind.FINAL_NOTICE,
}

_NEEDS_ADDRESS: Final = frozenset(
    {DeedKind.FIRST_NOTICE, DeedKind.FINAL_NOTICE, DeedKind.SUBMIT_CLAIM}
)


class Refused(Exception):
    """The request was understood and is not possible now; the reason is one word."""


class DunningCase(CaseState, frozen=True):
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
        """R13: a running case goes on with the higher open amount; an ended one records it."""
        if any(known.chargeback_id == reversal.chargeback_id for known in self.reversals):
            return self
        shown = reversal.amount
        counted = reversal
        if self.is_over and self.stage is not Stage.STOPPED:
            zero = Money.zero(shown.currency)
            counted = reversal.model_copy(update={"amount": zero, "fee": zero})
        reversed_ = self._with(reversals=(*self.reversals, counted))
        return reversed_._note(
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
        return case if canceled_at is None else case.after_order_canceled(canceled_at)

    def rebased(self, newer: Self) -> Self:
        """What happened according to this case, on a case that another run has brought further."""
        facts = Facts(payments=self.payments, reversals=self.reversals, fees=self.fees)
        case = newer.after_facts(facts)
        canceled = next((e.at for e in self.journal if e.name is EventName.ORDER_CANCELED), None)
        return case if canceled is None else case.after_order_canceled(canceled)

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
        if self.is_over:
            return Outcome.NOTHING_OWED
        if deed is DeedKind.SUBMIT_CLAIM and self.order_canceled:
            return Outcome.NOTHING_OWED
        if not self._plans(deed, at):
            return Outcome.NOT_NOW
        if deed in _NEEDS_ADDRESS and not address_complete:
            return Outcome.BLOCKED
        return None

    def _plans(self, deed: DeedKind, at: datetime) -> bool:
        """Whether this is what the case does next, and its moment has come."""
        begins_now = deed is DeedKind.CANCELLATION
        planned = (self._with(handoff_begun=False) if begins_now else self).next_deed(at)
        return planned is not None and planned.kind is deed and planned.at <= at

    def after_order_canceled(self, at: datetime) -> Self:
        """R29: what is open or stopped ends; a claim stays until the partner lets it go."""
        if self.order_canceled or (self.is_over and self.stage is not Stage.STOPPED):
            return self
        ends = self.claim is None and not self.handoff_begun
        canceled = self._with(order_canceled=True, canceled=ends)
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

    def after_hold_ended(self, at: datetime) -> Self:
        """R19: once, however often it is noticed."""
        if self.hold is None:
            return self
        key = f"resumed/{self.hold.request_id}"
        return self._without_hold(at)._note(EventName.CASE_RESUMED, at, key=key)

    def after(self, result: Result) -> Self:
        """What came of a deed; the case may have changed since it began."""
        case = self.after_facts(result.facts)._with(results=self.results + 1, mended=())
        case = case.with_terms(result.terms)
        if result.outcome is Outcome.DONE:
            return case._after_done(result)
        if case.handoff_begun and result.deed is DeedKind.HANDOFF:
            return case  # somebody has escalated while this was being decided
        without_hold = case._with(hold=None)
        match result.outcome:
            case Outcome.PASSED_OVER:
                return case._with(advance_wanted=False)
            case Outcome.GO if case._plans(result.deed, result.at):
                return case._with(handoff_begun=True)
            case Outcome.APPROVAL_WANTED if without_hold._plans(result.deed, result.at):
                return case._with(approval_wanted=True)
            case Outcome.BLOCKED if without_hold._plans(result.deed, result.at):
                return case._after_blocked(result, mended=self.mended)
            case Outcome.REJECTED:
                return case._without_handoff(approval_wanted=True, round=case.round + 1)
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
                reference = result.reference or self.claim_reference
                return self._with_step(StepKind.HANDOFF, on)._with(
                    claim=Claim(reference=reference, at=result.at),
                    handoff_begun=False,
                    approval_wanted=False,
                )
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
        """R17: a stopped case goes on with the step not yet taken, after its full gap."""
        if self.stage is not Stage.STOPPED:
            self._refuse_if_ended_or_handed_over()
            raise Refused("not_stopped")
        started = self._with(
            stopped=False,
            restarted_on=self.terms.day_of(at),
            blocked_by=None,
            approval_wanted=False,
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
        if self.stage is Stage.BLOCKED and self.blocked_by is BlockedBy.ERROR:
            return self._with(blocked_by=None)._note(EventName.CASE_RESUMED, at)
        self._refuse_if_ended_or_handed_over()
        if self.hold is None:
            raise Refused("not_on_hold")
        end = self._end_of_hold()
        return self.after_hold_ended(min(at, end.at) if end else at)

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

    # --- the journal: what the database does not know yet ---------------------------------

    def recorded(self, entries: tuple[Event, ...]) -> Self:
        """Without the entries of the journal that have been written."""
        written = {event.key for event in entries}
        return self._with(journal=tuple(e for e in self.journal if e.key not in written))

    def _note(
        self, name: EventName, at: datetime, detail: Detail | None = None, key: str = ""
    ) -> Self:
        event = Event(key=key or f"{name}/{self.noted}", at=at, name=name, detail=detail or {})
        return self._with(journal=(*self.journal, event), noted=self.noted + 1)

    # --- small changes --------------------------------------------------------------------

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def _with_step(self, kind: StepKind, on: date) -> Self:
        return self._with(
            steps=(*self.steps, StepTaken(kind=kind, on=on)),
            advance_wanted=False,
        )

    def _without_hold_that_ran_out(self, at: datetime) -> Self:
        """A hold ends at its own moment, even if nobody was there to see it."""
        end = self._end_of_hold()
        return self.after_hold_ended(end.at) if end and end.at <= at else self

    def _without_hold(self, at: datetime) -> Self:
        if self.hold is None:
            return self
        if self.hold.until is not None:
            at = min(at, self.terms.midnight(self.hold.until + DAY))
        held = Hold(first_day=self.hold.first_day, end_day=self.terms.day_of(at))
        ended = self._with(hold=None, holds=(*self.holds, held))
        return ended._without_missed_advance_notice(at)

    def _without_missed_advance_notice(self, at: datetime) -> Self:
        """R3: one on hold or stopped at its moment gets none."""
        if not self.advance_wanted:
            return self
        day = self.receivable.due_date - ADVANCE_DAYS * DAY
        missed = self.terms.first_moment(day, self.receivable.slot) <= at
        return self._with(advance_wanted=not missed)

    def _without_handoff(self, **changes: Any) -> Self:
        """The partner has no claim; what had to wait for that happens now (R29)."""
        ends = self.order_canceled and not self.is_over
        return self._with(handoff_begun=False, canceled=self.canceled or ends, **changes)


def actions(case: DunningCase, at: datetime) -> tuple[str, ...]:
    """The requests that would be granted now; `escalate` if the address is complete."""
    requests: dict[str, Callable[[datetime], DunningCase]] = {
        "stop": case.stop,
        "start": case.start,
        "escalate": partial(case.escalate, address_complete=True),
        "hold": partial(case.put_on_hold, until=None, request_id=""),
        "resume": case.resume,
    }
    return tuple(name for name, ask in requests.items() if _is_granted(case, ask, at))


def _is_granted(case: DunningCase, ask: Callable[[datetime], DunningCase], at: datetime) -> bool:
    try:
        return ask(at) is not case
    except Refused:
        return False
