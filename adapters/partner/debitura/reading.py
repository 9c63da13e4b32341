"""Reading the partner's answers about a case into our values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field
from pydantic.alias_generators import to_camel

from adapters.partner.debitura.api import Json, texts
from adapters.partner.port import ClaimReport, PartnerError, PartnerPayment
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.money import CURRENCY_DIGITS, Money

# The largest error that a binary float at the partner leaves in an amount.
_NOISE: Final = Decimal("0.000001")
_LONGEST_WORDS: Final = 1000
_SELLER: Final = "creditor"
_CLOSED: Final = "Closed"
_COURT: Final = ("Legal", "Enforcement")
_REJECTED: Final = ("Other", None)
_CLOSINGS: Final = {"Paid": Closing.RECOVERED, "WithdrawnByClient": Closing.WITHDRAWN}


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not an exact number")
    return Decimal(value)


_Number = Annotated[Decimal, BeforeValidator(_number)]


class _Wire(BaseModel, alias_generator=to_camel, hide_input_in_errors=True):
    pass


class Case(_Wire):
    id: str = Field(min_length=1)
    creditor_reference: str | None = None
    date_created: datetime | None = None

    @property
    def created_at(self) -> datetime | None:
        """The moment of creation; without a zone it is UTC."""
        created = self.date_created
        if created is None or created.tzinfo is not None:
            return created
        return created.replace(tzinfo=UTC)


class WholeCase(Case):
    """A case with its state, except the phase, which is in the timeline.

    Amount and currency are required; all other fields may be missing.
    """

    gross_amount: _Number
    currency: str = Field(validation_alias=AliasChoices("currency", "currencyCode"))
    date_collection_started: datetime | None = None
    date_finished: datetime | None = None
    close_code: str | None = None
    lifecycle: str | None = None
    dispute_status: str | bool | None = None

    @property
    def is_closed(self) -> bool:
        ends = (self.date_finished, self.close_code)
        return any(end is not None for end in ends) or self.lifecycle == _CLOSED

    @property
    def is_disputed(self) -> bool:
        said = str(self.dispute_status or "").strip().casefold()
        return said.startswith(("yes", "true", "disputed"))


class Timeline(_Wire):
    items: Annotated[list[Json], BeforeValidator(lambda given: given or [])] = []
    current_engagement_phase: str | None = None

    def tells_of(self, mark: str) -> bool:
        """Whether a name or a key occurs in the timeline as a whole word."""
        return tells_of(self.items, mark)


class Payment(_Wire):
    id: str | None = None
    got_at: datetime | None = Field(default=None, validation_alias="date")
    gross_amount: _Number
    currency: str | None = None
    recipient: str | None = None

    @property
    def is_the_sellers(self) -> bool:
        """Whether the money reached the seller. The agency only recorded it; we report it."""
        return (self.recipient or "").casefold() == _SELLER

    @property
    def on(self) -> date | None:
        """The day as it is written, in its own zone."""
        return None if self.got_at is None else self.got_at.date()


def tells_of(items: Iterable[object], mark: str) -> bool:
    whole = re.compile(rf"(?<![\w.-]){re.escape(mark)}(?![\w.-])")
    return any(whole.search(text) for item in items for text in texts(item))


def report_of(case: WholeCase, timeline: Timeline, payments: Sequence[Payment]) -> ClaimReport:
    """Return the report on a claim. Raises `PartnerError` for impossible amounts."""
    got = tuple(
        PartnerPayment(payment_id=one.id, on=one.on, amount=_amount(one.gross_amount, case, one))
        for one in payments
        if not one.is_the_sellers
    )
    collected = sum((payment.amount for payment in got), start=Decimal(0))
    status = ClaimStatus(
        phase=_phase(case, timeline),
        closing=_closing(case) if case.is_closed else None,
        close_code=case.close_code,
        collected=Money(amount=collected, currency=case.currency),
        is_disputed=case.is_disputed,
    )
    return ClaimReport(
        status=status,
        words=_words(timeline.items) if case.is_closed else None,
        amount=_amount(case.gross_amount, case),
        currency=case.currency,
        payments=got,
    )


def _phase(case: WholeCase, timeline: Timeline) -> ClaimPhase:
    if case.is_closed:
        return ClaimPhase.CLOSED
    if timeline.current_engagement_phase in _COURT:
        return ClaimPhase.IN_COURT
    return ClaimPhase.ACCEPTED if case.date_collection_started else ClaimPhase.SUBMITTED


def _closing(case: WholeCase) -> Closing:
    """Return how a case was closed; an unknown code counts as uncollectible."""
    if case.close_code in _REJECTED and case.date_collection_started is None:
        return Closing.REJECTED
    return _CLOSINGS.get(case.close_code or "", Closing.UNCOLLECTIBLE)


def _words(items: Sequence[Json]) -> str | None:
    """Return the newest entry of the timeline that is not the creditor's."""
    theirs = sorted(
        (item for item in items if not _is_ours(item)), key=lambda item: str(item.get("date"))
    )
    if not theirs:
        return None
    said = (theirs[-1].get(name) for name in ("title", "description"))
    words = ": ".join(text for text in said if isinstance(text, str) and text)
    return words[:_LONGEST_WORDS] or None


def _is_ours(item: Json) -> bool:
    return any("creditor" in text.casefold() for text in texts(item.get("actor")))


def _amount(given: Decimal, case: WholeCase, payment: Payment | None = None) -> Decimal:
    """Return an amount with the digits of the claim's currency. Raises `PartnerError`."""
    if payment is not None and payment.currency not in (None, case.currency):
        raise PartnerError("the partner names a payment in another currency than the claim's")
    digits: Any = CURRENCY_DIGITS.get(case.currency)
    if digits is None:
        raise PartnerError("the partner names a claim in an unknown currency")
    try:
        amount = given.quantize(Decimal(1).scaleb(-digits))
        is_near = abs(amount - given) <= _NOISE
    except InvalidOperation:
        is_near = False
    if not is_near:
        raise PartnerError("the partner names an amount that cannot be")
    return amount
