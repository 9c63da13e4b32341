"""The receivables of an order: their due dates, their ids, and which of them get a case."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from pydantic import BaseModel

from dunning.days import DAY, SPREAD
from dunning.money import Money
from dunning.stages import Stage

_ID_LENGTH: Final = 16
_INVOICE_NOTICE_LIMIT: Final = 5
_MINUTES: Final = int(SPREAD.total_seconds()) // 60


class Receivable(BaseModel, frozen=True):
    """One amount with one due date: a whole order (`installment` None), or one installment.

    `slot` is the time into the first half hour of a sending window at which its case acts (R9).
    """

    case_id: str
    seller_id: str
    order_id: str
    installment: int | None
    invoice_date: date
    due_date: date
    amount: Money
    slot: timedelta


class ReceivableState(NamedTuple):
    """What decides whether anything of a receivable can still be owed or paid.

    `order_canceled`: its order was canceled; `for_claim`: because the partner took the claim (R11).
    `had_claim`: its case was handed over once. `stage` is None if it has no case.
    """

    order_canceled: bool
    for_claim: bool
    had_claim: bool
    stage: str | None

    @property
    def can_be_owed(self) -> bool:
        """Whether anything of it can still be owed.

        In an order that was canceled because of a claim, that is what was handed over, even if the
        partner has given it back since.
        """
        if not self.order_canceled:
            return True
        return self.for_claim and self.had_claim and self.stage != Stage.CANCELED

    @property
    def can_be_paid(self) -> bool:
        """R20: whether a payment can go there: owed, and not already collected by the partner."""
        return self.stage != Stage.RECOVERED and self.can_be_owed


class Part(BaseModel, frozen=True):
    """One part of an order's total, as the order states it."""

    installment: int | None
    due_date: date
    amount: Money


class Collecting(BaseModel, frozen=True):
    """The days from which on a seller has unpaid orders collected (R22); None means all of them."""

    past_from: date | None = None
    new_from: date | None = None

    def takes(self, due_date: date, *, invoice_date: date, today: date) -> bool:
        """Whether a receivable gets a case; otherwise it is only kept as a record."""
        if due_date < today:
            return self.past_from is None or due_date >= self.past_from
        return self.new_from is None or invoice_date >= self.new_from


def due_date_of(invoice_date: date, payment_term_days: int | None) -> date:
    """R1, R23: return invoice date plus payment term; without a term, the invoice date."""
    return invoice_date + timedelta(days=payment_term_days or 0)


def case_id_of(seller_id: str, order_id: str, installment: int | None) -> str:
    """Return the id of a receivable and its case: always the same, opaque, 16 letters and digits.

    It is short enough for the partner's creditor reference and a bank's ISO 11649 reference.
    """
    name = "\n".join((seller_id, order_id, "" if installment is None else str(installment)))
    digest = hashlib.sha256(name.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_ID_LENGTH]


def receivables_of(
    *, seller_id: str, order_id: str, invoice_date: date, parts: Sequence[Part]
) -> tuple[Receivable, ...]:
    """Return the receivables of an order, the earliest due first."""
    in_order = sorted(parts, key=lambda part: (part.due_date, part.installment or 0))
    return tuple(
        Receivable(
            case_id=case_id_of(seller_id, order_id, part.installment),
            seller_id=seller_id,
            order_id=order_id,
            installment=part.installment,
            invoice_date=invoice_date,
            due_date=part.due_date,
            amount=part.amount,
            slot=_slot(f"{seller_id}\n{order_id}", rank=rank, count=len(in_order)),
        )
        for rank, part in enumerate(in_order)
    )


def wants_invoice_notice(*, invoice_date: date, today: date) -> bool:
    """R2: whether the order came in at most 5 days after its invoice date.

    Orders that come in later were invoiced elsewhere.
    """
    return today <= invoice_date + _INVOICE_NOTICE_LIMIT * DAY


def _slot(order: str, *, rank: int, count: int) -> timedelta:
    """Return the slot: spread over the half hour by the order, its cases some seconds apart (R9).

    Orders begin on whole minutes; the seconds keep the cases of one order apart.
    """
    apart = max(1, min(5, 600 // count))
    free_minutes = _MINUTES - (apart * (count - 1)) // 60
    digest = hashlib.sha256(order.encode()).digest()
    minute = int.from_bytes(digest[:8], "big") % free_minutes
    return timedelta(minutes=minute, seconds=apart * rank)
