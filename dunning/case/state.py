"""What is known about a case, and the stage that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, Field

from dunning.actions import ActionKind
from dunning.claims import Claim, ClaimPhase
from dunning.days import DAY, Terms
from dunning.history import Detail, Event, EventName
from dunning.ladder import (
    ADVANCE_DAYS,
    HANDOFF_GAP,
    STEPS,
    DunningOption,
    Hold,
    StepKind,
    StepTaken,
)
from dunning.money import Money, total
from dunning.movements import (
    Fee,
    MoneyMove,
    Movement,
    Payment,
    Reversal,
    TakenBack,
    Waiver,
)
from dunning.notices import NoticeKind, SellerMailKind
from dunning.receivables import Receivable
from dunning.stages import ENDS, BlockedBy, Stage


class OpenHold(BaseModel, frozen=True):
    """A pause that has not ended; `until` is its last day (R19)."""

    first_day: date
    until: date | None
    reason: str | None = None


class Sending(BaseModel, frozen=True):
    """A notice that is being sent, or may have been sent: no answer is known yet (R16).

    `detail` is what the history will say about it. A final notice announces `option`, and names
    `handoff_on` as the earliest day of the handoff (R18).
    `is_counted`: the case went on without another try, so the notice counts as sent, but not as
    confirmed. `is_retry`: the answer to an earlier attempt is not known either.
    """

    kind: NoticeKind
    round: int
    at: AwareDatetime
    detail: Detail
    option: DunningOption | None = None
    handoff_on: date | None = None
    is_counted: bool = False
    is_retry: bool = False


class SellerMailDue(BaseModel, frozen=True):
    """A mail that the seller is still to get: its subject and its values.

    `is_waiting`: the case does not go on until somebody does something about it.
    """

    about: SellerMailKind
    key: str
    is_waiting: bool = True
    notice: NoticeKind | None = None
    outcome: Stage | None = None
    amount: Money | None = None
    day: date | None = None


class DunningCase(BaseModel, frozen=True):
    """All that is known about the collection of one receivable; no personal data."""

    receivable: Receivable
    terms: Terms
    opened_on: date

    invoice_notice_due: bool = False
    """The invoice notice is still to be sent."""
    invoice_notice_on: date | None = None
    advance_notice_due: bool = False
    """R3: the advance notice is still to be sent."""
    steps: tuple[StepTaken, ...] = ()
    round: int = 1
    option: DunningOption | None = None
    """What the final notice of this round announced."""
    handoff_on: date | None = None
    """The day that the final notice named for the handoff."""
    noticed_before: date | None = None
    """R8: the day of the last notice of earlier rounds."""
    sending: Sending | None = None
    """R16: the notice that is being sent, or whose answer is not known."""

    payments: tuple[Payment, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    fees: tuple[Fee, ...] = ()
    collected_before: Money | None = None
    """What the partner collected by claims that have ended."""

    hold: OpenHold | None = None
    holds: tuple[Hold, ...] = ()
    stopped: bool = False
    restarted_on: date | None = None
    blocked_by: BlockedBy | None = None
    error: str | None = None
    """What blocked the case last, if it was an error."""
    times_waiting: int = 0
    """A counter that makes the keys of mails to the seller unique: it grows with each
    wait and each refused notice."""
    waiting_since: AwareDatetime | None = None
    """When the case last began to wait for somebody."""
    email_tried: int | None = None
    """R14: the version of the e-mail address that was refused."""

    approval_wanted: bool = False
    chargeback_due: bool = False
    """R13: it was paid, money went back, and nothing is decided yet."""
    chargeback_approval: bool = False
    """R13: the seller decides about that."""
    handoff_begun: bool = False
    """The partner is being asked to take the claim, or may have been."""
    handoff_called_off: bool = False
    """Nothing is to be handed over any more; an attempt may have got through."""
    claim: Claim | None = None
    claim_check_wanted: bool = False
    """The partner says that something about the claim has changed."""
    last_claim: str | None = None
    """The reference of the last claim that has ended."""

    order_canceled: bool = False
    canceled_for_claim: bool = False
    """R11: the order was canceled because the partner took one of its claims."""
    survives_order: bool = False
    """R11: this case's claim goes on although the order is canceled."""
    canceled: bool = False
    tells_of_cancellation: bool = False
    """R29: this case tells the customer that the order was canceled."""
    cancellation_notice_due: bool = False
    """R29: that mail is still to be sent."""
    closed_as: Stage | None = None
    """R13: the end at which the case stays, whatever goes back."""

    failed_actions: tuple[ActionKind, ...] = ()
    """Actions that cannot work; they wait for `resume`."""
    seller_mails: tuple[SellerMailDue, ...] = ()
    events: tuple[Event, ...] = Field(default=(), exclude=True)
    """What happened and is not written to the history yet."""

    # --- names and keys ---------------------------------------------------------------------

    @property
    def case_id(self) -> str:
        return self.receivable.case_id

    def key(self, effect: str) -> str:
        """Return the key of an effect, one for each case and round: it happens once (R16)."""
        return f"{self.case_id}/{self.round}/{effect}"

    @property
    def claim_reference(self) -> str:
        """Our reference for the claim of this round at the partner (R16)."""
        return f"{self.case_id}-{self.round}"

    # --- money ------------------------------------------------------------------------------

    @property
    def open_amount(self) -> Money:
        """Receivable - payments + what went back + fees - what is waived.

        It is below zero if more was paid than was owed.
        """
        currency = self.receivable.amount.currency
        back = (undone.moved for undone in self.reversals)
        wrong = (booking.moved for booking in self.taken_back)
        costs = (fee.amount for fee in self.fees)
        owed = total((self.receivable.amount, *back, *wrong, *costs), currency)
        waived = (rest.amount for rest in self.waivers if not rest.is_over)
        came = total((*(payment.amount for payment in self.payments), *waived), currency)
        return owed - came

    @property
    def owed(self) -> Money:
        """The open amount without what the partner collected by claims that have ended."""
        if self.collected_before is None:
            return self.open_amount
        return self.open_amount - self.collected_before

    @property
    def movements(self) -> tuple[Movement, ...]:
        """All movements of money in this case; a waiver is none."""
        return (*self.payments, *self.reversals, *self.taken_back, *self.fees)

    @property
    def unreported(self) -> tuple[Movement, ...]:
        """Money that the partner has to know of and does not (R15)."""
        claim = self.claim
        if claim is None or not claim.is_open:
            return ()
        moves = (move for move in self.movements if move.moved.is_positive)
        return tuple(move for move in moves if move.key not in claim.reported)

    @property
    def real_moves(self) -> tuple[Payment | Reversal, ...]:
        """Payments and what went back of them, without payments that were booked by mistake."""
        wrong = {undone.payment_id for undone in self.taken_back}
        moves: tuple[Payment | Reversal, ...] = (*self.payments, *self.reversals)
        return tuple(move for move in moves if move.payment_id not in wrong)

    def moved_after(self, moment: datetime) -> tuple[MoneyMove, ...]:
        """Return the money that came or went back after a moment."""
        moves: tuple[MoneyMove, ...] = (*self.payments, *self.reversals, *self.taken_back)
        return tuple(move for move in moves if move.at > moment)

    def owed_before(self, moves: Iterable[MoneyMove]) -> Money:
        """Return what was owed before these movements."""
        owed = self.owed
        for move in moves:
            owed = owed + move.moved if isinstance(move, Payment) else owed - move.moved
        return owed

    # --- where it stands ----------------------------------------------------------------------

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
            is_in_court = self.claim.status.phase is ClaimPhase.IN_COURT
            return Stage.IN_COURT if is_in_court else Stage.HANDED_OVER
        if self.hold:
            return Stage.ON_HOLD
        if self.blocked_by:
            return Stage.BLOCKED
        if self.approval_wanted:
            return Stage.AWAITING_APPROVAL
        return STEPS[self.steps[-1].kind].stage if self.steps else Stage.SCHEDULED

    @property
    def has_ended(self) -> bool:
        """Whether its stage is an end; a stopped case can be started again."""
        return self.stage in ENDS

    @property
    def final_notice_sent(self) -> bool:
        return any(step.kind is StepKind.FINAL_NOTICE for step in self.steps)

    @property
    def handoff_named_on(self) -> date | None:
        """The day that the final notice of this round named for the handoff; None without one.

        If another system sent the notice, it is 10 days after that.
        """
        sent = next((step for step in self.steps if step.kind is StepKind.FINAL_NOTICE), None)
        if sent is None:
            return None
        return self.handoff_on or sent.on + HANDOFF_GAP * DAY

    @property
    def term_ends_on(self) -> date | None:
        """R18: the first day on which the seller can hand over; None if there is no such day.

        A chargeback about which the seller decides has no term (R13).
        """
        if self.approval_wanted and self.chargeback_approval:
            return None
        return self.handoff_named_on

    @property
    def ends_with_order(self) -> bool:
        return self.order_canceled and not self.survives_order

    @property
    def hold_ends_at(self) -> datetime | None:
        """R19: 00:00 of the day after the hold's last one; None if somebody has to end it."""
        if self.hold is None or self.hold.until is None:
            return None
        return self.terms.midnight(self.hold.until + DAY)

    # --- small changes that the others are made of ---------------------------------------------

    def changed(self, **changes: Any) -> Self:
        unknown = changes.keys() - type(self).model_fields.keys()
        assert not unknown, f"no such fields: {sorted(unknown)}"
        return self.model_copy(update=changes)

    def noting(
        self, name: EventName, at: datetime, detail: Detail | None = None, *, key: str | None = None
    ) -> Self:
        """Return the case with one more entry for the history."""
        event = Event(at=at, name=name, detail=detail or {}, key=key)
        return self.changed(events=(*self.events, event))

    def with_seller_mail(self, mail: SellerMailDue) -> Self:
        """Return the case with a mail to the seller, unless one with its key is waiting already."""
        is_known = any(other.key == mail.key for other in self.seller_mails)
        return self if is_known else self.changed(seller_mails=(*self.seller_mails, mail))

    def with_earlier_notice(self, on: date) -> Self:
        """Add a notice of an earlier round: the next reminder keeps its distance from it (R8)."""
        return self.changed(noticed_before=max(on, self.noticed_before or on))

    def with_step(self, kind: StepKind, on: date) -> Self:
        return self.changed(
            steps=(*self.steps, StepTaken(kind=kind, on=on)), advance_notice_due=False
        )

    def without_hold(self, at: datetime) -> Self:
        """End the hold at a moment, or at its own end if that was earlier; its days count (R19)."""
        if self.hold is None:
            return self
        at = min(at, self.hold_ends_at or at)
        held = Hold(first_day=self.hold.first_day, end_day=self.terms.day_of(at))
        ended = self.changed(hold=None, holds=(*self.holds, held))
        return ended.without_missed_advance_notice(at)

    def resumed(self, at: datetime) -> Self:
        """R19: end the hold and note that in the history."""
        return self.without_hold(at).noting(EventName.CASE_RESUMED, at) if self.hold else self

    def without_waivers(self) -> Self:
        """R20: end the waivers: when money goes back, a small rest is owed again."""
        over = tuple(rest.model_copy(update={"is_over": True}) for rest in self.waivers)
        return self.changed(waivers=over)

    def without_missed_advance_notice(self, at: datetime) -> Self:
        """R3: drop the advance notice if a hold or a stop let its moment pass."""
        if not self.advance_notice_due:
            return self
        day = self.receivable.due_date - ADVANCE_DAYS * DAY
        is_missed = self.terms.first_moment(day, self.receivable.slot) <= at
        return self.changed(advance_notice_due=not is_missed)

    def begins_to_wait(self, at: datetime, **changes: Any) -> Self:
        """Return the case as it begins to wait for somebody, with these changes."""
        return self.changed(times_waiting=self.times_waiting + 1, waiting_since=at, **changes)
