"""What the row of a customer says: the name to write to, and the address."""

from __future__ import annotations

from dunning.addresses.address import Address
from models.tables import CustomerRow


def person_of(first_name: str | None, last_name: str | None) -> str:
    """Return the name of a person; empty if there is none."""
    return " ".join(part for part in (first_name, last_name) if part)


def name_of(customer: CustomerRow) -> str:
    """Return the name to write to: the person's, else the company's."""
    return person_of(customer.first_name, customer.last_name) or customer.company or ""


def address_of(customer: CustomerRow) -> Address | None:
    given = customer.address
    return Address.model_validate(given) if given is not None else None


def country_of(customer: CustomerRow) -> str | None:
    country: str | None = (customer.address or {}).get("country")
    return country
