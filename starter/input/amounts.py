"""Amounts of requests that name their currency elsewhere."""

from __future__ import annotations

from decimal import Decimal

from dunning.money import Money, NotAnAmount, checked_money
from starter.refusals import wrong


def amount_of(field: str, amount: Decimal, currency: str, *, zero_allowed: bool = False) -> Money:
    """An amount in its currency; a refusal of the field if it is none."""
    try:
        return checked_money(amount, currency, zero_allowed=zero_allowed)
    except NotAnAmount as error:
        raise wrong(field, str(error)) from error
