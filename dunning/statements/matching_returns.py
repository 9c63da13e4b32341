"""Finds the payment that a return may undo (R13, R20); it is never certain."""

from __future__ import annotations

from collections.abc import Iterator
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
from dunning.statements.named_references import NumberSource
from dunning.statements.names import is_same_name
from dunning.statements.order_index import OrderIndex, ReportedPayment

# A direct debit without a mandate can be returned for thirteen months.
_LATEST: Final = timedelta(days=400)
_MOST: Final = 10
# One of these identifies a payment; amount, name and IBAN do so only together.
_TELLING: Final = frozenset(
    {
        ReasonKind.END_TO_END_ID,
        ReasonKind.ORDER_ID,
        ReasonKind.INVOICE_NUMBER,
        ReasonKind.CREDITOR_REFERENCE,
    }
)


def match_return(line: StatementLine, index: OrderIndex) -> Match:
    """Return the payments that a return may undo, the likeliest first.

    If money that the seller had sent came back, no payment is undone.
    """
    if line.amount >= 0 or line.returned is None or line.currency not in CURRENCY_DIGITS:
        return Match(verdict=Verdict.NOT_OURS, doubts=(Doubt.IS_A_RETURN,))
    found = list(_Undone(line, index).candidates())
    found.sort(key=lambda one: (not _is_telling(one), -len(one.reasons), one.payment_id))
    verdict = Verdict.CANDIDATES if found else Verdict.NOT_OURS
    return Match(verdict=verdict, candidates=tuple(found[:_MOST]), doubts=(Doubt.IS_A_RETURN,))


def _is_telling(candidate: Candidate) -> bool:
    return any(reason.kind in _TELLING for reason in candidate.reasons)


class _Undone:
    """The payments that one return may undo."""

    def __init__(self, line: StatementLine, index: OrderIndex) -> None:
        assert line.returned is not None
        self._line = line
        self._index = index
        self._returned = line.returned
        self._whole = Money(amount=-line.amount, currency=line.currency)
        stated = self._returned.amount
        self._amount = Money(amount=stated, currency=line.currency) if stated else self._whole
        named = index.references.named_in(
            [line.text, line.reference or ""], day=line.booked_on, amount=line.amount
        )
        self._numbers = {number.order_id: number for number in named.numbers}
        self._cases = {index.case_orders[case][0]: case for case in named.cases}

    def candidates(self) -> Iterator[Candidate]:
        for payment in self._possible():
            reasons = tuple(self._reasons(payment))
            kinds = {reason.kind for reason in reasons}
            if kinds & _TELLING or ReasonKind.AMOUNT in kinds:
                yield self._candidate(payment, reasons)

    def _possible(self) -> list[ReportedPayment]:
        """Return payments that share anything with the return, unless they are undone already."""
        payments = self._index.payments
        found = [*payments.of_amount(self._amount), *payments.of_amount(self._whole)]
        if self._returned.end_to_end_id:
            found += payments.of_end_to_end_id(self._returned.end_to_end_id)
        if self._line.counterparty_iban:
            found += payments.of_iban(self._line.counterparty_iban)
        for order in {*self._numbers, *self._cases}:
            found += payments.of_order(order)
        by_id = {payment.payment_id: payment for payment in found}
        return [payment for payment in by_id.values() if self._can_be(payment)]

    def _can_be(self, payment: ReportedPayment) -> bool:
        passed = self._line.booked_on - payment.paid_on
        in_time = -timedelta(days=1) <= passed <= _LATEST
        same_currency = payment.amount.currency == self._line.currency
        return in_time and same_currency and payment.left.is_positive

    def _reasons(self, payment: ReportedPayment) -> Iterator[MatchReason]:
        order, line = payment.order_id, self._line
        if payment.end_to_end_id and payment.end_to_end_id == self._returned.end_to_end_id:
            yield MatchReason(kind=ReasonKind.END_TO_END_ID, value=payment.end_to_end_id)
        if order in self._cases:
            yield MatchReason(kind=ReasonKind.CREDITOR_REFERENCE, value=self._cases[order])
        if order in self._numbers:
            number = self._numbers[order]
            is_id = number.source is NumberSource.ORDER_ID
            kind = ReasonKind.ORDER_ID if is_id else ReasonKind.INVOICE_NUMBER
            yield MatchReason(kind=kind, value=number.written)
        if {payment.amount, payment.left} & {self._amount, self._whole}:
            yield MatchReason(kind=ReasonKind.AMOUNT, value=str(self._amount))
        if line.counterparty_iban and line.counterparty_iban == payment.payer_iban:
            yield MatchReason(kind=ReasonKind.KNOWN_IBAN, value=line.counterparty_iban)
        known = self._index.orders.get(order)
        names = [payment.payer, *(known.names if known else ())]
        if line.counterparty and any(
            is_same_name(line.counterparty, name) for name in names if name
        ):
            yield MatchReason(kind=ReasonKind.NAME, value=line.counterparty)

    def _candidate(self, payment: ReportedPayment, reasons: tuple[MatchReason, ...]) -> Candidate:
        """Return the candidate: what comes back of the payment, at most what is left of it.

        Unless the bank names its costs, they are the rest.
        """
        back = min(self._amount, payment.left)
        charges = self._charges(back)
        return Candidate(
            shares=(Share(order_id=payment.order_id, amount=back),),
            reasons=reasons,
            payment_id=payment.payment_id,
            charges=charges if charges.is_positive else None,
        )

    def _charges(self, back: Money) -> Money:
        stated = self._returned.charges
        if stated is not None:
            return Money(amount=stated, currency=self._line.currency)
        return self._whole - back
