"""The port of collection partners: the calls that the system needs.

PartnerError            no answer, or not a sensible one: try again
    ClaimRefused        refused for good: trying again cannot help
    ClaimUnknown        the partner does not have the claim, or no longer
    DocumentRefused     the partner will never accept this document

The words of these errors name no person, because operators read them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Protocol, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from dunning.addresses.address import Address
from dunning.claims import ClaimStatus
from dunning.notices import NoticeKind

PDF: Final = "application/pdf"

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][!-~]{0,49}$")]
# A key is printed between brackets where the partner stores only text, so it contains none.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][!-Z\\^-~]{0,199}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Positive = Annotated[Decimal, Field(gt=0, strict=True)]


class PartnerError(Exception):
    """The partner gave no answer, or not a sensible one: try again.

    `retry_after` is the pause that the partner asked for, if it did.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ClaimRefused(PartnerError):
    """The partner refuses a claim, or a report on one, for good; the text is the partner's."""


class ClaimUnknown(PartnerError):
    """The partner does not have the claim, or no longer."""


class DocumentRefused(PartnerError):
    """The partner refuses a document for good, because of its size or its type."""


class _Personal(BaseModel, frozen=True, hide_input_in_errors=True, extra="forbid"):
    """A model that refuses unknown fields, so that a misspelt one cannot get lost."""


class Creditor(_Personal, frozen=True):
    """The creditor, our seller; `seller_id` is our id.

    `may_deduct_input_tax`: whether it gets back the value added tax in an agency's fee; None if
    unknown. `legal_notice`: the lines that its letters must carry by law, such as the managing
    directors of a company.
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
    """The debtor, with the data that an agency needs."""

    name: str = Field(min_length=1)
    contact_person: str | None = None
    is_company: bool
    registration_number: str | None = None
    address: Address
    email: str
    phone: str | None = None


class Cost(BaseModel, frozen=True):
    """Costs that are added to the principal, and their ground."""

    ground: str = Field(min_length=1)
    amount: Positive


class MoneyMoved(BaseModel, frozen=True):
    """A payment of the debtor so far; a negative amount went back."""

    on: date
    amount: Decimal = Field(strict=True)


class NoticeGiven(BaseModel, frozen=True):
    kind: NoticeKind
    on: date


class Claim(_Personal, frozen=True):
    """A receivable as it is handed over, with all that R15 requires.

    `reference` is ours, made of case and round (R16); it makes a handoff happen only once.
    `ordered_on` is the day of the contract, if it is known to differ from the invoice date.
    `installment` is its number and the number of installments. No interest is claimed. `amount` is
    the open amount: principal plus fees minus payments. `may_go_to_court` is the seller's option
    (R11).
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
    """A claim that the partner has, with the partner's id.

    `is_new`: this call has handed it over, not an earlier attempt.
    """

    partner_id: str
    reference: str
    taken_at: AwareDatetime | None = None
    is_new: bool = False


class ClaimHandle(BaseModel, frozen=True):
    """The two ids of a claim at the partner: our reference, and the partner's own id."""

    reference: str
    partner_id: str


class PartnerPayment(BaseModel, frozen=True):
    """Money that the partner got from the debtor; a negative amount went back.

    The partner's id and the day are there if the partner names them.
    """

    payment_id: str | None = None
    on: date | None = None
    amount: Decimal


class ClaimReport(BaseModel, frozen=True):
    """The state of a claim at the partner.

    `words` are the partner's own; they are for people, and never for Temporal. `amount` is what the
    partner has to recover, as far as it knows.
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
    """The kinds of changes of the amount owed that the partner has to be told."""

    PAYMENT = "payment"
    REVERSAL = "reversal"
    CORRECTION = "correction"
    COSTS = "costs"


class PaymentToReport(BaseModel, frozen=True):
    """A change of the amount owed: money that reached the seller, went back or never came; costs.

    `key` is ours. `open_amount` is what is owed after the change.
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
    """A file for a claim; its name is unique within the claim."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    description: str
    content: bytes = Field(repr=False)
    kind: DocumentKind
    media_type: str = PDF


class CollectionPartner(Protocol):
    """A collection agency that takes claims.

    A call may be repeated after any failure, and still has its effect only once. All calls raise
    `PartnerError`; those with a handle also raise `ClaimUnknown`.
    """

    async def submit(self, claim: Claim) -> ClaimTaken:
        """Hand a claim over once.

        Further calls with the same reference create no other claim, and return the first one.
        Raises `ClaimRefused` or `PartnerError`.
        """
        ...

    async def find(self, reference: str) -> ClaimTaken | None:
        """Return the partner's claim with our reference; None if it has none."""
        ...

    async def status(self, handle: ClaimHandle) -> ClaimReport:
        """Return the present state of a claim."""
        ...

    async def report(self, handle: ClaimHandle, report: PaymentToReport) -> None:
        """Report a change of the amount owed, once for its key. Raises `ClaimRefused`."""
        ...

    async def withdraw(self, handle: ClaimHandle, *, key: str, reason: str) -> None:
        """Ask the partner to stop, once for the key. Raises `ClaimRefused`."""
        ...

    async def attach(self, handle: ClaimHandle, document: ClaimDocument) -> None:
        """Send a document, once for its name. Raises `DocumentRefused`."""
        ...

    def open_claims(self) -> AsyncIterator[OpenClaim]:
        """Yield all claims that are not closed."""
        ...
