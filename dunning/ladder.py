"""The ladder: the steps for an unpaid receivable, and their earliest days (R3 to R8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import BaseModel

from dunning.days import DAY
from dunning.notices import NoticeKind
from dunning.reasons import Rule
from dunning.stages import Stage

ADVANCE_DAYS: Final = 5
AFTER_INVOICE_NOTICE: Final = 5 * DAY


class StepKind(StrEnum):
    """The steps of the ladder; those that send a notice are named after its kind."""

    PAYMENT_REMINDER = NoticeKind.PAYMENT_REMINDER.value
    FIRST_NOTICE = NoticeKind.FIRST_NOTICE.value
    FINAL_NOTICE = NoticeKind.FINAL_NOTICE.value
    HANDOFF = "handoff"


class DunningOption(StrEnum):
    """What follows the final notice (R11)."""

    COURT = "court"
    CANCELLATION = "cancellation"
    NO_COLLECTION = "no_collection"


class Step(NamedTuple):
    """A step of the ladder: its days after the due date, and its days after the step before.

    `stage` is where the case is after it, `rule` the rule that sets its day.
    """

    kind: StepKind
    rule: Rule
    stage: Stage
    offset: int
    gap: int
    has_letter: bool = False


LADDER: Final = (
    Step(StepKind.PAYMENT_REMINDER, Rule.PAYMENT_REMINDER, Stage.REMINDED, offset=5, gap=0),
    Step(
        StepKind.FIRST_NOTICE,
        Rule.FIRST_NOTICE,
        Stage.FIRST_NOTICE,
        offset=10,
        gap=5,
        has_letter=True,
    ),
    Step(
        StepKind.FINAL_NOTICE,
        Rule.FINAL_NOTICE,
        Stage.FINAL_NOTICE,
        offset=20,
        gap=10,
        has_letter=True,
    ),
    Step(StepKind.HANDOFF, Rule.HANDOFF_DAY, Stage.HANDED_OVER, offset=30, gap=10),
)
STEPS: Final = {step.kind: step for step in LADDER}
# Sent with a letter, so they need a postal address (R5, R6, R14).
WRITTEN_NOTICES: Final = tuple(NoticeKind(step.kind) for step in LADDER if step.has_letter)
HANDOFF_GAP: Final = LADDER[-1].gap
AFTER_EARLIER_ROUND: Final = 5


class StepTaken(BaseModel, frozen=True):
    """A step that was taken, and its day in the seller's time zone."""

    kind: StepKind
    on: date


class Hold(BaseModel, frozen=True):
    """A hold that has ended: the clock stood still from `first_day` to before `end_day` (R19)."""

    first_day: date
    end_day: date

    def days_since(self, day: date) -> int:
        return max(0, (self.end_day - max(self.first_day, day)).days)


def hold_days_since(day: date, holds: Iterable[Hold]) -> int:
    return sum(hold.days_since(day) for hold in holds)


def next_step(taken: Iterable[StepTaken]) -> Step | None:
    """Return the first step of the ladder that has not been taken; None after the handoff."""
    done = {step.kind for step in taken}
    return next((step for step in LADDER if step.kind not in done), None)


class BoundKind(StrEnum):
    """The kinds of days that a step counts from."""

    DUE_DATE = "due_date"
    STEP_BEFORE = "step_before"
    RESTART = "restart"
    INVOICE_NOTICE = "invoice_notice"
    ROUND_BEFORE = "round_before"
    NAMED = "named"


class Bound(NamedTuple):
    """The earliest day of a step by one rule: `days` after `since`, plus the hold days after it."""

    kind: BoundKind
    since: date
    days: int
    hold_days: int

    @property
    def day(self) -> date:
        return self.since + (self.days + self.hold_days) * DAY


class CountedFrom(NamedTuple):
    """The days from which the steps of a case count, and its holds, which do not count."""

    due_date: date
    last_taken: date | None = None
    restarted_on: date | None = None
    invoice_notice_on: date | None = None
    noticed_before: date | None = None
    holds: tuple[Hold, ...] = ()


def bounds(step: Step, since: CountedFrom) -> tuple[Bound, ...]:
    """Return all days that the day of a step counts from.

    R8: the later of due date + offset + hold days since the due date, and day of the step before +
    gap + hold days since then; so a late step moves the ones after it. R17: after a restart the
    full gap from the restart, unless no step has been taken. R4: the first step is at least 5 days
    after the invoice notice, and in a new round at least 5 days after the last notice of earlier
    rounds (R8).
    """

    def bound(kind: BoundKind, day: date, days: int) -> Bound:
        return Bound(kind, day, days, hold_days_since(day, since.holds))

    found = [bound(BoundKind.DUE_DATE, since.due_date, step.offset)]
    if since.last_taken is not None:
        found.append(bound(BoundKind.STEP_BEFORE, since.last_taken, step.gap))
        if since.restarted_on is not None:
            found.append(bound(BoundKind.RESTART, since.restarted_on, step.gap))
        return tuple(found)
    if since.invoice_notice_on is not None:
        days = AFTER_INVOICE_NOTICE.days
        found.append(Bound(BoundKind.INVOICE_NOTICE, since.invoice_notice_on, days, 0))
    if since.noticed_before is not None:
        found.append(bound(BoundKind.ROUND_BEFORE, since.noticed_before, AFTER_EARLIER_ROUND))
    return tuple(found)
