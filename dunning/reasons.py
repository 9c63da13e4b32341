"""Reasons for the day of an action: the rule that sets it, and what it counts from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel


class Rule(StrEnum):
    """The rules that set days."""

    INVOICE_NOTICE = "R2"
    ADVANCE_NOTICE = "R3"
    PAYMENT_REMINDER = "R4"
    FIRST_NOTICE = "R5"
    FINAL_NOTICE = "R6"
    HANDOFF_DAY = "R7"
    GAP = "R8"
    WINDOW = "R9"
    BY_HAND = "R12"
    CHARGEBACK = "R13"
    ADDRESS = "R14"
    RESTART = "R17"
    ESCALATE = "R18"
    HOLD = "R19"
    PAYMENTS = "R20"
    SETTINGS = "R21"
    CANCELED = "R29"


class Why(StrEnum):
    """The reasons that set a day or move it."""

    ORDER = "order"
    BEFORE_DUE = "before_due"
    DUE_DATE = "due_date"
    STEP_BEFORE = "step_before"
    RESTART = "restart"
    INVOICE_NOTICE = "invoice_notice"
    ROUND_BEFORE = "round_before"
    NAMED = "named"
    LIMIT = "limit"
    HOLD_DAYS = "hold_days"
    HOLD_ENDS = "hold_ends"
    CLOSED = "closed"
    LATE = "late"
    LATER = "later"
    SETTINGS = "settings"
    APPROVAL = "approval"
    ADDRESS = "address"
    CHARGEBACK = "chargeback"
    ASKED_FOR = "asked_for"
    CANCELED = "canceled"
    STATEMENT = "statement"


class DayReason(BaseModel, frozen=True):
    """A reason for a day.

    `since` is the day that the sentence of `why` names: the one that `days` are counted from, the
    last day of a hold, the first day of closed ones, or the day that was meant.
    """

    why: Why
    rule: Rule
    day: date
    since: date | None = None
    days: int = 0
    missing: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The reason as a sentence."""
        return _SENTENCES[self.why].format(
            day=self.day,
            since=self.since,
            days=f"{self.days} day" if self.days == 1 else f"{self.days} days",
            missing=", ".join(self.missing),
        )


_SENTENCES: Final = {
    Why.ORDER: "It goes out when the order comes in.",
    Why.BEFORE_DUE: "It goes out 5 days before the due date, {since}.",
    Why.DUE_DATE: "{days} after the due date, {since}.",
    Why.STEP_BEFORE: "{days} after the step before, which was taken on {since}.",
    Why.RESTART: "{days} after the case was started again on {since}.",
    Why.INVOICE_NOTICE: "{days} after the invoice notice of {since}.",
    Why.ROUND_BEFORE: "{days} after the last notice of the round before, {since}.",
    Why.NAMED: "The final notice named {since} for this.",
    Why.LIMIT: "Until {day} the law of the customer's country allows no further message.",
    Why.HOLD_DAYS: "The case was on hold for {days} of that time, which do not count.",
    Why.HOLD_ENDS: "{since} is the last day of the hold.",
    Why.CLOSED: "No notices go out between {since} and {day}: weekend, holiday, or no window.",
    Why.LATE: "The moment on {since} has passed; it is done at once inside the window.",
    Why.LATER: "It was taken {days} later than its day, {since}: no window, or something waited.",
    Why.SETTINGS: "Until {day} the seller may say how unpaid orders are handled.",
    Why.APPROVAL: "The seller decides on each handoff.",
    Why.ADDRESS: "The customer's address lacks: {missing}.",
    Why.CHARGEBACK: "The payment went back after the due date.",
    Why.ASKED_FOR: "The handoff was asked for.",
    Why.CANCELED: "The order was canceled.",
    Why.STATEMENT: "Until a newer bank statement comes, nothing is asked for from {day} on.",
}
