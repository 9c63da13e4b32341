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

from pydantic import AwareDatetime, BaseModel

from dunning.days import DAY, Terms
from dunning.deeds import (
    Deed,
    DeedKind,
    Facts,
    Fee,
    Outcome,
    Payment,
    Result,
    Reversal,
)
from dunning.history import Detail, Event, EventName
from dunning.money import Money, total
from dunning.plan import (
    ADVANCE_DAYS,
    DunningOption,
    Hold,
    Step,
    StepKind,
    StepTaken,
    earliest_day,
    next_step,
)
from dunning.receivables import Receivable
from dunning.stages import ENDS, BlockedBy, Stage

_STAGE_AFTER: Final = {
    StepKind.PAYMENT_REMINDER: Stage.REMINDED,
    StepKind.FIRST_NOTICE: Stage.FIRST_NOTICE,
    StepKind.FINAL_NOTICE: Stage.FINAL_NOTICE,
}
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


class OpenHold(BaseModel, frozen=True):
    """A pause that lasts; `until` is its last day (R19). Its reason stands with the request."""

    first_day: date
    until: date | None
    request_id: str


class Claim(BaseModel, frozen=True):
    """What the partner was given, by our reference (case and round)."""

    reference: str
    at: AwareDatetime


class Opening(BaseModel, frozen=True):
    """What a case has to do as soon as it is open: R2's notice, and R14's word to the seller."""

    invoice_notice: bool = False
    address_incomplete: bool = False


class DunningCase(BaseModel, frozen=True):
    """All that is known about the collection of one receivable, without a person's data."""

    receivable: Receivable
    terms: Terms
    opened_on: date
    opening: Opening | None = None
    invoice_notice_on: date | None = None
    advance_wanted: bool = False
    steps: tuple[StepTaken, ...] = ()
    round: int = 1
    payments: tuple[Payment, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    fees: tuple[Fee, ...] = ()
    hold: OpenHold | None = None
    holds: tuple[Hold, ...] = ()
    stopped: bool = False
    restarted_on: date | None = None
    option: DunningOption | None = None
    blocked_by: BlockedBy | None = None
    approval_wanted: bool = False
    handoff_begun: bool = False
    claim: Claim | None = None
    canceled: bool = False
    order_canceled: bool = False
    results: int = 0
    journal: tuple[Event, ...] = ()
    noted: int = 0

    # --- what follows from it ------------------------------------------------------------

    @property
    def case_id(self) -> str:
        return self.receivable.case_id

    @property
    def open_amount(self) -> Money:
        """Receivable - payments + reversals + fees; below zero if more came than was owed."""
        currency = self.receivable.amount.currency
        came = total((payment.amount for payment in self.payments), currency)
        back = total((undone.amount + undone.fee for undone in self.reversals), currency)
        costs = total((fee.amount for fee in self.fees), currency)
        return self.receivable.amount - came + back + costs

    @property
    def stage(self) -> Stage:
        if self.canceled:
            return Stage.CANCELED
        if not self.open_amount.is_positive:
            return Stage.SETTLED if self.claim else Stage.PAID
        if self.stopped:
            return Stage.STOPPED
        if self.claim:
            return Stage.HANDED_OVER
        if self.hold:
            return Stage.ON_HOLD
        if self.blocked_by:
            return Stage.BLOCKED
        if self.approval_wanted:
            return Stage.AWAITING_APPROVAL
        return _STAGE_AFTER[self.steps[-1].kind] if self.steps else Stage.SCHEDULED

    @property
    def is_over(self) -> bool:
        return self.stage in ENDS

    @property
    def final_notice_sent(self) -> bool:
        return any(step.kind is StepKind.FINAL_NOTICE for step in self.steps)

    @property
    def claim_reference(self) -> str:
        """Our reference for the claim of this round at the partner (R16)."""
        return f"{self.case_id}-{self.round}"

    def key(self, effect: str) -> str:
        """The key of an effect: one a case, round and step, so that it happens once (R16)."""
        return f"{self.case_id}/{self.round}/{effect}"

    def next_deed(self, now: datetime) -> Deed | None:
        """What the case does next by itself and when; None while it waits for somebody."""
        if self.is_over or self.claim:
            return None
        if self.handoff_begun:
            return Deed(kind=DeedKind.SUBMIT_CLAIM, at=now)
        if self.hold:
            return self._end_of_hold()
        if self.opening:
            return Deed(kind=DeedKind.OPEN, at=now)
        if self.blocked_by or self.approval_wanted:
            return None
        return self._advance_notice(now) or self._next_step(now)

    def _end_of_hold(self) -> Deed | None:
        if self.hold is None or self.hold.until is None:
            return None
        return Deed(kind=DeedKind.END_HOLD, at=self.terms.midnight(self.hold.until + DAY))

    def _advance_notice(self, now: datetime) -> Deed | None:
        """R3: sent before the due date or never."""
        if not self.advance_wanted:
            return None
        due = self.receivable.due_date
        at = self.terms.moment_from(due - ADVANCE_DAYS * DAY, self.receivable.slot, now=now)
        if self.terms.day_of(at) >= due:
            return None
        return Deed(kind=DeedKind.ADVANCE_NOTICE, at=at)

    def _next_step(self, now: datetime) -> Deed | None:
        step = next_step(self.steps)
        if step is None:
            return None
        at = self.terms.moment_from(self._day_of(step), self.receivable.slot, now=now)
        return Deed(kind=self._deed_of(step.kind), at=at)

    def _day_of(self, step: Step) -> date:
        return earliest_day(
            step,
            due_date=self.receivable.due_date,
            last_taken=self.steps[-1].on if self.steps else None,
            restarted_on=self.restarted_on,
            invoice_notice_on=self.invoice_notice_on,
            holds=self.holds,
        )

    def _deed_of(self, step: StepKind) -> DeedKind:
        if step is StepKind.HANDOFF and self.option is DunningOption.NO_COLLECTION:
            return DeedKind.CANCELLATION
        return DeedKind(step)

    def with_option(self, option: DunningOption) -> Self:
        """The case as it is with the option now in force, unless a final notice has fixed one."""
        return self if self.option else self._with(option=option)

    def following_step(self, deed: DeedKind, at: datetime) -> tuple[DeedKind, date] | None:
        """The step after this one if it is taken now, and its day: what a notice names (R7)."""
        kind = _STEP_OF_DEED.get(deed)
        taken = self._with_step(kind, self.terms.day_of(at)) if kind else self
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

    def _after_fee(self, fee: Fee) -> Self:
        known = any(other.key == fee.key for other in self.fees)
        return self if known else self._with(fees=(*self.fees, fee))

    def renewed(self, facts: Facts, terms: Terms) -> Self:
        """The case with everything as it is now in the books and the settings."""
        return self.after_facts(facts)._with(terms=terms)

    def hindrance(self, deed: DeedKind, at: datetime, *, address_complete: bool) -> Outcome | None:
        """What keeps a deed from being done now (R9, R10, R14); None if nothing does."""
        if self.is_over:
            return Outcome.NOTHING_OWED
        planned = self.next_deed(at)
        if planned is None or planned.kind is not deed or planned.at > at:
            return Outcome.NOT_NOW
        if deed in _NEEDS_ADDRESS and not address_complete:
            return Outcome.BLOCKED
        return None

    def after_order_canceled(self, at: datetime) -> Self:
        """R29: what is open or stopped ends; a claim stays until the partner lets it go."""
        if self.order_canceled or (self.is_over and self.stage is not Stage.STOPPED):
            return self
        ends = self.claim is None and not self.handoff_begun
        canceled = self._with(order_canceled=True, canceled=ends)
        return canceled._note(EventName.ORDER_CANCELED, at, key="order_canceled")

    def after_customer_changed(self, *, address_complete: bool, email_changed: bool) -> Self:
        """R14: what blocked the case is mended, and it goes on by itself."""
        mended = (self.blocked_by is BlockedBy.ADDRESS and address_complete) or (
            self.blocked_by is BlockedBy.EMAIL and email_changed
        )
        return self._with(blocked_by=None) if mended else self

    def after_hold_ended(self, at: datetime) -> Self:
        return self._without_hold(at)._note(EventName.CASE_RESUMED, at)

    def after(self, result: Result) -> Self:
        """What came of a deed; the case may have changed since it began."""
        case = self.after_facts(result.facts)._with(results=self.results + 1)
        if result.terms is not None:
            case = case._with(terms=result.terms)
        match result.outcome:
            case Outcome.DONE:
                return case._after_done(result)
            case Outcome.PASSED_OVER:
                return case._with(advance_wanted=False)
            case Outcome.BLOCKED:
                return case._without_handoff(blocked_by=result.blocked_by)
            case Outcome.APPROVAL_WANTED:
                return case._with(approval_wanted=True)
            case Outcome.GO:
                # From here on the claim may be at the partner: a stop is refused (R17).
                waits = case.is_over or case.hold
                return case if waits else case._with(handoff_begun=True)
            case Outcome.REJECTED:
                return case._without_handoff(approval_wanted=True, round=case.round + 1)
            case Outcome.NOT_NOW | Outcome.NOTHING_OWED:
                return case._without_handoff()

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
            case DeedKind.SUBMIT_CLAIM:
                reference = result.reference or self.claim_reference
                return self._with_step(StepKind.HANDOFF, on)._with(
                    claim=Claim(reference=reference, at=result.at),
                    handoff_begun=False,
                    approval_wanted=False,
                )
            case DeedKind.CANCELLATION:
                return self._with_step(StepKind.HANDOFF, on)._with(
                    canceled=True, order_canceled=True
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
        if self.hold:
            raise Refused("on_hold")
        if not address_complete:
            raise Refused("address_incomplete")
        escalated = self._with(handoff_begun=True, blocked_by=None)
        return escalated._note(EventName.CASE_ESCALATED, at)

    def put_on_hold(self, at: datetime, *, until: date | None, request_id: str) -> Self:
        """R19: the clock stops; a second hold changes `until` and keeps the first day."""
        self._refuse_if_ended_or_handed_over()
        first_day = self.hold.first_day if self.hold else self.terms.day_of(at)
        held = self._with(hold=OpenHold(first_day=first_day, until=until, request_id=request_id))
        return held._note(
            EventName.CASE_HELD,
            at,
            {"until": until.isoformat() if until else None},
            key=f"held/{request_id}",
        )

    def resume(self, at: datetime) -> Self:
        """R19: the hold ends now; or, of a case blocked by an error, R14: it goes on."""
        self._refuse_if_ended_or_handed_over()
        if self.hold:
            return self.after_hold_ended(at)
        if self.blocked_by is BlockedBy.ERROR:
            return self._with(blocked_by=None)._note(EventName.CASE_RESUMED, at)
        raise Refused("not_on_hold")

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
            restarted_on=None,
            advance_wanted=False,
        )

    def _without_hold(self, at: datetime) -> Self:
        if self.hold is None:
            return self
        end_day = self.terms.day_of(at)
        held = Hold(first_day=self.hold.first_day, end_day=end_day)
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
