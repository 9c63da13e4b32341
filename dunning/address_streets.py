"""Whether a street line names a street, and has its house number or needs none (R14)."""

from __future__ import annotations

import re
from typing import Final

from dunning.address_rules import NUMBER_IS_STREET, NUMBERED
from dunning.address_text import is_street_name, squashed

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


def is_street(street: str, country: str) -> bool:
    """Whether it names a street, a place or a box; a number alone only where that is enough."""
    if street[:1].isdigit() and sum(sign.isalpha() for sign in street) <= 1:
        return country in NUMBER_IS_STREET and bool(re.search("[1-9]", street))
    return is_street_name(re.sub(r"\d+", " ", street).strip(" ,.-/#"))


def has_house_number(street: str, city: str, country: str) -> bool:
    """Whether the street has its number, or needs none."""
    if country not in NUMBERED or _NEEDS_NO_NUMBER.search(street):
        return True
    if _SPELLED_NUMBER.search(street):
        return True
    in_mannheim = country == "DE" and squashed(city).startswith("mannheim")
    if in_mannheim and _MANNHEIM_SQUARE.fullmatch(street):
        return False
    ordinal = _HUNGARIAN_ORDINAL if country == "HU" else _ORDINAL
    rest = ordinal.sub(" ", _NO_HOUSE_NUMBER.sub(" ", street))
    return bool(re.search("[1-9]", rest))
