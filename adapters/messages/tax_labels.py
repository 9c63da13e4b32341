"""The names of tax numbers, by country."""

from __future__ import annotations

from typing import Final

_OF_COUNTRY: Final = {
    "AR": "CUIT",
    "AT": "UID-Nr.",
    "CH": "UID",
    "CL": "RUT",
    "CO": "NIT",
    "DE": "USt-IdNr./Steuernummer",
    "ES": "NIF",
    "FR": "N° TVA",
    "IT": "P. IVA",
    "MX": "RFC",
    "PE": "RUC",
    "PT": "NIF",
}


def tax_label(country: str | None) -> str | None:
    """Return the name in the seller's country, for messages in any language; None if unknown."""
    return _OF_COUNTRY.get((country or "").upper())
