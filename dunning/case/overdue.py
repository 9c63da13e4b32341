"""What a notice says of money that came and went back (R7, R13)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from dunning.case.state import DunningCase
from dunning.money import Money
from dunning.movements import Payment, Reversal, Waiver


class MoneyReturned(BaseModel, frozen=True):
    """A payment that the bank took back, all or in part.

    `amount` is what went back of what the payment had paid here.
    """

    paid_on: date
    returned_on: date
    amount: Money
    is_whole: bool


def last_returned(case: DunningCase) -> MoneyReturned | None:
    """R7: the payment that went back last, if what it had paid is open again."""
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
    """Days since something has been open past its due date; days on which all was paid do not
    count."""
    return days_since(case.receivable.due_date, open_again_on(case), today)


def days_since(due_date: date, open_again_on: date | None, today: date) -> int:
    """Days past a due date, or past the day since which something is open again."""
    return max(0, (today - max(due_date, open_again_on or due_date)).days)


def open_again_on(case: DunningCase) -> date | None:
    """The last day on which all was paid or waived, and then something went back."""
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
