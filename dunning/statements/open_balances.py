"""The open amounts of a seller's orders while a statement is matched to them, line by line."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import chain, islice
from typing import Final

from dunning.ledger import OpenItem, allocate
from dunning.money import Money, total
from dunning.statements.names import resembles, words_of
from dunning.statements.order_index import OrderIndex, open_amounts, payable, place_of

# A word that more orders of one amount have in their names helps nobody.
_MOST_BY_WORD: Final = 30


class OpenBalances:
    """The open amount of each order while the lines of a statement are matched one by one."""

    def __init__(self, index: OrderIndex) -> None:
        self._index = index
        self._items: dict[str, tuple[OpenItem, ...]] = {}
        self._amounts: dict[tuple[Decimal, str], set[str]] = defaultdict(set)
        self._totals: dict[str, Money] = {}
        self._open_amounts: dict[str, tuple[Money, ...]] = {}

    def items(self, order_id: str) -> tuple[OpenItem, ...]:
        """Return the receivables of an order as the lines so far have left them."""
        changed = self._items.get(order_id)
        return self._index.orders[order_id].items if changed is None else changed

    def amounts(self, order_id: str) -> tuple[Money, ...]:
        """Return the amounts that pay a receivable of the order, or all of it."""
        if order_id not in self._open_amounts:
            currency = self._index.orders[order_id].currency
            self._open_amounts[order_id] = open_amounts(self.items(order_id), currency)
        return self._open_amounts[order_id]

    def total(self, order_id: str) -> Money:
        """Return the open amount of the whole order."""
        if order_id not in self._totals:
            currency = self._index.orders[order_id].currency
            amounts = (item.open_amount for item in payable(self.items(order_id)))
            self._totals[order_id] = total(amounts, currency)
        return self._totals[order_id]

    def receivables_of(self, order_id: str, amount: Money) -> int:
        """Return how many receivables of the order have exactly this open amount."""
        return sum(item.open_amount == amount for item in payable(self.items(order_id)))

    def with_amount(self, amount: Money, *, most: int) -> list[str]:
        """Return up to `most` orders that this amount pays, all of it or one receivable."""
        place = place_of(amount)
        known = (order for order in self._index.amounts.get(place, ()) if order not in self._items)
        return list(islice(chain(known, sorted(self._amounts.get(place, ()))), most))

    def like_name(self, name: str | None, amount: Money) -> list[str]:
        """Return orders that this amount pays whose customer's name shares a word with this one."""
        place = place_of(amount)
        words = (word for word in words_of(name or "") if len(word) > 1)
        by_word = (self._index.words_and_amounts.get((word, *place), ()) for word in words)
        known = (
            order
            for orders in by_word
            if len(orders) <= _MOST_BY_WORD
            for order in orders
            if order not in self._items
        )
        changed = (
            order
            for order in sorted(self._amounts.get(place, ()))
            if any(resembles(name or "", other) for other in self._index.orders[order].names)
        )
        return list(dict.fromkeys(chain(known, changed)))

    def pay(self, order_id: str, amount: Money, *, installment: int | None) -> None:
        """Count this as paid from now on, split as `dunning.ledger.allocate` does."""
        items = self.items(order_id)
        self._totals.pop(order_id, None)
        for open_amount in self.amounts(order_id):
            self._amounts[place_of(open_amount)].discard(order_id)
        self._open_amounts.pop(order_id, None)
        paid = {
            share.case_id: share.amount
            for share in allocate(amount, items, named=installment).shares
        }
        self._items[order_id] = tuple(
            item._replace(open_amount=item.open_amount - paid[item.case_id])
            if item.case_id in paid
            else item
            for item in items
        )
        for open_amount in self.amounts(order_id):
            self._amounts[place_of(open_amount)].add(order_id)
