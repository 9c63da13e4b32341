"""Tax numbers. Some countries' numbers have a check digit: in Chile the RUT (R25)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stdnum.cl import rut
from stdnum.exceptions import ValidationError

from models.tables import CustomerRow
from starter.refusals import wrong

_CHILE: Final = "CL"


def checked_tax_id(tax_id: str | None, country: str | None, *, field: str) -> str | None:
    """Return a tax number in its country's spelling. Raises `Invalid` for the field."""
    if tax_id is None or country != _CHILE:
        return tax_id
    try:
        return str(rut.format(rut.validate(tax_id)))
    except ValidationError:
        raise wrong(field, "is not a valid RUT") from None


def with_checked_tax_id(
    row: CustomerRow, changes: Mapping[str, Any], *, field: str
) -> dict[str, Any]:
    """Return the changes of a customer with a tax number that fits the country.

    Either may be changed alone: it is checked against the stored value of the other.
    """
    before = (row.tax_id, _country_of(row.address))
    address = changes.get("address", row.address)
    after = (changes.get("tax_id", row.tax_id), _country_of(address))
    if after == before:
        return dict(changes)
    return {**changes, "tax_id": checked_tax_id(*after, field=field)}


def _country_of(address: Mapping[str, Any] | None) -> str | None:
    return address.get("country") if address else None
