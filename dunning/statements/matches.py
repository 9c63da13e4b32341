"""The match of a statement line to a seller's orders: a verdict, candidates, and their reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from dunning.money import Money


class Verdict(StrEnum):
    """The verdict on a line: `certain` can be booked at once; the seller decides on the others."""

    CERTAIN = "certain"
    CANDIDATES = "candidates"
    PERHAPS_REPORTED = "perhaps_reported"
    NOT_OURS = "not_ours"


class ReasonKind(StrEnum):
    """The reasons to think that an order is meant, or a payment that a return undoes."""

    CREDITOR_REFERENCE = "creditor_reference"
    ORDER_ID = "order_id"
    INVOICE_NUMBER = "invoice_number"
    AMOUNT = "amount"
    TOTAL_AMOUNT = "total_amount"
    NAME = "name"
    SIMILAR_NAME = "similar_name"
    NAME_IN_TEXT = "name_in_text"
    KNOWN_IBAN = "known_iban"
    SUM_OF_ORDERS = "sum_of_orders"
    END_TO_END_ID = "end_to_end_id"
    ALREADY_REPORTED = "already_reported"


class MatchReason(NamedTuple):
    """One reason; `value` is what agrees: the number, name, IBAN, amount or payment id."""

    kind: ReasonKind
    value: str


class Doubt(StrEnum):
    """The reasons why a line is not certain."""

    PENDING = "pending"
    OTHER_CURRENCY = "other_currency"
    ALREADY_REPORTED = "already_reported"
    SEVERAL_ORDERS = "several_orders"
    NOTHING_OPEN = "nothing_open"
    ONLY_A_NUMBER = "only_a_number"
    UNKNOWN_NUMBER = "unknown_number"
    FITS_ANOTHER = "fits_another"
    NO_NUMBER = "no_number"
    IS_A_RETURN = "is_a_return"


class Share(NamedTuple):
    """The part of a line that goes to an order; `installment` only where a reference names it."""

    order_id: str
    amount: Money
    installment: int | None = None


class Candidate(NamedTuple):
    """One way to book a line: to one order, or split over several.

    For a return it is the payment that comes back (`payment_id`), with its order. The share is the
    amount that comes back of it, `charges` are the bank's costs.
    """

    shares: tuple[Share, ...]
    reasons: tuple[MatchReason, ...]
    payment_id: str | None = None
    charges: Money | None = None


class Match(NamedTuple):
    """The verdict on a line; if certain, the one candidate, else several, the likeliest first."""

    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    doubts: tuple[Doubt, ...] = ()
