"""An index of a seller's orders by numbers, amounts, customers' names and payers' IBANs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from dunning.ledger import OpenItem
from dunning.money import Money, total
from dunning.statements.named_references import ReferenceIndex
from dunning.statements.names import glued_forms, is_same, words_of

# A word that more customers share says nothing; their names are found by other words.
_MOST_PER_WORD: Final = 1500
_CUT_NAME: Final = 26


class IndexedOrder(NamedTuple):
    """An order that a payer may mean, open or closed.

    `items` are all its receivables, each with its open amount; a creditor reference may name each
    of `case_ids`. `names` are the customer's: the person's and the company's.
    """

    order_id: str
    currency: str
    invoice_number: str | None = None
    names: tuple[str, ...] = ()
    items: tuple[OpenItem, ...] = ()

    @property
    def case_ids(self) -> tuple[str, ...]:
        return tuple(item.case_id for item in self.items)


class ReportedPayment(NamedTuple):
    """A payment in the ledger: from the backend, by hand, or from another statement.

    `left` is what chargebacks have left of it. Payer, IBAN and ids are those of the bank line that
    it was booked from, if there was one. `is_of_this_statement`: it was booked from another line of
    the present statement, so it is another transaction.
    """

    payment_id: str
    order_id: str
    amount: Money
    left: Money
    paid_on: date
    payer: str | None = None
    payer_iban: str | None = None
    end_to_end_id: str | None = None
    reference: str | None = None
    is_of_this_statement: bool = False


class OrderIndex:
    """An index of a seller's orders; the time of a lookup does not grow with them."""

    def __init__(
        self,
        orders: Iterable[IndexedOrder],
        *,
        payments: Iterable[ReportedPayment] = (),
        payer_ibans: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Build the index; `payments` are those of the last months.

        `payer_ibans` maps an IBAN to the orders that were paid from it before.
        """
        self.orders: dict[str, IndexedOrder] = {order.order_id: order for order in orders}
        self.payer_ibans = payer_ibans or {}
        self.case_orders: dict[str, tuple[str, int | None]] = {}
        self.amounts: dict[tuple[Decimal, str], list[str]] = defaultdict(list)
        self.words_and_amounts: dict[tuple[str, Decimal, str], list[str]] = defaultdict(list)
        self._names: dict[frozenset[str], list[str]] = defaultdict(list)
        for order in self.orders.values():
            self._add(order)
        self._words: dict[str, list[frozenset[str]]] = defaultdict(list)
        self._rarest: dict[str, list[frozenset[str]]] = defaultdict(list)
        self._glued: dict[str, list[frozenset[str]]] = defaultdict(list)
        self._index_names()
        self.references = ReferenceIndex(
            ((order.order_id, order.invoice_number) for order in self.orders.values()),
            self.case_orders,
            is_name=self._is_name,
        )
        self.payments = PaymentIndex(payments)

    def _add(self, order: IndexedOrder) -> None:
        for item in order.items:
            self.case_orders[item.case_id] = (order.order_id, item.installment)
        names = dict.fromkeys(frozenset(words_of(name)) for name in order.names)
        for name in filter(None, names):
            self._names[name].append(order.order_id)
        words = frozenset().union(*names)
        for amount in open_amounts(order.items, order.currency):
            place = place_of(amount)
            self.amounts[place].append(order.order_id)
            for word in words:
                self.words_and_amounts[word, *place].append(order.order_id)

    def _index_names(self) -> None:
        for name in self._names:
            for word in name:
                self._words[word].append(name)
            for glued in glued_forms(tuple(sorted(name))):
                self._glued[glued].append(name)
        for name in self._names:
            rarest = min(name, key=lambda word: (len(self._words[word]), word))
            self._rarest[rarest].append(name)

    def _is_name(self, word: str) -> bool:
        return any(part in self._words for part in words_of(word))

    def of_name(self, name: str | None) -> list[str]:
        """Return the orders of customers with this name, as `names.is_same_name` compares."""
        words = words_of(name or "")
        if not words:
            return []
        is_cut = len(name or "") >= _CUT_NAME
        names = [other for other in self._near(words) if is_same(words, tuple(other), is_cut=False)]
        if is_cut:
            names += [n for n in self._cut(words) if n not in names]
        return [order for one in names for order in self._names[one]]

    def _near(self, words: tuple[str, ...]) -> list[frozenset[str]]:
        """Return names that may be the same: equal, glued together, or with two words in common.

        A name that shares two words shares at least one that is not the most frequent.
        """
        postings = sorted((self._words.get(word, []) for word in set(words)), key=len)
        few = [names for names in postings[:-1] if len(names) <= _MOST_PER_WORD]
        found = [frozenset(words)] if frozenset(words) in self._names else []
        found += [name for names in few for name in names]
        found += [name for glued in glued_forms(words) for name in self._glued.get(glued, [])]
        return list(dict.fromkeys(found))

    def _cut(self, words: tuple[str, ...]) -> list[frozenset[str]]:
        """Return names whose last word a bank may have cut; the other words are all there."""
        whole, last = set(words[:-1]), words[-1]
        candidates = {name for word in whole for name in self._of_word(word)}
        return [
            name
            for name in candidates
            if whole <= name and any(word.startswith(last) for word in name - whole)
        ]

    def _of_word(self, word: str) -> list[frozenset[str]]:
        names = self._words.get(word, [])
        return names if len(names) <= _MOST_PER_WORD else []

    def names_in(self, text: str) -> list[str]:
        """Return the orders of customers whose whole name, of two words or more, is in a text."""
        words = set(words_of(text))
        return [
            order
            for word in sorted(words)
            for name in self._rarest.get(word, ())
            if len(name) > 1 and name <= words
            for order in self._names[name]
        ]


class PaymentIndex:
    """An index of payments by what a line may have in common with them."""

    def __init__(self, payments: Iterable[ReportedPayment]) -> None:
        self._by: dict[tuple[str, object], list[ReportedPayment]] = defaultdict(list)
        for payment in payments:
            self._by["order", payment.order_id].append(payment)
            self._by["amount", place_of(payment.amount)].append(payment)
            if payment.left != payment.amount:
                self._by["amount", place_of(payment.left)].append(payment)
            for kind, value in (
                ("end_to_end_id", payment.end_to_end_id),
                ("iban", payment.payer_iban),
            ):
                if value:
                    self._by[kind, value].append(payment)

    def of_order(self, order_id: str) -> list[ReportedPayment]:
        return self._by.get(("order", order_id), [])

    def of_amount(self, amount: Money) -> list[ReportedPayment]:
        """Return payments of this amount, or with this amount left of them."""
        return self._by.get(("amount", place_of(amount)), [])

    def of_end_to_end_id(self, end_to_end_id: str) -> list[ReportedPayment]:
        return self._by.get(("end_to_end_id", end_to_end_id), [])

    def of_iban(self, iban: str) -> list[ReportedPayment]:
        return self._by.get(("iban", iban), [])


def open_amounts(items: Sequence[OpenItem], currency: str) -> tuple[Money, ...]:
    """Return the open amount of each receivable and of all together, without duplicates."""
    amounts = [item.open_amount for item in payable(items)]
    if len(amounts) == 1:
        return (amounts[0],)
    return tuple(dict.fromkeys([*amounts, total(amounts, currency)])) if amounts else ()


def payable(items: Sequence[OpenItem]) -> list[OpenItem]:
    """Return the receivables that are open and not canceled."""
    return [item for item in items if item.can_be_paid and item.open_amount.is_positive]


def place_of(amount: Money) -> tuple[Decimal, str]:
    """Return the key under which an amount is looked up."""
    return amount.amount, amount.currency
