"""Divisions: our sellers at the partner."""

from __future__ import annotations

import asyncio
import hashlib
from http import HTTPStatus
from typing import Any, Final

from adapters.partner.debitura.api import (
    Api,
    Json,
    is_good,
    masked,
    parsed_object,
    present,
    refusals,
    rendered,
    unexpected,
    unreadable,
)
from adapters.partner.debitura.lists import listed
from adapters.partner.port import ClaimRefused, Creditor

_REQUIRED: Final = ("city", "countryCode")
# The fields by which a division is found again. A seller with another name or seat needs another
# division, because the partner's letters name both.
_MARKS: Final = ("companyName", "registrationNumber", "address", "zipCode", "city")


class Divisions:
    """The divisions of sellers, each looked up once in a process and created if missing."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[tuple[str, ...], str] = {}
        self._turn = asyncio.Lock()

    async def ensure(self, creditor: Creditor) -> str | None:
        """Return the division of a seller; create it if there is none.

        None for a seller without a city or a country, which a division requires. Raises
        `ClaimRefused` if the partner refuses to create it.
        """
        fields = _division(creditor)
        if any(name not in fields for name in _REQUIRED):
            return None
        mark = _mark(fields, fields["countryCode"])
        async with self._turn:
            if mark not in self._known:
                self._known[mark] = await self._find(mark) or await self._create(creditor, fields)
        return self._known[mark]

    def forget(self, division_id: str) -> None:
        """Forget a division that the partner does not have any more."""
        self._known = {mark: kept for mark, kept in self._known.items() if kept != division_id}

    async def _find(self, mark: tuple[str, ...]) -> str | None:
        async for division in listed(self._api, "/divisions", "divisions"):
            if _mark(division, _country(division)) == mark and division.get("id"):
                return str(division["id"])
        return None

    async def _create(self, creditor: Creditor, fields: Json) -> str:
        body = rendered(fields).encode()
        # The key depends on the body, because one key with two bodies would be a conflict.
        key = f"division-{hashlib.sha256(body).hexdigest()}"
        answer = await self._api.post("/divisions", body, once=key)
        if answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
            street = creditor.address.street if creditor.address else None
            personal = (creditor.name, street, creditor.email, creditor.phone)
            raise ClaimRefused(masked(refusals(answer), personal))
        if not is_good(answer):
            raise unexpected(answer)
        division_id = parsed_object(answer).get("id")
        if not isinstance(division_id, str) or not division_id:
            raise unreadable(answer)
        return division_id


def _division(creditor: Creditor) -> Json:
    address = creditor.address
    if address is None:
        return {}
    return present(
        companyName=creditor.name,
        registrationNumber=creditor.registration_number or creditor.tax_id,
        address=address.street,
        zipCode=address.postal_code,
        city=(address.city or "").strip(),
        state=address.region,
        countryCode=(address.country or "").strip().upper(),
        officeEmail=creditor.email,
        officePhone=creditor.phone,
    )


def _country(division: Json) -> str:
    """Return the country of a division, which may be a code or an object with the code."""
    country: Any = division.get("countryCode") or division.get("country")
    return str(country.get("alpha2") if isinstance(country, dict) else country)


def _mark(division: Json, country: str) -> tuple[str, ...]:
    written = (division.get(name) for name in _MARKS)
    given = ("" if value is None else str(value) for value in (*written, country))
    return tuple(" ".join(value.split()).casefold() for value in given)
