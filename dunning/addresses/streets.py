"""Checks that a street line names a street, and has its house number or needs none (R14).

Numbers that are not the house's are removed first: dates and ordinals in the names of streets,
numbers of roads, floors and flats. A number that is left is the house number. In doubt it counts,
because an incomplete address stops the collection.
"""

from __future__ import annotations

import re
from typing import Final

from dunning.addresses.patterns import (
    BOX,
    BOX_ABBREVIATED,
    DATES,
    HUNGARIAN_ORDINAL,
    KNOWN_BY_NAME,
    NAMES_WITH_NUMBERS,
    NEEDS_NO_NUMBER,
    ORDINAL,
    PARTS_BY_COUNTRY,
    PARTS_OF_A_HOUSE,
    ROADS,
    SPELLED_NUMBER,
)
from dunning.addresses.rules import BOX_NEEDS_NO_NUMBER, NUMBER_IS_STREET, NUMBERED, TOWN_IS_STREET
from dunning.addresses.text import is_street_name, plain, tidy, words_of

_CARE_OF: Final = re.compile(r"\bc/o\b", re.IGNORECASE)


def street_line(street: str | None, country: str) -> str:
    """Return the street in one line, with commas between its lines, and without a `c/o` person."""
    line = ", ".join(filter(None, map(tidy, (street or "").splitlines())))
    parts = _CARE_OF.split(line, maxsplit=1)
    if len(parts) == 1 or country == "ES":  # C/O'Donnell is a street
        return line
    before, after = parts
    person, _, rest = after.partition(",")
    if re.search(r"\d", person):
        rest = after  # no comma between the person and the street
    return ", ".join(part for part in (before.strip(" ,"), rest.strip(" ,")) if part)


def is_street(line: str, country: str, *, city: str, postal_code: str) -> bool:
    """Whether a line names a street, a place or a box; a number alone only where that is enough.

    Town and postcode typed again are no street. The exceptions are settlements without streets, and
    an Irish townland with an Eircode, which is one house.
    """
    if line[:1].isdigit() and sum(sign.isalpha() for sign in line) <= 1:
        return country in NUMBER_IS_STREET and bool(re.search("[1-9]", line))
    if not is_street_name(re.sub(r"\d+", " ", line).strip(" ,.-/#")):
        return False
    if not _is_town_again(line, city, postal_code):
        return True
    is_one_house = country == "IE" and len("".join(words_of(postal_code))) == len("D02VK65")
    return is_one_house or country in TOWN_IS_STREET


def has_house_number(line: str, country: str, *, city: str, postal_code: str) -> bool:
    """Whether a street, box or locker has its number or needs none."""
    text = plain(line)
    if NEEDS_NO_NUMBER.search(text):
        return True
    if _is_box(text, country):
        return country in BOX_NEEDS_NO_NUMBER or _has_number(text, country, postal_code)
    if country not in NUMBERED or _is_known_by_name(text, country):
        return True
    if country in TOWN_IS_STREET and _is_town_again(line, city, postal_code):
        return True
    return bool(SPELLED_NUMBER.search(text)) or _has_number(text, country, postal_code)


def _is_town_again(line: str, city: str, postal_code: str) -> bool:
    return {*words_of(city), *words_of(postal_code)}.issuperset(words_of(line))


def _is_box(text: str, country: str) -> bool:
    short = BOX_ABBREVIATED.get(country)
    return bool(BOX.search(text)) or (short is not None and bool(short.search(text)))


def _is_known_by_name(text: str, country: str) -> bool:
    pattern = KNOWN_BY_NAME.get(country)
    return pattern is not None and any(pattern.match(part.strip()) for part in text.split(","))


def _has_number(text: str, country: str, postal_code: str) -> bool:
    """Whether a number is left after those that are not the house's are removed."""
    if len(postal_code) >= len("8001"):
        text = re.sub(rf"(?<!\w){re.escape(plain(postal_code))}(?!\w)", " ", text)
    for pattern in (
        NAMES_WITH_NUMBERS.get(country),
        PARTS_OF_A_HOUSE,
        PARTS_BY_COUNTRY.get(country),
        DATES,
        ROADS,
        HUNGARIAN_ORDINAL if country == "HU" else ORDINAL,
    ):
        if pattern is not None:
            text = pattern.sub(" ", text)
    return bool(re.search("[1-9]", text))
