"""The collection partner, behind the few calls that the system needs.

PartnerError        could not be reached or did not answer sensibly: try again
    ClaimRefused    for good: trying again cannot help

The words of both name no person: they end up where operators read.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, Field

from dunning.address import Address


class PartnerError(Exception):
    """The partner could not be reached or did not answer sensibly: try again.

    `retry_after` is how long the partner asked to be left alone, if it did.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ClaimRefused(PartnerError):
    """The partner will never take this claim; the text is the partner's own words."""


class Debtor(BaseModel, frozen=True, hide_input_in_errors=True):
    """Who owes the money, as an agency needs to know."""

    name: str = Field(min_length=1)
    contact_person: str | None = None
    is_company: bool
    registration_number: str | None = None
    address: Address
    email: str
    phone: str | None = None


class Claim(BaseModel, frozen=True, hide_input_in_errors=True):
    """A receivable as it is handed over.

    `reference` is ours, made of case and round (R16), and what makes a handoff happen once.
    `division` is the seller's id at the partner.
    """

    reference: str = Field(pattern=r"^[A-Za-z0-9][!-~]{0,49}$")
    description: str
    comments: str | None = None
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    amount: Decimal = Field(gt=0, strict=True)
    invoice_date: date
    due_date: date
    debtor: Debtor = Field(repr=False)
    division: str | None = None


class ClaimTaken(BaseModel, frozen=True):
    """The partner has the claim, under an id of its own."""

    partner_id: str
    reference: str
    taken_at: AwareDatetime | None = None


class CollectionPartner(Protocol):
    """A registered agency that takes claims."""

    async def submit(self, claim: Claim) -> ClaimTaken:
        """Hand a claim over once.

        However often this is called for one reference, one claim is created there, and the
        same answer comes back. Raises `ClaimRefused` or `PartnerError`.
        """
        ...

    async def find(self, reference: str) -> ClaimTaken | None:
        """The claim that the partner has under our reference; None if it has none."""
        ...
