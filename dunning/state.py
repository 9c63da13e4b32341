"""What is known about a case, and what follows from it: its stage, and what it does next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel

from dunning.claims import ClaimPhase, ClaimStatus
from dunning.days import DAY, Terms
from dunning.deeds import Deed, DeedKind, Fee, Movement, Payment, Reversal
from dunning.history import Event
from dunning.money import Money, total
from dunning.notices import SellerTold
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
FIRST_PAUSE: Final = timedelta(hours=6)
LONGEST_PAUSE: Final = timedelta(days=30)
_ERRANDS_AT_ONCE: Final = (
    DeedKind.ATTACH_DOCUMENTS,
    DeedKind.REPORT_MONEY,
    DeedKind.WITHDRAW_CLAIM,
    DeedKind.TELL_SELLER,
)


class OpenHold(BaseModel, frozen=True):
    """A pause that lasts; `until` is its last day (R19). Its reason stands with the request."""

    first_day: date
    until: date | None
    request_id: str


class Claim(BaseModel, frozen=True):
    """What the partner was given, by our reference (case and round), and what it knows.

    `status` is None of a claim that nobody has asked about: it is not followed by itself.
    `told` are the keys of the money that the partner knows of. `withdrawn`: it was asked to stop;
    `withdrawal_due`: that has still to be said. `outcome` is the end that the claim brought.
    """

    reference: str
    at: AwareDatetime
    status: ClaimStatus | None = None
    told: tuple[str, ...] = ()
    documents_due: bool = False
    checks: int = 0
    checked_at: AwareDatetime | None = None
    withdrawn: bool = False
    withdrawal_due: bool = False
    outcome: Stage | None = None

    @property
    def is_open(self) -> bool:
        return self.status is None or self.status.phase is not ClaimPhase.CLOSED

    @property
    def next_check_at(self) -> AwareDatetime | None:
        """R15: asked about again in pauses that double up to 30 days; None if not followed."""
        if self.status is None or not self.is_open:
            return None
        doubled: timedelta = FIRST_PAUSE * 2 ** min(self.checks, 10)
        return (self.checked_at or self.at) + min(doubled, LONGEST_PAUSE)


class Tell(BaseModel, frozen=True):
    """Something of which the seller has still to be told, with what the mail says beside it."""

    about: SellerTold
    key: str
    outcome: Stage | None = None
    amount: Money | None = None


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
    """All that is known about the collection of one receivable, without a person's data.

    `last_claim` is the reference of the last claim that is at an end, `collected_before` what the
    partner got by such claims. `chargeback_due`: the case was paid, and is to be handed over
    because the money went back; `chargeback_approval`: the seller decides on that (R13).
    `survives_order`: the claim goes on though the order was canceled (R11). `closed_as`: the end
    at which the case stays, whatever money goes back (R13). `failed_errands` cannot work, and
    wait until the case is resumed.
    """

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
    last_claim: str | None = None
    collected_before: Money | None = None
    chargeback_due: bool = False
    chargeback_approval: bool = False
    canceled: bool = False
    order_canceled: bool = False
    survives_order: bool = False
    closed_as: Stage | None = None
    failed_errands: tuple[DeedKind, ...] = ()
    tells: tuple[Tell, ...] = ()
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
    def owed(self) -> Money:
        """The open amount without what the partner got by claims that are at an end."""
        if self.collected_before is None:
            return self.open_amount
        return self.open_amount - self.collected_before

    @property
    def stage(self) -> Stage:
        stays_at = Stage.CANCELED if self.canceled else self.closed_as
        if stays_at is not None:
            return stays_at
        outcome = self.claim.outcome if self.claim else None
        if outcome is Stage.RECOVERED:
            return Stage.RECOVERED
        if not self.owed.is_positive:
            return Stage.SETTLED if self.claim else Stage.PAID
        if outcome is not None:
            return outcome
        if self.stopped:
            return Stage.STOPPED
        if self.claim:
            status = self.claim.status
            is_in_court = status is not None and status.phase is ClaimPhase.IN_COURT
            return Stage.IN_COURT if is_in_court else Stage.HANDED_OVER
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

    @property
    def ends_with_order(self) -> bool:
        return self.order_canceled and not self.survives_order

    @property
    def movements(self) -> tuple[Movement, ...]:
        """All that has changed the open amount."""
        return (*self.payments, *self.reversals, *self.fees)

    def moved_after(self, moment: datetime) -> tuple[Payment | Reversal, ...]:
        """The money that came or went back since a moment."""
        moves: tuple[Payment | Reversal, ...] = (*self.payments, *self.reversals)
        return tuple(move for move in moves if move.at > moment)

    def owed_before(self, moves: Iterable[Payment | Reversal]) -> Money:
        """What was owed before these."""
        owed = self.owed
        for move in moves:
            owed = owed + move.moved if isinstance(move, Payment) else owed - move.moved
        return owed

    @property
    def untold(self) -> tuple[Movement, ...]:
        """The money of which the partner does not know and has to (R15)."""
        claim = self.claim
        if claim is None or claim.status is None or not claim.is_open:
            return ()
        moves = (move for move in self.movements if move.moved.is_positive)
        return tuple(move for move in moves if move.key not in claim.told)

    def next_deed(self, now: datetime) -> Deed | None:
        """What the case does next by itself and when; None while it waits for somebody."""
        deeds = (self.next_act(now), self._next_errand(now))
        return min((deed for deed in deeds if deed), key=lambda deed: deed.at, default=None)

    def has_errand(self, kind: DeedKind) -> bool:
        """Whether something of this kind is to be done beside the ladder, or may be at any time."""
        if kind in self.failed_errands:
            return False
        claim = self.claim
        match kind:
            case DeedKind.ATTACH_DOCUMENTS:
                return claim is not None and claim.is_open and claim.documents_due
            case DeedKind.REPORT_MONEY:
                return bool(self.untold)
            case DeedKind.WITHDRAW_CLAIM:
                return claim is not None and claim.is_open and claim.withdrawal_due
            case DeedKind.TELL_SELLER:
                return bool(self.tells)
            case DeedKind.CHECK_CLAIM:
                return claim is not None
        return False

    def _next_errand(self, now: datetime) -> Deed | None:
        due = (kind for kind in _ERRANDS_AT_ONCE if self.has_errand(kind))
        if (kind := next(due, None)) is not None:
            return Deed(kind=kind, at=now)
        check_at = None if self.claim is None or self.is_over else self.claim.next_check_at
        return None if check_at is None else Deed(kind=DeedKind.CHECK_CLAIM, at=max(now, check_at))

    def next_act(self, now: datetime) -> Deed | None:
        """What comes next on the ladder; None if the case waits for somebody, or is at an end."""
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
        if self.chargeback_due:
            at = max(now, self.terms.no_handoff_before or now)
            return Deed(kind=DeedKind.CHARGEBACK, at=at)
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
