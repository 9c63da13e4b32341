"""What the rules need beside a case, from what is stored: the same for one case and for many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from dunning.addresses.address import Address
from dunning.case.inputs import CaseInputs
from dunning.movements import LedgerFacts
from models.terms import SellerAt, terms_of


class CustomerContact(NamedTuple):
    """How a customer can be reached, and what is missing for that (R14)."""

    address: Address | None
    missing: tuple[str, ...] = ()
    email_version: int = 0


def inputs_of(
    seller: SellerAt,
    customer: CustomerContact,
    *,
    due_date: date,
    messages: Collection[datetime] = (),
    facts: LedgerFacts | None = None,
) -> CaseInputs:
    """Return what the rules need beside a case of this seller and customer at the seller's moment.

    `messages` are the last ones to the customer, where the law counts them (R9).
    """
    settings = seller.settings
    return CaseInputs(
        facts=facts or LedgerFacts(),
        terms=terms_of(seller, customer.address, due_date=due_date, messages=messages),
        option=settings.dunning_option,
        auto_handoff=settings.auto_handoff,
        auto_chargeback_handoff=settings.auto_chargeback_handoff,
        missing=customer.missing,
        email_version=customer.email_version,
        statements_until=seller.statements_until,
        statement_mailed=seller.statement_mailed,
    )
