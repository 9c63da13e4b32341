"""What a notice says of money that came and went back (R7, R13)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from dunning.case.state import DunningCase
from dunning.money import Money
from dunning.movements import Payment


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
        paid_on=case.terms.day_of(payment.at),
        returned_on=case.terms.day_of(undone.at),
        amount=undone.amount,
        is_whole=undone.amount == payment.amount,
    )


def days_overdue(case: DunningCase, today: date) -> int:
    """Days since something has been open past its due date; days on which all was paid do not
    count."""
    since = case.receivable.due_date
    reopened = _open_again_on(case)
    if reopened is not None:
        since = max(since, reopened)
    return max(0, (today - since).days)


def _open_again_on(case: DunningCase) -> date | None:
    """The last day on which all was paid and then something went back."""
    owed, day = case.receivable.amount, None
    for move in sorted(case.real_moves, key=lambda one: one.at):
        was_open = owed.is_positive
        owed = owed - move.moved if isinstance(move, Payment) else owed + move.moved
        if owed.is_positive and not was_open:
            day = case.terms.day_of(move.at)
    return day
