"""From an order to its receivables: due dates, ids, and which of them get a case."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pydantic import BaseModel

from dunning.days import DAY, SPREAD
from dunning.money import Money

_ID_LENGTH: Final = 16
_INVOICE_NOTICE_LIMIT: Final = 5
_MINUTES: Final = int(SPREAD.total_seconds()) // 60


class Receivable(BaseModel, frozen=True):
    """One amount with one due date: a whole order (`installment` None), or one installment.

    `slot` is where in the first half hour of a sending window its case acts (R9).
    """

    case_id: str
    seller_id: str
    order_id: str
    installment: int | None
    invoice_date: date
    due_date: date
    amount: Money
    slot: timedelta


class Part(BaseModel, frozen=True):
    """One part of an order's total, as the order gave it."""

    installment: int | None
    due_date: date
    amount: Money


class Collecting(BaseModel, frozen=True):
    """From when on a seller wants unpaid orders collected (R22); None: all of them."""

    past_from: date | None = None
    new_from: date | None = None

    def takes(self, due_date: date, *, invoice_date: date, today: date) -> bool:
        """Whether a receivable gets a case, or is only kept as a record."""
        if due_date < today:
            return self.past_from is None or due_date >= self.past_from
        return self.new_from is None or invoice_date >= self.new_from


def due_date_of(invoice_date: date, payment_term_days: int | None) -> date:
    """R1, R23: invoice date and payment term; without a term it is due on the invoice date."""
    return invoice_date + timedelta(days=payment_term_days or 0)


def case_id_of(seller_id: str, order_id: str, installment: int | None) -> str:
    """The id of a receivable and of its case: always the same, opaque, 16 letters and digits.

    Short enough for the partner's creditor reference and a bank's ISO 11649 reference.
    """
    name = "\n".join((seller_id, order_id, "" if installment is None else str(installment)))
    digest = hashlib.sha256(name.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_ID_LENGTH]


def receivables_of(
    *, seller_id: str, order_id: str, invoice_date: date, parts: Sequence[Part]
) -> tuple[Receivable, ...]:
    """The receivables of an order, the one due first at the head."""
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
    """R2: an order that comes in more than 5 days after its invoice date was invoiced elsewhere."""
    return today <= invoice_date + _INVOICE_NOTICE_LIMIT * DAY


def _slot(order: str, *, rank: int, count: int) -> timedelta:
    """Spread over the half hour by the order, its cases some seconds apart (R9).

    Orders lie on whole minutes; the seconds are for the cases of one order.
    """
    apart = max(1, min(5, 600 // count))
    free_minutes = _MINUTES - (apart * (count - 1)) // 60
    digest = hashlib.sha256(order.encode()).digest()
    minute = int.from_bytes(digest[:8], "big") % free_minutes
    return timedelta(minutes=minute, seconds=apart * rank)
