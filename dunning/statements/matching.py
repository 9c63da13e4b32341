"""Finds the order that a line of a bank statement pays (R20).

It goes by reference, then by amount and name. What is not certain is left to the seller: money is
never moved on a guess. A line is matched to an order; `dunning.ledger.allocate` says which of its
receivables it pays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from dunning.money import CURRENCY_DIGITS, Money
from dunning.statements.lines import StatementLine
from dunning.statements.matches import (
    Candidate,
    Doubt,
    Match,
    MatchReason,
    ReasonKind,
    Share,
    Verdict,
)
from dunning.statements.matching_returns import match_return
from dunning.statements.matching_sums import split_over_named, splits_of_customer
from dunning.statements.named_references import NumberSource
from dunning.statements.open_balances import OpenBalances
from dunning.statements.order_index import OrderIndex, ReportedPayment

_PERHAPS_THE_SAME: Final = timedelta(days=5)
# A longer list of orders with one amount helps nobody.
_MOST_BY_AMOUNT: Final = 10
_MOST_CANDIDATES: Final = 12
_WEIGHTS: Final = {
    ReasonKind.CREDITOR_REFERENCE: 100,
    ReasonKind.ORDER_ID: 50,
    ReasonKind.INVOICE_NUMBER: 50,
    ReasonKind.SUM_OF_ORDERS: 45,
    ReasonKind.AMOUNT: 30,
    ReasonKind.TOTAL_AMOUNT: 28,
    ReasonKind.NAME: 30,
    ReasonKind.KNOWN_IBAN: 22,
    ReasonKind.NAME_IN_TEXT: 18,
    ReasonKind.SIMILAR_NAME: 10,
    ReasonKind.ALREADY_REPORTED: 5,
}


def match_lines(lines: Sequence[StatementLine], index: OrderIndex) -> tuple[Match, ...]:
    """Return the match of each line of a statement, in the order of the lines.

    The lines are matched in the order of time, each to what the certain lines before it have left
    open. Their order in the file changes nothing.
    """
    balances = OpenBalances(index)
    matches: dict[int, Match] = {}
    for place in sorted(range(len(lines)), key=lambda place: _moment(lines[place])):
        match = match_line(lines[place], index, balances)
        if match.verdict is Verdict.CERTAIN:
            share = match.candidates[0].shares[0]
            balances.pay(share.order_id, share.amount, installment=share.installment)
        matches[place] = match
    return tuple(matches[place] for place in range(len(lines)))


def match_line(
    line: StatementLine, index: OrderIndex, balances: OpenBalances | None = None
) -> Match:
    """R20: return what a line pays, and whether that is certain."""
    if line.is_return:
        return match_return(line, index)
    if line.amount <= 0 or line.currency not in CURRENCY_DIGITS:
        return Match(verdict=Verdict.NOT_OURS)
    line_match = _LineMatch(line, index, balances or OpenBalances(index))
    return line_match.of_named_orders() if line_match.named else line_match.of_unnamed()


def _moment(line: StatementLine) -> tuple[object, ...]:
    """Return the key that sorts a line by time; lines with equal keys have the same content."""
    texts = (line.currency, line.text, line.counterparty, line.counterparty_iban)
    ids = (line.reference, line.end_to_end_id, line.bank_id, line.customer_reference)
    return (line.booked_on, line.amount, *(text or "" for text in (*texts, *ids)))


class _LineMatch:
    """One incoming payment of a statement, and all that is known about it."""

    def __init__(self, line: StatementLine, index: OrderIndex, balances: OpenBalances) -> None:
        self._line = line
        self._index = index
        self._balances = balances
        self._amount = Money(amount=line.amount, currency=line.currency)
        self._reasons: dict[str, list[MatchReason]] = {}
        self._installments: dict[str, set[int | None]] = {}
        self._long: set[str] = set()
        self._names_unknown = False
        self._look_for_references()
        self.named = tuple(self._reasons)
        names = [name for name in (line.counterparty, line.on_behalf_of) if name]
        self._named_as = {order: name for name in names for order in index.of_name(name)}

    def of_named_orders(self) -> Match:
        """Match a line whose text names orders: certain if it is one, and there is no doubt."""
        for order in self.named:
            self._add_what_fits(order)
        candidates = [self._candidate(order) for order in self.named]
        if len(self.named) > 1:
            sums = split_over_named(self.named, self._amount, self._balances)
            candidates = [*sums, *candidates]
        meant = self._meant()
        if meant is None:
            return self._answer(candidates, [Doubt.SEVERAL_ORDERS])
        doubts = list(self._doubts_of(meant))
        if Doubt.FITS_ANOTHER in doubts:
            for other in self._fit_better(meant):
                self._add_what_fits(other)
                candidates.append(self._candidate(other))
        candidates.sort(key=lambda one: one.shares[0].order_id != meant)
        return self._answer(candidates, doubts, reported=self._reported(meant))

    def of_unnamed(self) -> Match:
        """Match a line that names no order: certain if payer and amount fit one receivable only."""
        fitting = {
            order: count
            for order in self._named_as
            if self._is_in_currency(order)
            and (count := self._balances.receivables_of(order, self._amount))
        }
        candidates = self._likely()
        reported = self._reported_to_customer()
        doubts = [Doubt.UNKNOWN_NUMBER] if self._names_unknown else []
        if sum(fitting.values()) == 1:
            order = next(iter(fitting))
            candidates.sort(key=lambda one: one.shares[0].order_id != order)
            return self._answer(candidates, doubts, reported=reported)
        doubts.append(Doubt.SEVERAL_ORDERS if fitting else Doubt.NO_NUMBER)
        return self._answer(candidates, doubts, reported=reported)

    def _look_for_references(self) -> None:
        line, references = self._line, self._index.references
        words = references.named_in(
            [line.text, line.reference or ""], day=line.booked_on, amount=line.amount
        )
        # Ids that a payer's bank makes up are full of meaningless numbers.
        ids = references.named_in(
            [line.end_to_end_id or "", line.customer_reference or ""],
            day=line.booked_on,
            amount=line.amount,
        )
        self._names_unknown = words.names_unknown
        for case in dict.fromkeys((*words.cases, *ids.cases)):
            order, installment = self._index.case_orders[case]
            self._installments.setdefault(order, set()).add(installment)
            self._note(order, ReasonKind.CREDITOR_REFERENCE, case)
        for number in dict.fromkeys((*words.numbers, *ids.numbers)):
            is_id = number.source is NumberSource.ORDER_ID
            kind = ReasonKind.ORDER_ID if is_id else ReasonKind.INVOICE_NUMBER
            self._note(number.order_id, kind, number.written)
            if number.is_long:
                self._long.add(number.order_id)

    def _note(self, order: str, kind: ReasonKind, value: str) -> None:
        reason = MatchReason(kind=kind, value=value)
        reasons = self._reasons.setdefault(order, [])
        if reason not in reasons:
            reasons.append(reason)

    def _add_what_fits(self, order: str) -> None:
        """Add amount, name and IBAN to the reasons for an order, as far as they agree."""
        if self._is_amount_of(order):
            is_total = self._balances.total(order) == self._amount
            is_part = self._balances.receivables_of(order, self._amount) > 0
            kind = ReasonKind.TOTAL_AMOUNT if is_total and not is_part else ReasonKind.AMOUNT
            self._note(order, kind, str(self._amount))
        if order in self._named_as:
            self._note(order, ReasonKind.NAME, self._named_as[order])
        iban = self._line.counterparty_iban
        if iban and order in self._index.payer_ibans.get(iban, ()):
            self._note(order, ReasonKind.KNOWN_IBAN, iban)

    def _meant(self) -> str | None:
        """Return the one order that the text means; None if it may mean several.

        A creditor reference counts more than a number beside it only if the amount agrees.
        """
        if len(self.named) == 1:
            return self.named[0]
        by_reference = list(self._installments)
        if len(by_reference) == 1 and self._is_amount_of(by_reference[0]):
            return by_reference[0]
        return None

    def _doubts_of(self, order: str) -> Iterable[Doubt]:
        """R20: yield why a named order is not certain."""
        if not self._is_in_currency(order):
            yield Doubt.OTHER_CURRENCY
        if not self._balances.total(order).is_positive:
            yield Doubt.NOTHING_OPEN
        if order in self._installments:
            return
        fits = self._is_amount_of(order) or order in self._named_as
        if order not in self._long and not fits:
            yield Doubt.ONLY_A_NUMBER
        if self._names_unknown and not self._is_amount_of(order):
            yield Doubt.UNKNOWN_NUMBER
        if self._fit_better(order):
            yield Doubt.FITS_ANOTHER

    def _fit_better(self, named: str) -> list[str]:
        """Return other orders that may be meant, in case the payer has mistyped a number.

        These are orders that agree in amount and payer, if the named one does not agree in both. If
        it agrees in neither, orders of this amount whose number differs in one digit are added.
        """
        is_amount, is_payer = self._is_amount_of(named), named in self._named_as
        if is_amount and is_payer:
            return []
        better = [one for one in self._named_as if one != named and self._is_amount_of(one)]
        if not is_amount and not is_payer:
            numbers = [reason.value for reason in self._reasons[named]]
            near = self._index.references.one_digit_off(numbers)
            better += [one for one in near if one != named and self._is_amount_of(one)]
        return list(dict.fromkeys(better))

    def _is_in_currency(self, order: str) -> bool:
        return self._index.orders[order].currency == self._line.currency

    def _is_amount_of(self, order: str) -> bool:
        return self._is_in_currency(order) and self._amount in self._balances.amounts(order)

    def _likely(self) -> list[Candidate]:
        """Return orders that the text does not name, the best first.

        They agree in amount, name or IBAN, or their sum is the amount.
        """
        line, index = self._line, self._index
        by_amount = self._balances.with_amount(self._amount, most=_MOST_BY_AMOUNT + 1)
        orders = [*self._named_as, *index.payer_ibans.get(line.counterparty_iban or "", ())]
        orders += by_amount if len(by_amount) <= _MOST_BY_AMOUNT else []
        for order in self._balances.like_name(line.counterparty, self._amount):
            if order not in self._named_as:
                self._note(order, ReasonKind.SIMILAR_NAME, line.counterparty or "")
        for order in [] if line.counterparty else index.names_in(line.text):
            self._note(order, ReasonKind.NAME_IN_TEXT, " ".join(index.orders[order].names))
        for order in dict.fromkeys([*orders, *self._reasons]):
            if order in index.orders and self._balances.total(order).is_positive:
                self._add_what_fits(order)
        open_orders = [order for order in self._reasons if self._balances.total(order).is_positive]
        splits = splits_of_customer(list(self._named_as), self._amount, self._balances)
        found = [*splits, *(self._candidate(order) for order in open_orders)]
        return sorted(found, key=lambda one: -sum(_WEIGHTS[r.kind] for r in one.reasons))

    def _candidate(self, order: str) -> Candidate:
        installments = self._installments.get(order, set())
        installment = next(iter(installments)) if len(installments) == 1 else None
        share = Share(order_id=order, installment=installment, amount=self._amount)
        return Candidate(shares=(share,), reasons=tuple(self._reasons.get(order, ())))

    def _reported(self, order: str) -> ReportedPayment | None:
        """Return a payment of the same order and amount within five days, if there is one."""
        return next(filter(self._is_perhaps_this, self._index.payments.of_order(order)), None)

    def _reported_to_customer(self) -> ReportedPayment | None:
        """Return a payment of the same amount within five days, for any order of this payer."""
        iban = self._line.counterparty_iban or ""
        theirs = {*self._named_as, *self._index.payer_ibans.get(iban, ())}
        if not self._line.counterparty:
            theirs |= set(self._index.names_in(self._line.text))
        return next(filter(None, map(self._reported, sorted(theirs))), None)

    def _is_perhaps_this(self, payment: ReportedPayment) -> bool:
        if payment.is_of_this_statement:
            return False
        apart = abs(payment.paid_on - self._line.booked_on)
        return payment.amount == self._amount and apart <= _PERHAPS_THE_SAME

    def _answer(
        self,
        candidates: Sequence[Candidate],
        doubts: Sequence[Doubt],
        *,
        reported: ReportedPayment | None = None,
    ) -> Match:
        """Return the match: certain if there is no doubt, with the first candidate."""
        all_doubts = [*doubts]
        if not self._line.is_booked:
            all_doubts.append(Doubt.PENDING)
        if reported is not None:
            all_doubts.append(Doubt.ALREADY_REPORTED)
            candidates = self._with_reported(candidates, reported)
        elif any(self._reported(order) for order in self.named):
            all_doubts.append(Doubt.ALREADY_REPORTED)
        if not candidates:
            return Match(verdict=Verdict.NOT_OURS)
        if not all_doubts:
            return Match(verdict=Verdict.CERTAIN, candidates=tuple(candidates[:1]))
        is_reported = Doubt.ALREADY_REPORTED in all_doubts
        verdict = Verdict.PERHAPS_REPORTED if is_reported else Verdict.CANDIDATES
        chosen = tuple(candidates[:_MOST_CANDIDATES])
        return Match(verdict=verdict, candidates=chosen, doubts=tuple(dict.fromkeys(all_doubts)))

    def _with_reported(
        self, candidates: Sequence[Candidate], reported: ReportedPayment
    ) -> list[Candidate]:
        """Put the order first that the payment may have been reported for, with it as a reason."""
        self._note(reported.order_id, ReasonKind.ALREADY_REPORTED, reported.payment_id)
        if reported.order_id in self._index.orders:
            self._add_what_fits(reported.order_id)
        others = [
            one for one in candidates if [s.order_id for s in one.shares] != [reported.order_id]
        ]
        return [self._candidate(reported.order_id), *others]
