"""Which receivables a payment pays, and what a chargeback undoes (R13, R20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel

from dunning.money import Money


class OpenItem(NamedTuple):
    """A receivable of an order, with the amount that is still open."""

    case_id: str
    installment: int | None
    due_date: date
    open_amount: Money
    can_be_paid: bool = True


class Share(BaseModel, frozen=True):
    """The part of a payment that belongs to one receivable."""

    case_id: str
    installment: int | None
    due_date: date
    amount: Money


class Allocation(BaseModel, frozen=True):
    """Where a payment went, or where a chargeback takes it back from; the rest is credit."""

    shares: tuple[Share, ...]
    credit: Money


def allocate(payment: Money, items: Sequence[OpenItem], *, named: int | None = None) -> Allocation:
    """R20: pay the named installment, then the order's other open ones, the oldest due first.

    Stopped and handed-over receivables are paid too, canceled ones never; the rest is credit.
    """
    oldest_first = sorted(
        items,
        key=lambda item: (
            item.installment != named if named is not None else False,
            item.due_date,
            item.installment or 0,
        ),
    )
    payable = (item for item in oldest_first if item.can_be_paid)
    return _fill(payment, ((item, item.open_amount) for item in payable))


def undo(chargeback: Money, *, credit: Money, shares: Sequence[Share]) -> Allocation:
    """R13: undo an allocation in reverse: first the credit, then the share that was due last.

    `credit` and `shares` are what is left of the payment; the result never exceeds them.
    """
    from_credit = min(chargeback, credit)
    latest_first = sorted(
        shares, key=lambda share: (share.due_date, share.installment or 0), reverse=True
    )
    undone = _fill(chargeback - from_credit, ((share, share.amount) for share in latest_first))
    return undone.model_copy(update={"credit": from_credit})


def waived_rest(open_amount: Money, threshold: Decimal | None, *, at_partner: bool) -> Money | None:
    """R20: return the rest if it is waived: below the seller's threshold, not at the partner."""
    if threshold is None or at_partner or not 0 < open_amount.amount < threshold:
        return None
    return open_amount


def _fill(amount: Money, into: Iterable[tuple[OpenItem | Share, Money]]) -> Allocation:
    shares = []
    for item, room in into:
        part = min(amount, room)
        if part.is_positive:
            shares.append(
                Share(
                    case_id=item.case_id,
                    installment=item.installment,
                    due_date=item.due_date,
                    amount=part,
                )
            )
            amount = amount - part
    return Allocation(shares=tuple(shares), credit=amount)
