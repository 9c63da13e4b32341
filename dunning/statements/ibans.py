"""International bank account numbers (ISO 13616): checks them, and finds them in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# The registry of ISO 13616: the length of an IBAN by country.
_LENGTHS: Final[dict[int, str]] = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTHS: Final[dict[str, int]] = {
    country: length for length, countries in _LENGTHS.items() for country in countries.split()
}
_SHAPE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{8,30}")
# An IBAN begins with two letters and two digits, after a blank or a sign.
_BEGINNING: Final = re.compile(r"(?<![0-9A-Za-z])(?:IBAN)?([A-Za-z]{2}[ ]?[0-9]{2})", re.I)
_BETWEEN: Final = " -."
# The shortest beginning of an IBAN that counts as one; order ids may look like shorter ones.
_SHORTEST_PART: Final = 12


def compact_iban(text: str | None) -> str | None:
    """Return the IBAN in a field, in capitals without blanks; None if it cannot be one.

    Length and check digits are not checked: the bank has done that.
    """
    compact = re.sub(r"[\s.-]", "", text or "").upper().removeprefix("IBAN").lstrip(":")
    return compact if _SHAPE.fullmatch(compact) else None


def is_iban(text: str) -> bool:
    """Whether country, length and check digits of a compact IBAN are right."""
    if IBAN_LENGTHS.get(text[:2]) != len(text) or not _SHAPE.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def ibans_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the valid IBANs within a text: each compact, with its start and end."""
    for begin in _BEGINNING.finditer(text):
        found = _read(text, begin.start(1))
        if found and is_iban(found[0]):
            yield found[0], begin.start(1), found[1]


def iban_like_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of IBANs in a text, even with wrong check digits or a missing end."""
    for begin in _BEGINNING.finditer(text):
        length = IBAN_LENGTHS.get(re.sub(r"\s", "", begin[1]).upper()[:2])
        if length:
            compact, end = _read_most(text, begin.start(1), length)
            if len(compact) >= _SHORTEST_PART and sum(map(str.isdigit, compact)) >= 8:
                yield begin.start(1), end


def _read(text: str, start: int) -> tuple[str, int] | None:
    length = IBAN_LENGTHS.get(re.sub(r"\s", "", text[start : start + 3]).upper()[:2])
    if length is None:
        return None
    compact, end = _read_most(text, start, length)
    return (compact, end) if len(compact) == length else None


def _read_most(text: str, start: int, length: int) -> tuple[str, int]:
    """Read up to `length` letters and digits, and skip blanks; return them and their end."""
    signs: list[str] = []
    end = start
    for at in range(start, len(text)):
        sign = text[at]
        if sign.isascii() and sign.isalnum():
            signs.append(sign.upper())
            end = at + 1
            if len(signs) == length:
                break
        elif sign not in _BETWEEN or (at + 1 < len(text) and text[at + 1] in _BETWEEN):
            break
    return "".join(signs), end
