"""Statements and their lines as the API answers them (R20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from dunning.ledger import allocate
from dunning.money import CURRENCY_DIGITS, Money
from dunning.statements.lines import StatementLine
from dunning.statements.matches import Candidate, Match, MatchReason, ReasonKind
from models.tables import StatementRow
from starter.reading.statements.seller_index import SellerIndex

Document = dict[str, Any]
KNOWN: Final = "known"

_WORDS: Final = {
    ReasonKind.CREDITOR_REFERENCE: "its creditor reference is in the line, and checks",
    ReasonKind.ORDER_ID: "the order id {} is in the line",
    ReasonKind.INVOICE_NUMBER: "the invoice number {} is in the line",
    ReasonKind.AMOUNT: "the amount {} is that of the receivable",
    ReasonKind.TOTAL_AMOUNT: "the amount {} is all that is open of the order",
    ReasonKind.NAME: "the payer has the customer's name",
    ReasonKind.SIMILAR_NAME: "the payer's name is like the customer's",
    ReasonKind.NAME_IN_TEXT: "the customer's name is in the text",
    ReasonKind.KNOWN_IBAN: "this customer was paid for from this IBAN before",
    ReasonKind.SUM_OF_ORDERS: "the orders add up to {}",
    ReasonKind.END_TO_END_ID: "it has the id of that payment, {}",
    ReasonKind.ALREADY_REPORTED: "a payment of this amount was reported: {}",
}
_OF_A_RETURN: Final = {
    ReasonKind.AMOUNT: "the amount {} is that of the payment",
    ReasonKind.NAME: "the name is that of the payer",
    ReasonKind.KNOWN_IBAN: "the payment came from this IBAN",
}


def line_document(
    line_id: str,
    line: StatementLine,
    *,
    verdict: str,
    matches: Sequence[Document] = (),
    payment_id: str | None = None,
) -> Document:
    return {
        "line_id": line_id,
        "account": line.account,
        "booked_on": line.booked_on.isoformat(),
        "value_on": line.value_on.isoformat() if line.value_on else None,
        "amount": written(line.amount, line.currency),
        "currency": line.currency,
        "counterparty": line.counterparty,
        "counterparty_iban": line.counterparty_iban,
        "text": line.text,
        "reference": line.reference,
        "end_to_end_id": line.end_to_end_id,
        "bank_id": line.bank_id,
        "is_booked": line.is_booked,
        "is_return": line.is_return,
        "verdict": verdict,
        "matches": list(matches),
        "payment_id": payment_id,
    }


def matches_of(match: Match, index: SellerIndex) -> list[Document]:
    """Return the candidates, the likeliest first; one with several orders has an entry for each."""
    return [
        _match_document(candidate, place, index)
        for candidate in match.candidates
        for place in range(len(candidate.shares))
    ]


def booked_shares(shares: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Return the booked shares in the form of candidates."""
    return [
        {
            "order_id": share["order_id"],
            "installment": share["installment"],
            "case_id": share.get("case_id"),
            "amount": share["amount"],
            "reasons": [],
        }
        for share in shares
    ]


def statement_document(row: StatementRow) -> Document:
    """Return a statement without its lines, as in a list."""
    return {
        "statement_id": row.statement_id,
        "format": row.format,
        "filename": row.filename,
        "covers_until": row.covers_until.isoformat() if row.covers_until else None,
        "imported_at": row.imported_at.isoformat(),
    }


def words_of(reason: MatchReason, *, is_return: bool = False) -> str:
    """Return a reason in words."""
    words = _OF_A_RETURN.get(reason.kind) if is_return else None
    return (words or _WORDS[reason.kind]).format(reason.value)


def written(amount: Decimal, currency: str) -> str:
    if currency in CURRENCY_DIGITS:
        return str(Money(amount=amount, currency=currency))
    return f"{amount:f}"


def _match_document(candidate: Candidate, place: int, index: SellerIndex) -> Document:
    share = candidate.shares[place]
    is_return = candidate.payment_id is not None
    reasons = [words_of(reason, is_return=is_return) for reason in candidate.reasons]
    if candidate.payment_id is not None:
        reasons.insert(0, f"it takes back the payment {candidate.payment_id}")
    order = index.orders.orders.get(share.order_id)
    items = order.items if order else ()
    paid = [] if is_return else allocate(share.amount, items, named=share.installment).shares
    first = paid[0] if paid else next(iter(items), None)
    return {
        "order_id": share.order_id,
        "installment": first.installment if first else share.installment,
        "case_id": first.case_id if first and first.case_id in index.cases else None,
        "amount": str(share.amount),
        "reasons": reasons,
    }
