"""The formats of CSV tables for the spreadsheets of a country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from babel import Locale, UnknownLocaleError

_LATIN: Final = "latn"
_COMMA, _SEMICOLON = ",", ";"
# These countries write a point in amounts, but their spreadsheets separate cells by semicolons.
_SEMICOLON_ALL_THE_SAME: Final = frozenset({"CH", "LI"})


class UnknownLocale(ValueError):
    """The language is unknown, or it is not known how it writes numbers."""


@dataclass(frozen=True)
class CsvFormat:
    """The sign that separates cells, and the sign before the decimals of an amount."""

    separator: str = ","
    decimal: str = "."

    def amount(self, written: str | None) -> str | None:
        """Return an amount in this format; it is given with a point."""
        return written and written.replace(".", self.decimal)


# The format that programs read (RFC 4180).
PLAIN: Final = CsvFormat()


def csv_format_of(locale: str) -> CsvFormat:
    """Return the format of a language and country, such as `de` or `es-CL`. Raises `UnknownLocale`.

    Days stay in ISO 8601: every spreadsheet recognizes them, and nobody misreads them.
    """
    try:
        found = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise UnknownLocale(locale) from error
    symbols = found.number_symbols.get(_LATIN, found.number_symbols.get("arab", {}))
    decimal = str(symbols.get("decimal", "."))
    is_split_by_comma = decimal != _COMMA and found.territory not in _SEMICOLON_ALL_THE_SAME
    return CsvFormat(separator=_COMMA if is_split_by_comma else _SEMICOLON, decimal=decimal)
