"""What is known about a case, and what follows from it: its stage, and what it does next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel

from dunning.days import DAY, Terms
from dunning.deeds import Deed, DeedKind, Fee, Payment, Reversal
from dunning.history import Event
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


class Mended(BaseModel, frozen=True):
    """What blocks a case was mended, while it may just be being tried."""

    what: BlockedBy
    at: AwareDatetime


class Version(BaseModel, frozen=True):
    """How far a case has come: entries of the history noted, results of deeds heard of."""

    noted: int
    results: int


class CaseState(BaseModel, frozen=True):
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
    mended: tuple[Mended, ...] = ()
    results: int = 0
    journal: tuple[Event, ...] = ()
    noted: int = 0

    @property
    def case_id(self) -> str:
        return self.receivable.case_id

    @property
    def version(self) -> Version:
        return Version(noted=self.noted, results=self.results)

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
        if self.hold and not self.handoff_begun:
            return self._end_of_hold()
        if self.blocked_by:
            return None
        if self.handoff_begun:
            return Deed(kind=self._last_deed, at=now)
        if self.approval_wanted:
            return None
        if self.opening:
            return Deed(kind=DeedKind.OPEN, at=now)
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
        kind = self._deed_of(step.kind)
        if kind is DeedKind.HANDOFF and self.terms.no_handoff_before is not None:
            now = max(now, self.terms.no_handoff_before)
        at = self.terms.moment_from(self._day_of(step), self.receivable.slot, now=now)
        return Deed(kind=kind, at=at)

    def _day_of(self, step: Step) -> date:
        return earliest_day(
            step,
            due_date=self.receivable.due_date,
            last_taken=self.steps[-1].on if self.steps else None,
            restarted_on=self.restarted_on,
            invoice_notice_on=self.invoice_notice_on,
            holds=self.holds,
        )

    @property
    def _last_deed(self) -> DeedKind:
        """What a handoff that has begun comes to (R11)."""
        no_collection = self.option is DunningOption.NO_COLLECTION
        return DeedKind.CANCELLATION if no_collection else DeedKind.SUBMIT_CLAIM

    def _deed_of(self, step: StepKind) -> DeedKind:
        is_cancellation = self._last_deed is DeedKind.CANCELLATION
        return (
            DeedKind.CANCELLATION
            if step is StepKind.HANDOFF and is_cancellation
            else DeedKind(step)
        )
