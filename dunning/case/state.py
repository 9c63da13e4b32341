"""What is known about a case, and the stage that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final, Self

from pydantic import AwareDatetime, BaseModel, Field

from dunning.actions import ActionKind
from dunning.claims import Claim, ClaimPhase
from dunning.days import DAY, Terms
from dunning.history import Detail, Event, EventName
from dunning.ladder import (
    ADVANCE_DAYS,
    HANDOFF_GAP,
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
from dunning.notices import NoticeKind, SellerTold
from dunning.receivables import Receivable
from dunning.stages import ENDS, BlockedBy, Stage

_STAGE_AFTER: Final = {
    StepKind.PAYMENT_REMINDER: Stage.REMINDED,
    StepKind.FIRST_NOTICE: Stage.FIRST_NOTICE,
    StepKind.FINAL_NOTICE: Stage.FINAL_NOTICE,
}


class OpenHold(BaseModel, frozen=True):
    """A pause that lasts; `until` is its last day (R19)."""

    first_day: date
    until: date | None
    reason: str | None = None


class Sending(BaseModel, frozen=True):
    """A notice that is leaving the house, or may have left it: no answer is known yet (R16).

    `detail` is what the history will say of it. A final notice announces `option`, and names
    `handoff_on`, the day from which it may be done (R18).
    `is_counted`: the case went on without another try, so that the notice counts as sent, not
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
    """A mail that the seller has still to get, with what it says beside what it is about.

    `is_waiting`: the case goes no further until something is done about it.
    """

    about: SellerTold
    key: str
    is_waiting: bool = True
    notice: NoticeKind | None = None
    outcome: Stage | None = None
    amount: Money | None = None
    day: date | None = None


class DunningCase(BaseModel, frozen=True):
    """All that is known about the collection of one receivable, without a person's data.

    `invoice_notice_due` and `advance_notice_due`: that notice has still to be sent.
    `option` is what the final notice of this round announced, `handoff_on` the day that it named.
    `noticed_before` is the day of the last notice of the rounds before (R8).
    `chargeback_due`: the case was paid, and what becomes of the money that went back is still to
    be decided; `chargeback_approval`: the seller decides on that (R13).
    `handoff_begun`: the partner is being asked, or may have been; `handoff_called_off`: nothing is
    to be handed over any more, but whether an attempt has reached the partner is not known.
    `last_claim` is the reference of the last claim that is at an end, `collected_before` what the
    partner got by such claims. `canceled_for_claim`: the order was canceled because the partner
    has taken a claim of it; `survives_order`: the claim of this case goes on nevertheless (R11).
    `tells_of_cancellation`: this case tells the customer that the order was canceled, which has
    still to be done if `cancellation_notice_due` (R29). `closed_as`: the end at which the case
    stays, whatever money goes back (R13).
    `failed_actions` cannot work, and wait until the case is resumed. `claim_check_wanted`: the
    partner says that something has changed about the claim.
    `error` is what blocked the case last, if that was an error.
    `times_waiting` numbers the times at which the case began to wait for somebody, the last one
    at `waiting_since`. `email_tried` is the version of the customer's e-mail address that was
    refused (R14).
    `events` happened by changes that are not written down yet.
    """

    receivable: Receivable
    terms: Terms
    opened_on: date

    invoice_notice_due: bool = False
    invoice_notice_on: date | None = None
    advance_notice_due: bool = False
    steps: tuple[StepTaken, ...] = ()
    round: int = 1
    option: DunningOption | None = None
    handoff_on: date | None = None
    noticed_before: date | None = None
    sending: Sending | None = None

    payments: tuple[Payment, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    fees: tuple[Fee, ...] = ()
    collected_before: Money | None = None

    hold: OpenHold | None = None
    holds: tuple[Hold, ...] = ()
    stopped: bool = False
    restarted_on: date | None = None
    blocked_by: BlockedBy | None = None
    error: str | None = None
    times_waiting: int = 0
    waiting_since: AwareDatetime | None = None
    email_tried: int | None = None

    approval_wanted: bool = False
    chargeback_due: bool = False
    chargeback_approval: bool = False
    handoff_begun: bool = False
    handoff_called_off: bool = False
    claim: Claim | None = None
    claim_check_wanted: bool = False
    last_claim: str | None = None

    order_canceled: bool = False
    canceled_for_claim: bool = False
    survives_order: bool = False
    canceled: bool = False
    tells_of_cancellation: bool = False
    cancellation_notice_due: bool = False
    closed_as: Stage | None = None

    failed_actions: tuple[ActionKind, ...] = ()
    seller_mails: tuple[SellerMailDue, ...] = ()
    events: tuple[Event, ...] = Field(default=(), exclude=True)

    # --- names and keys ---------------------------------------------------------------------

    @property
    def case_id(self) -> str:
        return self.receivable.case_id

    def key(self, effect: str) -> str:
        """The key of an effect: one a case, round and step, so that it happens once (R16)."""
        return f"{self.case_id}/{self.round}/{effect}"

    @property
    def claim_reference(self) -> str:
        """Our reference for the claim of this round at the partner (R16)."""
        return f"{self.case_id}-{self.round}"

    # --- money ------------------------------------------------------------------------------

    @property
    def open_amount(self) -> Money:
        """Receivable - payments + what went back + fees - what is waived.

        Below zero if more came than was owed.
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
        """The open amount without what the partner got by claims that are at an end."""
        if self.collected_before is None:
            return self.open_amount
        return self.open_amount - self.collected_before

    @property
    def movements(self) -> tuple[Movement, ...]:
        """All that has changed the open amount."""
        return (*self.payments, *self.reversals, *self.taken_back, *self.fees)

    @property
    def unreported(self) -> tuple[Movement, ...]:
        """The money of which the partner does not know and has to (R15)."""
        claim = self.claim
        if claim is None or not claim.is_open:
            return ()
        moves = (move for move in self.movements if move.moved.is_positive)
        return tuple(move for move in moves if move.key not in claim.reported)

    @property
    def real_moves(self) -> tuple[Payment | Reversal, ...]:
        """The money that came, and what of it went back; nothing that was booked by mistake."""
        wrong = {undone.payment_id for undone in self.taken_back}
        moves: tuple[Payment | Reversal, ...] = (*self.payments, *self.reversals)
        return tuple(move for move in moves if move.payment_id not in wrong)

    def moved_after(self, moment: datetime) -> tuple[MoneyMove, ...]:
        """The money that came or went back since a moment."""
        moves: tuple[MoneyMove, ...] = (*self.payments, *self.reversals, *self.taken_back)
        return tuple(move for move in moves if move.at > moment)

    def owed_before(self, moves: Iterable[MoneyMove]) -> Money:
        """What was owed before these."""
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
        return _STAGE_AFTER[self.steps[-1].kind] if self.steps else Stage.SCHEDULED

    @property
    def is_over(self) -> bool:
        return self.stage in ENDS

    @property
    def final_notice_sent(self) -> bool:
        return any(step.kind is StepKind.FINAL_NOTICE for step in self.steps)

    @property
    def handoff_named_on(self) -> date | None:
        """The day that the final notice named for the handoff; of another system's, its day + 10.

        None if the customer has had no final notice in this round.
        """
        sent = next((step for step in self.steps if step.kind is StepKind.FINAL_NOTICE), None)
        if sent is None:
            return None
        return self.handoff_on or sent.on + HANDOFF_GAP * DAY

    @property
    def term_ends_on(self) -> date | None:
        """R18: the first day on which the seller can hand over; None if there is no such day.

        A chargeback that waits for the seller has no term (R13).
        """
        if self.approval_wanted and self.chargeback_approval:
            return None
        return self.handoff_named_on

    @property
    def ends_with_order(self) -> bool:
        return self.order_canceled and not self.survives_order

    @property
    def hold_ends_at(self) -> datetime | None:
        """R19: at 00:00 of the day after its last one; None if somebody has to end it."""
        if self.hold is None or self.hold.until is None:
            return None
        return self.terms.midnight(self.hold.until + DAY)

    # --- the small changes of which the others are made -----------------------------------------

    def changed(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def noting(
        self, name: EventName, at: datetime, detail: Detail | None = None, *, key: str | None = None
    ) -> Self:
        """With an entry for the history."""
        event = Event(at=at, name=name, detail=detail or {}, key=key)
        return self.changed(events=(*self.events, event))

    def telling(self, mail: SellerMailDue) -> Self:
        """With a mail to the seller, once for its key."""
        is_known = any(other.key == mail.key for other in self.seller_mails)
        return self if is_known else self.changed(seller_mails=(*self.seller_mails, mail))

    def noticed(self, on: date) -> Self:
        """With a notice of a round that is over, which keeps the next reminder away (R8)."""
        return self.changed(noticed_before=max(on, self.noticed_before or on))

    def with_step(self, kind: StepKind, on: date) -> Self:
        return self.changed(
            steps=(*self.steps, StepTaken(kind=kind, on=on)), advance_notice_due=False
        )

    def without_hold(self, at: datetime) -> Self:
        """The hold ends at a moment, or at its own if that was before; its days count (R19)."""
        if self.hold is None:
            return self
        at = min(at, self.hold_ends_at or at)
        held = Hold(first_day=self.hold.first_day, end_day=self.terms.day_of(at))
        ended = self.changed(hold=None, holds=(*self.holds, held))
        return ended.without_missed_advance_notice(at)

    def resumed(self, at: datetime) -> Self:
        """R19: the hold ends, and the history says so."""
        return self.without_hold(at).noting(EventName.CASE_RESUMED, at) if self.hold else self

    def without_waivers(self) -> Self:
        """R20: money goes back, and with it the reason for which a small rest was waived."""
        over = tuple(rest.model_copy(update={"is_over": True}) for rest in self.waivers)
        return self.changed(waivers=over)

    def without_missed_advance_notice(self, at: datetime) -> Self:
        """R3: one on hold or stopped at its moment gets none."""
        if not self.advance_notice_due:
            return self
        day = self.receivable.due_date - ADVANCE_DAYS * DAY
        is_missed = self.terms.first_moment(day, self.receivable.slot) <= at
        return self.changed(advance_notice_due=not is_missed)

    def waiting(self, at: datetime, **changes: Any) -> Self:
        """With what makes the case wait for somebody from a moment on."""
        return self.changed(times_waiting=self.times_waiting + 1, waiting_since=at, **changes)
