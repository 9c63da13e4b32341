"""How the number is called by which the tax office of a country knows a seller."""

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
    """The name at home, in whatever language the message is; None where it is not known."""
    return _OF_COUNTRY.get((country or "").upper())
