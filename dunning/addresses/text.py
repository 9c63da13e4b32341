"""Makes texts of an address comparable, and finds filler (R14).

`tidy` changes only spaces, wide characters and foreign digits; `plain` is for patterns; `squashed`
and `words_of` are for comparing names.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category, decimal, normalize


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def tidy(text: str | None) -> str:
    """Return one line with single spaces, plain widths and digits 0 to 9; `2º` becomes `2°`."""
    marked = (text or "").replace("º", "°").replace("ª", "°")
    line = " ".join(normalize("NFKC", marked).split())
    return "".join(str(decimal(sign)) if sign.isdecimal() else sign for sign in line)


def plain(text: str) -> str:
    """Return a tidy text in small letters, without accents and `ß`: `Boîte` becomes `boite`."""
    bare = (sign for sign in normalize("NFKD", text.casefold()) if category(sign) != "Mn")
    return normalize("NFKC", "".join(bare))


def squashed(text: str) -> str:
    """Return only letters and digits, without case and accents: `D.C.` and `dc` are the same."""
    return "".join(sign for sign in normalize("NFKD", text).casefold() if sign.isalnum())


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text in their order, squashed."""
    return [squashed(word) for word in re.findall(r"\w+", plain(text))]


# --- filler -----------------------------------------------------------------------------------

# No person and no place has these names.
_FILLER: Final = words(
    "unknown unbekannt keineangabe keineangaben nichtangegeben nichtbekannt undefined "
    "desconocido desconocida desconhecido desconhecida inconnu inconnue nonrenseigne "
    "sconosciuto sconosciuta onbekend ukendt okand nieznany nieznana notknown notprovided "
    "notavailable noaddress sindatos sindireccion tbd tba asdf asdfasdf qwerty qwertz"
)
# Test, Null and Na are surnames, and NA is the province of Naples, so they are not filler there.
_FILLER_REGIONS: Final = _FILLER | {"none", "null"}
_FILLER_PLACES: Final = _FILLER_REGIONS | {"na", "test", "testtest", "dummy", "fehlt"}
_ABBREVIATED: Final = re.compile(r"(?:[kn] ?[./] ?a|n ?[./] ?n)\W*", re.IGNORECASE)
_ABBREVIATED_PLACE: Final = re.compile(r"(?:n ?[./] ?[bcdkv]|s ?[./] ?[dno])\W*", re.IGNORECASE)
_ONE_LETTER: Final = re.compile(r"([a-z])\1\1+")


def _says_nothing(text: str, filler: frozenset[str]) -> bool:
    letters = squashed(text)
    return letters.strip("x") == "" or letters in filler or bool(_ABBREVIATED.fullmatch(text))


def is_name(name: str) -> bool:
    """Whether somebody can have this name; filler for first and last name is filler twice."""
    if _says_nothing(name, _FILLER):
        return False
    return not all(_says_nothing(word, _FILLER) for word in name.split())


def is_region(region: str) -> bool:
    """Whether a region is not filler; it need not be one of the country's."""
    return not _says_nothing(region, _FILLER_REGIONS)


def is_code(code: str) -> bool:
    """Whether a postcode is not filler; forms that insist on a postcode get zeros."""
    return not _says_nothing(code, _FILLER_PLACES) and code.strip("0-") != ""


def is_city(city: str, country: str) -> bool:
    # There is a town named None near Turin.
    return _is_place(city, _FILLER_PLACES - {"none"} if country == "IT" else _FILLER_PLACES)


def is_street_name(text: str) -> bool:
    """Whether this can be a street, a place or a box; its numbers are removed already."""
    return _is_place(text, _FILLER_PLACES)


def _is_place(text: str, filler: frozenset[str]) -> bool:
    """Whether a street or a city can have this name; one letter repeated is none."""
    return (
        any(sign.isalpha() for sign in text)
        and not _says_nothing(text, filler)
        and not _ABBREVIATED_PLACE.fullmatch(text)
        and not _ONE_LETTER.fullmatch(squashed(text))
    )
