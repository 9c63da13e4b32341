"""How tables are written for the spreadsheets of a country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from babel import Locale, UnknownLocaleError

_LATIN: Final = "latn"
_COMMA, _SEMICOLON = ",", ";"
# They write a point in amounts, and their spreadsheets separate cells by semicolons all the same.
_SEMICOLON_ALL_THE_SAME: Final = frozenset({"CH", "LI"})


class UnknownLocale(ValueError):
    """There is no such language, or nothing is known of how it writes numbers."""


@dataclass(frozen=True)
class CsvFormat:
    """What separates cells, and what stands before the decimals of an amount."""

    separator: str = ","
    decimal: str = "."

    def amount(self, written: str | None) -> str | None:
        """An amount as it is written elsewhere, in this format."""
        return written and written.replace(".", self.decimal)


# As programs read it (RFC 4180).
PLAIN: Final = CsvFormat()


def csv_format_of(locale: str) -> CsvFormat:
    """The format of a language and country, as `de` or `es-CL`. Raises `UnknownLocale`.

    Days stay as they are in ISO 8601: every spreadsheet takes them for days, and nobody reads
    them otherwise.
    """
    try:
        found = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise UnknownLocale(locale) from error
    symbols = found.number_symbols.get(_LATIN, found.number_symbols.get("arab", {}))
    decimal = str(symbols.get("decimal", "."))
    is_split_by_comma = decimal != _COMMA and found.territory not in _SEMICOLON_ALL_THE_SAME
    return CsvFormat(separator=_COMMA if is_split_by_comma else _SEMICOLON, decimal=decimal)
