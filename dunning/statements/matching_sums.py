"""One payment for several orders: combinations whose open amounts add up to it (R20)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import prod
from typing import Final

from dunning.money import CurrencyMismatch, Money, total
from dunning.statements.matches import Candidate, MatchReason, ReasonKind, Share
from dunning.statements.open_balances import OpenBalances

# With more, the search would take too long, and a fitting sum would mean nothing.
_MOST_ORDERS: Final = 12
_MOST_CHOICES: Final = 500
_MOST_SPLITS: Final = 3


def split_over_named(
    orders: Sequence[str], amount: Money, balances: OpenBalances
) -> list[Candidate]:
    """Split a payment over the orders that its text names, if their amounts add up to it.

    Of each order it takes one receivable, or all of it.
    """
    choices = [_amounts_in(balances, order, amount.currency) for order in orders]
    if not all(choices) or prod(map(len, choices)) > _MOST_CHOICES:
        return []
    fitting = (parts for parts in product(*choices) if _sum(parts, amount) == amount)
    return [_split(orders, parts, amount) for parts, _ in zip(fitting, range(1), strict=False)]


def splits_of_customer(
    orders: Sequence[str], amount: Money, balances: OpenBalances
) -> list[Candidate]:
    """Split a payment that names no order over two or more open orders of its payer."""
    open_orders = [
        (order, balances.total(order))
        for order in dict.fromkeys(orders)
        if amount.currency == balances.total(order).currency and balances.total(order).is_positive
    ]
    if not 2 <= len(open_orders) <= _MOST_ORDERS:
        return []
    found: list[Candidate] = []
    for count in range(len(open_orders), 1, -1):
        for chosen in combinations(open_orders, count):
            parts = [part for _, part in chosen]
            if _sum(parts, amount) == amount:
                found.append(_split([order for order, _ in chosen], parts, amount))
            if len(found) == _MOST_SPLITS:
                return found
    return found


def _amounts_in(balances: OpenBalances, order: str, currency: str) -> list[Money]:
    return [amount for amount in balances.amounts(order) if amount.currency == currency]


def _sum(parts: Sequence[Money], amount: Money) -> Money | None:
    try:
        return total(parts, amount.currency)
    except CurrencyMismatch:
        return None


def _split(orders: Sequence[str], parts: Sequence[Money], amount: Money) -> Candidate:
    shares = tuple(
        Share(order_id=order, amount=part) for order, part in zip(orders, parts, strict=True)
    )
    reason = MatchReason(kind=ReasonKind.SUM_OF_ORDERS, value=str(amount))
    return Candidate(shares=shares, reasons=(reason,))
