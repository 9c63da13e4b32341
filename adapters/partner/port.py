"""The collection partner, behind the few calls that the system needs.

PartnerError            could not be reached or did not answer sensibly: try again
    ClaimRefused        for good: trying again cannot help
    ClaimUnknown        the partner has no such claim, or no longer
    DocumentRefused     the partner will never take this document

The words of all of them name no person: they end up where operators read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Protocol, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from dunning.address import Address
from dunning.claims import ClaimStatus
from dunning.notices import NoticeKind

PDF: Final = "application/pdf"

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][!-~]{0,49}$")]
# Printed between brackets where the partner keeps nothing else, so there are none in it.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][!-Z\\^-~]{0,199}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Positive = Annotated[Decimal, Field(gt=0, strict=True)]


class PartnerError(Exception):
    """The partner could not be reached or did not answer sensibly: try again.

    `retry_after` is how long the partner asked to be left alone, if it did.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ClaimRefused(PartnerError):
    """The partner will never take this claim, or this about a claim; the text is its own words."""


class ClaimUnknown(PartnerError):
    """The partner has no such claim, or no longer."""


class DocumentRefused(PartnerError):
    """The partner will never take this document: too large, or of a kind that it does not want."""


class _Personal(BaseModel, frozen=True, hide_input_in_errors=True, extra="forbid"):
    """A slip in a field's name is an error: what an agency has to know must not get lost."""


class Creditor(_Personal, frozen=True):
    """To whom the money is owed; `seller_id` is ours.

    `may_deduct_input_tax`: whether the value added tax in an agency's fee comes back to it; None
    if nobody knows. `legal_notice`: the lines that its letters have to carry by law, as the
    managing directors of a company.
    """

    seller_id: str
    name: str
    address: Address | None = None
    registration_number: str | None = None
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None
    may_deduct_input_tax: bool | None = None
    legal_notice: tuple[str, ...] = ()


class Debtor(_Personal, frozen=True):
    """Who owes the money, as an agency needs to know."""

    name: str = Field(min_length=1)
    contact_person: str | None = None
    is_company: bool
    registration_number: str | None = None
    address: Address
    email: str
    phone: str | None = None


class Cost(BaseModel, frozen=True):
    """Costs that joined the principal, and why they are owed."""

    ground: str = Field(min_length=1)
    amount: Positive


class MoneyMoved(BaseModel, frozen=True):
    """What the debtor has paid so far, or, below zero, what of it went back."""

    on: date
    amount: Decimal = Field(strict=True)


class NoticeGiven(BaseModel, frozen=True):
    kind: NoticeKind
    on: date


class Claim(_Personal, frozen=True):
    """A receivable as it is handed over, with all that R15 asks for.

    `reference` is ours, made of case and round (R16), and what makes a handoff happen once.
    `ordered_on` is the day of the contract, if it is known to be another than the invoice's.
    `installment` is which one of how many. No interest is claimed. `amount` is what is open:
    principal, fees and payments add up to it. `may_go_to_court`: the seller's option (R11).
    """

    reference: Reference
    round: int = Field(default=1, ge=1)
    creditor: Creditor = Field(repr=False)
    debtor: Debtor = Field(repr=False)
    subject: str | None = None
    ordered_on: date | None = None
    invoice_number: str
    invoice_date: date
    due_date: date
    installment: tuple[int, int] | None = None
    currency: Currency
    principal: Positive
    fees: tuple[Cost, ...] = ()
    payments: tuple[MoneyMoved, ...] = ()
    amount: Positive
    notices: tuple[NoticeGiven, ...] = ()
    is_disputed: bool = False
    may_go_to_court: bool = True

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        fees = sum((fee.amount for fee in self.fees), start=Decimal(0))
        paid = sum((moved.amount for moved in self.payments), start=Decimal(0))
        if self.principal + fees - paid != self.amount:
            raise ValueError("principal, fees and payments do not add up to the amount")
        return self


class ClaimTaken(BaseModel, frozen=True):
    """The partner has the claim, under an id of its own.

    `is_new`: it was given with what was asked just now, not by an earlier attempt.
    """

    partner_id: str
    reference: str
    taken_at: AwareDatetime | None = None
    is_new: bool = False


class ClaimHandle(BaseModel, frozen=True):
    """How a claim is meant that the partner has: our reference, and its own id."""

    reference: str
    partner_id: str


class PartnerPayment(BaseModel, frozen=True):
    """Money that the partner got from the debtor; below zero if it went back.

    Its own id of it, and the day, if it names them.
    """

    payment_id: str | None = None
    on: date | None = None
    amount: Decimal


class ClaimReport(BaseModel, frozen=True):
    """How a claim stands at the partner.

    `words` are the partner's own, for people and never for Temporal; `amount` is what it
    believes is to be recovered.
    """

    status: ClaimStatus
    words: str | None = Field(default=None, repr=False)
    amount: Decimal
    currency: str
    payments: tuple[PartnerPayment, ...] = ()


class OpenClaim(BaseModel, frozen=True):
    """A claim that the partner has not closed."""

    handle: ClaimHandle
    report: ClaimReport


class ReportKind(StrEnum):
    """What changed what is owed, beside the partner."""

    PAYMENT = "payment"
    REVERSAL = "reversal"
    CORRECTION = "correction"
    COSTS = "costs"


class PaymentToReport(BaseModel, frozen=True):
    """Money that reached the seller, went back, or had not come; or costs. `key` is ours.

    `open_amount` is what is owed after it.
    """

    key: Key
    kind: ReportKind
    amount: Positive
    currency: Currency
    on: date
    open_amount: Decimal = Field(strict=True)


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    NOTICE = "notice"


class ClaimDocument(BaseModel, frozen=True):
    """A file that goes with a claim; its name is unique there."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    description: str
    content: bytes = Field(repr=False)
    kind: DocumentKind
    media_type: str = PDF


class CollectionPartner(Protocol):
    """A registered agency that takes claims.

    What is told once may be told again after any failure: the partner hears of it once. All
    raise `PartnerError`, and all that name a claim `ClaimUnknown`.
    """

    async def submit(self, claim: Claim) -> ClaimTaken:
        """Hand a claim over once.

        However often this is called for one reference, one claim is created there, and the
        same answer comes back. Raises `ClaimRefused` or `PartnerError`.
        """
        ...

    async def find(self, reference: str) -> ClaimTaken | None:
        """The claim that the partner has under our reference; None if it has none."""
        ...

    async def status(self, handle: ClaimHandle) -> ClaimReport:
        """How a claim stands now."""
        ...

    async def report(self, handle: ClaimHandle, report: PaymentToReport) -> None:
        """Tell, once for its key, what changed what is owed. Raises `ClaimRefused`."""
        ...

    async def withdraw(self, handle: ClaimHandle, *, key: str, reason: str) -> None:
        """Ask, once for the key, that the partner stop. Raises `ClaimRefused`."""
        ...

    async def attach(self, handle: ClaimHandle, document: ClaimDocument) -> None:
        """Give a document, once for its name. Raises `DocumentRefused`."""
        ...

    def open_claims(self) -> AsyncIterator[OpenClaim]:
        """All claims that are not closed."""
        ...
