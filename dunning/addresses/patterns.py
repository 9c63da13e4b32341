"""Patterns of streets, boxes and numbers around the world (R14).

They match texts as `text.plain` returns them: small letters, no accents, no final sigma.
The keys of tables are countries; one key may hold several that write alike.
"""

# Cyrillic, Greek and Turkish letters are meant.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final


def _by_country(patterns: Mapping[str, str]) -> Mapping[str, re.Pattern[str]]:
    """Compile patterns whose keys hold several countries into one entry for each country."""
    return {
        country: re.compile(pattern)
        for countries, pattern in patterns.items()
        for country in countries.split()
    }


# --- no number is needed ----------------------------------------------------------------------

# A counter of the post office instead of a house, or words for "no number".
NEEDS_NO_NUMBER: Final = re.compile(
    r"\b(?:postlagernd|post[ae] restante|general delivery|gd stn|lista de correos|fermo ?posta"
    r"|postan marado|counter delivery|care po|до востребования|до запитання"
    r"|domicilio conocido|no number|s[ie][nm] numero|senza numero|sans numero"
    r"|ohne (?:hausnummer|nummer|nr)|bez broja|brez stevilke|fara num[a]r|χωρισ αριθμο)\b"
    r"|局留"
    r"|(?<!\w)s ?[./] ?n[o°]?(?!\w)"  # s/n, S.N., s/nº
    r"|[ ,](?:sn|s\.?n\.?c|b\.?b|бб|б/н|f\.?n)\W*$"  # snc (IT), bb (Balkans), fn (RO)
)
SPELLED_NUMBER: Final = re.compile(
    r"^(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"  # One Microsoft Way
    r"|[〇一二三四五六七八九十](?:丁目|番|号|號)"
)
# Farms, settlements and ships, which the post finds by their names.
KNOWN_BY_NAME: Final = _by_country(
    {
        "AT CH DE LI": r"(?:hof|gut|schloss|burg|kloster|forsthaus|muhle|alm) [^\W\d_]",
        "AR UY": r"(?:estancia|paraje|chacra|establecimiento)\b",
        "BR": r"(?:fazenda|sitio|chacara|povoado|zona rural|assentamento)\b",
        "CL": r"(?:fundo|hijuela|caleta)\b",
        "CO": r"(?:vereda|finca|corregimiento|hacienda)\b",
        "ES": r"(?:cortijo|finca|masia|mas|caserio|diseminado|paraje|aldea)\b",
        "IL": r"(?:kibbutz|moshav|קיבוץ|מושב)\b",
        "IT": r"(?:localita|loc\.|frazione|fraz\.|contrada|c\.da|cascina|podere|masseria)(?!\w)",
        "MX": r"(?:rancho|ejido|hacienda|rancheria)\b",
        "PT": r"(?:quinta|lugar|casal|herdade|monte|aldeia)\b",
        "US": r"(?:uss|usns|uscgc)\b",
    }
)


# --- boxes and lockers ------------------------------------------------------------------------

BOX: Final = re.compile(
    r"\b(?:post(?:fach|schliessfach|bus|boks|box|kast)|postilokero|p\.? ?o\.? ?box|p\.o\.b|gpo box"
    r"|post(?:al)? (?:office )?(?:lock )?box|post bag|private bag|locked bag|antwoordnummer"
    r"|apartado|apdo|casilla|caixa postal|boite postale|case postale|casella postale"
    r"|skrytka|skr\. ?poczt|postovni prihradka|postovy priecinok|postanski (?:pretinac|fah)"
    r"|postni predal|postafiok|casuta postala|posta kutusu|postholf|peti surat"
    r"|пощенска кутия|абонентскии ящик|абонентська скринька|поштански (?:фах|преградак)"
    r"|ταχ\w* θυριδα|صندوق (?:ال)?بريد|ص ?\. ?ب|ת ?\. ?ד"
    # lockers, and counters that have a number
    r"|packstation|postfiliale|abholstation|paczkomat|citypaq|locker|pakkeboks)\b"
    r"|私書箱|사서함|信箱"
)
# Short forms: only at the beginning or after a comma, and not before a letter.
BOX_ABBREVIATED: Final = {
    country: re.compile(rf"(?:^|, ?)(?:{pattern.pattern})(?![^\W\d_])")
    for country, pattern in _by_country(
        {
            "AT DE HU": "pf",
            "BE LU MC": "bp",
            "BF BJ CD CG CI CM DJ DZ GA GN MA MG ML MR NE SN TD TG TN": "bp",
            "BA HR ME SI": r"p\. ?p|pp",
            "BG": r"п\. ?к|p\. ?k",
            "BY RU": "а/я",
            "CA CH IT": r"c\. ?p|cp",
            "CO": r"a\. ?a",
            "AR": r"c\. ?c",
            "CY GR": r"τ\. ?θ|τθ|t\. ?th",
            "DK NO": "pb|boks",
            "EE": r"p\. ?k|pk",
            "FI": "pl|pb",
            "FR": "bp|cs|tsa",
            "IL": r"t\. ?d",
            "IS SE": "box",
            "LT": r"[ap]\. ?d",
            "LV": "[ap]/k",
            "RO": r"c\. ?p",
            "RS": r"п\. ?ф|p\. ?f",
            "TR": r"p\. ?k|pk",
            "UA": "а/с",
        }
    ).items()
}


# --- numbers that are not the house's ---------------------------------------------------------

_MONTHS: Final = (
    "januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember"
    "|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre"
    "|dicembre|mayo|septiembre|ianuarie|februarie|martie|aprilie|iunie|iulie|septembrie"
    "|octombrie|noiembrie|decembrie|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia"
    "|wrzesnia|pazdziernika|listopada|grudnia|janvier|fevrier|mars|avril|juin|juillet|aout"
    "|septembre|octobre|decembre|ocak|subat|mart|nisan|may[ıi]s|haziran|temmuz|agustos|eylul"
    "|ekim|kas[ıi]m|aral[ıi]k|января|февраля|марта|апреля|мая|июня|июля|августа|сентября"
    "|октября|ноября|декабря|січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня"
    "|жовтня|листопада|грудня|януари|февруари|март|април|маи|юни|юли|август|септември|октомври"
    "|ноември|декември|ιανουαριου|φεβρουαριου|μαρτιου|απριλιου|μαιου|ιουνιου|ιουλιου|αυγουστου"
    "|σεπτεμβριου|οκτωβριου|νοεμβριου|δεκεμβριου"
)
DATES: Final = re.compile(
    # With `de` a year follows only after another `de`: 9 de Julio 1925 is a house in Argentina.
    r"(?<!\d)\d+°? de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre"
    r"|octubre|noviembre|diciembre|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro"
    r"|novembro|dezembro)\b(?: del? \d{4}\b)?"
    # Via 4 Novembre, Rue du 31-Décembre, ulica 3 Maja, Straße des 8. Mai 1945, 28ης Οκτωβρίου
    rf"|(?<!\d)\d+(?:°|\.|er|-?go|-?[тврм]и|ησ|η|is)?[ -]?(?:{_MONTHS})\b(?: (?:1[5-9]|20)\d\d\b)?"
    r"|(?<!\d)\d+-(?:osios|ojo|oji)\b"  # Kovo 11-osios (LT)
)
ROADS: Final = re.compile(
    r"(?<!\d)\d*(?:1st(?!\.? ?(?:tv|th|mf)\b)|2nd|3rd|\dth)\b"  # 5th Avenue; not 1 st. tv
    r"|(?<!\d)\d+(?:re|er|i?eme|e) (?:av|ave|avenue|rue|rang|boulevard|etage)\b"  # 2e Avenue
    r"|\b(?:calle|carrera|cra|ruta|carretera|ctra|autopista|rodovia|rua|transversal|diagonal)\.?"
    r" (?:[a-z]{1,3}-)?\d+\w?"
    r"|^(?:avenida|avda|av|avenue|ave)\.? \d+\w?"
    r"|(?:^|\b(?:us|state|county) )(?:highway|hwy|route|rte|road|rd)\.? \d+\w?"
)
# A number, a dot and a word is an ordinal (17. Juni, 2. OG), except a Danish 12.st.tv ...
ORDINAL: Final = re.compile(r"(?<!\d)\d+\. ?(?!(?:st|kl)\b)[^\W\d_]{2,}")
# ... and in Hungary, where house numbers end in a dot: only Március 15. tér and the like.
HUNGARIAN_ORDINAL: Final = re.compile(
    r"(?<!\d)\d+\. ?(?:ter|tere|utca|u|ut|utja|korut|krt|koz|setany|park|lakotelep|ltp|ker\w*"
    r"|em|emelet)\b"
)
NAMES_WITH_NUMBERS: Final = _by_country(
    {
        "AT": r"^strasse \d+",
        # C 4 is a square of Mannheim, C 4, 12 a house in it; and Straße 52 is a street.
        "DE": r"^[a-u] ?\d\d?$|^strasse \d+|\bpostnummer:? ?\d+",
        "BE NL": r"^\d+(?:e|de|ste) (?=[^\W\d_]{3})",  # 1e Constantijn Huygensstraat
        "KR": r"\d+(?:번)?길|\d+-(?:gil|ro)\b",  # 테헤란로87길
        "TR": r"(?<!\d)\d+\.? (?:sokak|sokag[ıi]|sok|sk|cadde|cad|cd)\b",
        "TW": r"\bsec(?:tion)?\.? ?\d+|\d+段",
        # A rural route: the number of its box is the house number.
        "US": r"\b(?:rr|rural route|hc|psc|cmr)\.? ?#?\d+"
        r"|\b(?:interstate|i|fm|farm to market|(?:county|co|state) (?:road|rd))[ -]\d+\w?",
    }
)
PARTS_OF_A_HOUSE: Final = re.compile(
    r"(?<!\d)\d+\.? ?°"  # 2º B, 3.º, 5° piano
    r"|(?<![\w-])(?:apartment|apartamento|appartement|apt|apto|suite|ste|unit|flat|floor|level"
    r"|room|wohnung|whg|etage|obergeschoss|piso|departamento|depto|dpto|interior|interno|int\."
    r"|oficina|of\.)[.:]? ?#?\d+"
)
PARTS_BY_COUNTRY: Final = _by_country(
    {
        "AT": r"(?<![\w-])(?:top|stiege|stg|tur)\.? ?\d+",
        "BE": r"(?<![\w-])(?:bus|bte|boite)\.? ?\w*\d+",
        "BG": r"(?<!\w)(?:ап|ет|вх|ap|et|vh)\.? ?\d+",
        "CH LU": r"(?<![\w-])(?:app|bureau)\.? ?\d+",
        # `#` is a flat after a street; in front, and in Puerto Rico after a calle, it is the house.
        "CA US": r"\b(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|ct|court|pl|place|way)"
        r"\.?,? ?#\s?\w+|(?<![\w-])(?:app|bureau)\.? ?\d+",
        "AR CL CO MX PE UY": r"(?<!\w)(?:dep|int)\.? ?\d+",
        "DK": r"(?<!\d)\d+\.? ?(?:tv|th|mf|sal)\b",
        "ES": r"(?<!\w)(?:pta|puerta|esc)\.? ?\d+",
        "FI": r"(?<!\w)(?:as|krs)\.? ?\d+",
        "GR": r"(?<!\d)\d+(?:οσ|os)\b",
        "HU": r"(?<!\w)em(?:elet)?\.?,? ?\d+",
        "IL": r"(?<!\w)דירה \d+",
        "NO": r"(?<!\w)[hulk]\d{4}\b",
        "PL": r"(?<!\w)(?:m|lok)\.? ?\d+",
        "RO": r"(?<!\w)(?:ap|et|sc)\.? ?\d+",
        "RU UA": r"(?<!\w)(?:кв|оф|эт|под)\.? ?\d+",
        "BA HR ME RS SI": r"(?<!\w)(?:stan|kat|стан|спрат)\.? ?\d+",
        "CZ SK": r"(?<!\w)byt\.? ?\d+",
        "SE": r"(?<!\w)lgh\.? ?\d+|(?<!\d)\d+ tr(?:appa|appor)?\b",
        "TR": r"(?<![\w.])(?:d|daire|da|kat|k)[.:] ?\d+|(?<!\w)(?:daire|kat) \d+",
    }
)
