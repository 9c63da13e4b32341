"""The seller and the customer, as messages name them."""

from __future__ import annotations

from adapters.messages.values import Recipient, Sender
from dunning.addresses.envelope import postal_lines
from models.customers import country_of, name_of
from models.seller import SellerProfile
from models.tables import CustomerRow


def recipient_of(profile: SellerProfile) -> Recipient:
    """Return the seller as the recipient of mails."""
    return Recipient(
        name=profile.company_name,
        email=profile.email,
        language=profile.language,
        country=profile.address.country if profile.address else None,
    )


def customer_of(
    customer: CustomerRow, *, language: str, envelope: tuple[str, ...] = ()
) -> Recipient:
    """Return the customer as recipient; greeted by name only if first and last name are known."""
    is_whole = customer.first_name and customer.last_name
    return Recipient(
        name=name_of(customer),
        email=customer.email,
        language=language,
        person=f"{customer.first_name} {customer.last_name}" if is_whole else None,
        is_company=customer.company is not None,
        country=country_of(customer),
        envelope=envelope,
    )


def sender_of(profile: SellerProfile, *, to_country: str | None = None) -> Sender:
    """Return the seller as its customers see it; abroad, the address names the seller's country."""
    at_home = profile.address.country if profile.address else None
    return Sender(
        company_name=profile.company_name,
        email=profile.email,
        reply_to=profile.reply_to,
        address=postal_lines(profile.address, names=(), from_country=to_country or at_home),
        phone=profile.phone,
        website=profile.website,
        iban=profile.iban,
        bic=profile.bic,
        tax_id=profile.tax_id,
        registration_number=profile.registration_number,
        payment_instructions=profile.payment_instructions,
        legal_notice=profile.legal_notice,
        country=at_home,
    )
