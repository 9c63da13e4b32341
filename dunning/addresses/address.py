"""Finds the missing parts of an address: whether a letter to the customer would arrive (R14).

`rules` says what a country's post asks for. `streets` checks streets and house
numbers by the patterns of `patterns`. `text` finds filler such as `n/a`.

In doubt an address passes if a postman could deliver it, because an incomplete one stops the
collection. The data of a country is read from a file at its first use and then kept, so call this
where files may be read: in an activity or the API, not in a workflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from dunning.addresses.rules import (
    ANYWHERE,
    Rules,
    asks_for_region,
    city_says_region,
    code_says_region,
    region_exists,
    region_key,
    rules_of,
)
from dunning.addresses.streets import has_house_number, is_street, street_line
from dunning.addresses.text import is_city, is_code, is_name, is_region, tidy


class Address(BaseModel, frozen=True):
    """A postal address as it was given; `country` is ISO 3166-1 alpha-2.

    `street` holds the house number too (or the box), `region` a name or a code.
    """

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


def missing_fields(address: Address | None, *, name: str | None) -> tuple[str, ...]:
    """Return what is missing or wrong for a letter to arrive, by the rules of the country (R14).

    The words, always in this order: `name`, `street`, `house_number`, `postal_code`, `city`,
    `region`, `country`; an empty tuple is a complete address. `name` is the person's or the
    company's. If the whole street is missing, its number is not reported as well; the number of a
    post box or a locker is a `house_number`. A region is missing only if neither postcode nor city
    says it; a ZIP of another state is a wrong `postal_code`. Without a known country, a street, a
    postcode and a city are expected. Filler (`-`, `n/a`, `xxx`) counts as missing. Never raises,
    whatever the text.
    """
    given = address or Address()
    country = tidy(given.country).upper()
    rules = rules_of(country)
    line = street_line(given.street, country)
    city, code = tidy(given.city), tidy(given.postal_code)
    has_street = is_street(line, country, city=city, postal_code=code)
    fits = {
        "name": is_name(tidy(name)),
        "street": has_street,
        "house_number": not has_street
        or has_house_number(line, country, city=city, postal_code=code),
        "postal_code": _postal_code_fits(given, country, rules),
        "city": "city" not in rules.required or is_city(city, country),
        "region": _region_fits(given, country, rules),
        "country": rules is not ANYWHERE,
    }
    return tuple(field for field, does_fit in fits.items() if not does_fit)


# --- postcode ---------------------------------------------------------------------------------

# The letters that people put before a postcode, beside the country's code: D-10115.
_SIGNS: Final = {
    "AT": "A", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H", "IT": "I",
    "LI": "FL", "LU": "L", "NO": "N", "PT": "P", "SE": "S",
}  # fmt: skip
_LONGEST_CODE: Final = 16
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")  # as typed on phones and in Japan
_DUBLIN: Final = re.compile(r"(?:D(?:UBLIN)?)?\d{1,2}W?")  # older than the Eircode, still in use
# Labels before a postcode: C.P. 03920, CEP 01310-200, PIN 700017.
_LABEL: Final = re.compile(r"^(?:C\.?P|CEP|PIN|ZIP|PLZ|CAP|T\.?K)[.:]?(?=\d)")


def _typed_code(address: Address) -> str | None:
    """Return the postcode without spaces; None if there is none, or only filler."""
    typed = _DASHES.sub("-", tidy(address.postal_code)).upper()
    code = "".join(typed.split()).strip("()〒")
    return code if is_code(code) else None


def _fitting_code(code: str | None, country: str, rules: Rules) -> str | None:
    """Return the postcode as the country writes it; None if it is not one of the country's."""
    if code is None or rules.postal_code is None:
        return code
    return next(filter(rules.postal_code.fullmatch, _spellings(code, country)), None)


def _postal_code_fits(address: Address, country: str, rules: Rules) -> bool:
    """Whether the postcode is valid in the country, or is absent where none is required."""
    code = _typed_code(address)
    if code is None:
        return "postal_code" not in rules.required
    fitting = _fitting_code(code, country, rules)
    if fitting is None:
        return country == "IE" and bool(_DUBLIN.fullmatch(code))
    if country == "ES":
        return any(province.match(fitting) for province in rules.zips.values())
    state = region_key(tidy(address.region), country, rules) if country == "US" else None
    return state is None or state not in rules.zips or bool(rules.zips[state].match(fitting))


def _spellings(code: str, country: str) -> Iterator[str]:
    """Yield a postcode without spaces in the spellings that a country's rules may expect."""
    if len(code) > _LONGEST_CODE:
        return
    bare = re.sub(f"^(?:{country}|{_SIGNS.get(country, country)})-?(?=.)", "", code)
    bare = _LABEL.sub("", bare, count=1)
    for text in (code, bare, f"{country}-{code}", code.replace("-", " ")):
        yield text
        for place in range(1, len(text)):
            yield f"{text[:place]} {text[place:]}"
            yield f"{text[:place]}-{text[place:]}"


# --- region -----------------------------------------------------------------------------------


def _region_fits(address: Address, country: str, rules: Rules) -> bool:
    """Whether the region is known from the postcode, the city or the field, or is not asked for.

    If postcode or city say it, the field may hold anything: `Calif.`, or nothing.
    """
    if not asks_for_region(country, rules):
        return True
    code = _fitting_code(_typed_code(address), country, rules)
    if code_says_region(code, rules) or city_says_region(tidy(address.city), country, rules):
        return True
    region = tidy(address.region)
    return is_region(region) and region_exists(region, country, rules)
