"""How long a case has been overdue, and the last payment that came back (R7, R13)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from dunning.case.state import DunningCase
from dunning.money import Money
from dunning.movements import Payment, Reversal, Waiver


class MoneyReturned(BaseModel, frozen=True):
    """A payment that the bank took back, all or in part.

    `amount` is the part that went back of the share that this receivable had got.
    """

    paid_on: date
    returned_on: date
    amount: Money
    is_whole: bool


def last_returned(case: DunningCase) -> MoneyReturned | None:
    """R7: return the payment that went back last; None if nothing is owed now."""
    came = {payment.payment_id: payment for payment in case.payments}
    back = [undone for undone in case.reversals if undone.amount.is_positive]
    if not back or not case.owed.is_positive:
        return None
    undone = max(back, key=lambda one: one.at)
    payment = came.get(undone.payment_id)
    if payment is None:
        return None
    return MoneyReturned(
        paid_on=case.terms.day_of(payment.happened_at),
        returned_on=case.terms.day_of(undone.happened_at),
        amount=undone.amount,
        is_whole=undone.amount == payment.amount,
    )


def days_overdue(case: DunningCase, today: date) -> int:
    """Return how many days something has been open past the due date without a break.

    If all was paid or waived in between, they count from the day on which money went back.
    """
    return days_since(case.receivable.due_date, open_again_on(case), today)


def days_since(due_date: date, open_again_on: date | None, today: date) -> int:
    """Return the days since the due date, or since a later day on which it was open again."""
    return max(0, (today - max(due_date, open_again_on or due_date)).days)


def open_again_on(case: DunningCase) -> date | None:
    """Return the last day on which money went back while nothing was open, if there is one."""
    moves: list[Payment | Reversal | Waiver] = [*case.real_moves, *case.waivers]
    nothing = Money.zero(case.receivable.amount.currency)
    owed, waived, day = case.receivable.amount, nothing, None
    for move in sorted(moves, key=lambda one: one.at):
        was_open = (owed - waived).is_positive
        match move:
            case Payment():
                owed = owed - move.moved
            case Waiver():
                waived = waived + move.amount
            case Reversal():
                owed, waived = owed + move.moved, nothing
        if isinstance(move, Reversal) and (owed - waived).is_positive and not was_open:
            day = case.terms.day_of(move.happened_at)
    return day
