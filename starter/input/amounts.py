"""Amounts in requests, whose currency is in another field."""

from __future__ import annotations

from decimal import Decimal

from dunning.money import Money, NotAnAmount, checked_money
from starter.refusals import wrong


def amount_of(field: str, amount: Decimal, currency: str, *, zero_allowed: bool = False) -> Money:
    """Return an amount in its currency. Raises `Invalid` for the field."""
    try:
        return checked_money(amount, currency, zero_allowed=zero_allowed)
    except NotAnAmount as error:
        raise wrong(field, str(error)) from error
