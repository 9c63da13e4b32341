"""Days and amounts in the cells of tables, in the forms of all countries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.statements.table_reading import DateOrder, DecimalSign

_TIME: Final = re.compile(r"[T ,]+\d{1,2}[:.h]\d{2}([:.]\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?.*$")
_NUMBERS: Final = re.compile(r"(\d{1,4})\.?\s*[-./ ]\s*(\d{1,2})\.?\s*[-./ ]\s*(\d{2,4})\.?")
_COMPACT: Final = re.compile(r"\d{8}")
_NAMED: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th|\.|º)?[-./ ]*(?:de )?([a-z]{3,10})\.?[-./, ]*(?:de )?(\d{2,4})"
    r"|([a-z]{3,10})\.?[ -]*(\d{1,2})(?:st|nd|rd|th)?,?[ -]*(\d{4}))"
)
_WEEKDAY: Final = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*[., ]+")
# The beginnings of the months' names: English, German, Spanish, French, Italian, Dutch, Nordic.
_MONTHS: Final = (
    "jan ene gen janv januar enero",
    "feb fev febr fevr",
    "mar maa mrt mae marz mars marzo maerz maart marts",
    "apr abr avr",
    "may mai mei mag maj mayo maggio",
    "jun giu juin juni",
    "jul lug juil juli",
    "aug ago aou aout",
    "sep set sept",
    "oct okt ott out",
    "nov",
    "dec dez dic des",
)
_AMOUNT: Final = re.compile(
    r"""\s*(?P<sign>[-+\u2212\u2013]?)\s*(?P<open>\(?)\s*
    (?P<before>[A-Z]{3}|[€$£¥₣]|kr\.?|R\$|Fr\.?|zł)?\s*(?P<inner>[-+\u2212\u2013]?)\s*
    (?P<digits>\d[\d.,'\u2019\u00a0\u202f ]*)\s*(?P<late>[-+\u2212\u2013]?)\s*
    (?P<after>[A-Z]{3}|[€$£¥₣]|kr\.?|R\$|Fr\.?|zł|Kč|Ft|CR|DR|Cr|Dr|H|S)?\s*(?P<close>\)?)
    (?P<last>[-+\u2212\u2013]?)\s*""",
    re.X,
)
_CODE: Final = re.compile(r"[A-Z]{3}")
_SYMBOLS: Final = {"€": "EUR", "£": "GBP", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "R$": "BRL"}
# A longer cell is neither a day nor an amount.
_LONGEST: Final = 60
_MINUS: Final = "-\u2212\u2013"


def looks_like_day(cell: str) -> bool:
    """Whether a cell is a day in any order, with or without a time after it."""
    if not 6 <= len(cell) <= _LONGEST or sum(map(str.isdigit, cell)) < 3:
        return False
    return any(parse_day(cell, order) is not None for order in DateOrder)


def parse_day(cell: str, order: DateOrder) -> date | None:
    """Read a day, with or without a time after it; None if the cell is no day in this order.

    If the year comes first, or the month is a name, the order does not matter.
    """
    if len(cell) > _LONGEST:
        return None
    text = _TIME.sub("", cell.strip().strip('"')).strip()
    if not 6 <= len(text) <= 25:
        return None
    if found := _NUMBERS.fullmatch(text):
        first, second, third = found.groups()
        if len(first) == 4:
            return _day(first, second, third) if len(third) <= 2 else None
        return _ordered(first, second, third, order) if len(first) <= 2 else None
    if _COMPACT.fullmatch(text):
        if order is DateOrder.YEAR_MONTH_DAY:
            return _day(text[:4], text[4:6], text[6:])
        return _ordered(text[:2], text[2:4], text[4:], order)
    return _named(text)


def order_free(cell: str) -> bool:
    """Whether a day is the same in every order: its month is a name, or its year is first."""
    days = {parse_day(cell, order) for order in DateOrder}
    return len(days) == 1 and None not in days


def possible_orders(cells: Iterable[str]) -> list[DateOrder]:
    """Return the orders in which all cells are days that exist."""
    days = [cell for cell in cells if looks_like_day(cell)]
    return [
        order for order in DateOrder if all(parse_day(cell, order) is not None for cell in days)
    ]


def _ordered(first: str, second: str, third: str, order: DateOrder) -> date | None:
    match order:
        case DateOrder.DAY_MONTH_YEAR:
            return _day(third, second, first)
        case DateOrder.MONTH_DAY_YEAR:
            return _day(third, first, second)
        case DateOrder.YEAR_MONTH_DAY:
            return _day(first, second, third) if len(third) == 2 else None


def _day(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= 80 else 2000
    if not 1980 <= number <= 2100:
        return None
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _named(text: str) -> date | None:
    plain = _WEEKDAY.sub("", fold(text))
    found = _NAMED.fullmatch(plain)
    if not found:
        return None
    day, name, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    for number, names in enumerate(_MONTHS, 1):
        if any(name == one or (len(name) > 3 and name.startswith(one)) for one in names.split()):
            return _day(year, str(number), day)
    return None


def fold(text: str) -> str:
    """Return a text in small letters without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ø", "o"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("ł", "l")


def looks_like_amount(cell: str) -> bool:
    """Whether a cell looks like an amount of money; account numbers and days do not."""
    found = _as_amount(cell)
    if not found or _NUMBERS.fullmatch(cell.strip()):
        return False
    digits = found["digits"].strip()
    if re.fullmatch(r"\d{8,}|0\d+", digits):
        return False
    return _grouped(digits)


def _as_amount(cell: str) -> re.Match[str] | None:
    return _AMOUNT.fullmatch(cell) if len(cell) <= _LONGEST else None


def _grouped(digits: str) -> bool:
    """Whether the separators are at possible places: between groups, then before the decimals."""
    plain = re.sub(r"[\u00a0\u202f\u2019 ]", "'", digits)
    whole = r"\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*|\d+"
    return bool(re.fullmatch(rf"(?:{whole})(?:[.,]\d*)?", plain)) or bool(
        re.fullmatch(r"\d{1,3}(?:[.,']\d{2,3})+(?:[.,]\d*)?", plain)
    )


def parse_amount(cell: str, decimal_sign: DecimalSign) -> Decimal | None:
    """Read an amount; it is negative with a minus anywhere, in brackets, or marked as a debit."""
    found = _as_amount(cell)
    if not found:
        return None
    thousands = "." if decimal_sign is DecimalSign.COMMA else ","
    digits = re.sub(r"[\s'\u2019\u00a0\u202f]", "", found["digits"]).replace(thousands, "")
    digits = digits.replace(decimal_sign.value, ".")
    if digits.count(".") > 1:
        return None
    amount = Decimal(digits.rstrip(".") or "0")
    signs = found["sign"] + found["inner"] + found["late"] + found["last"]
    is_negative = any(sign in _MINUS for sign in signs)
    in_brackets = bool(found["open"] and found["close"])
    return -amount if is_negative or in_brackets or found["after"] in ("DR", "Dr", "S") else amount


def currency_in(cell: str) -> str | None:
    """Return the currency beside an amount: `EUR 12.00`, `12,00 €`."""
    found = _as_amount(cell)
    for mark in (found["before"], found["after"]) if found else ():
        if mark and _CODE.fullmatch(mark):
            return str(mark)
        if mark in _SYMBOLS:
            return _SYMBOLS[mark]
    return None


def decimal_sign_of(cells: Iterable[str]) -> DecimalSign | None:
    """Return the decimal sign that a column's amounts show; None if they do not decide it.

    A number decides it if it has two kinds of separators, or two of the same kind. A single
    separator decides it if it cannot be one of thousands: other than three digits follow it, or
    the digits before it are more than three, none, or a single 0.
    """
    shown: set[DecimalSign] = set()
    for cell in cells:
        found = _as_amount(cell)
        if found:
            shown |= _shown_by(re.sub(r"[\s'\u2019\u00a0\u202f]", "", found["digits"]))
    return shown.pop() if len(shown) == 1 else None


def _shown_by(digits: str) -> set[DecimalSign]:
    separators = [sign for sign in digits if sign in ".,"]
    if not separators:
        return set()
    last = DecimalSign(separators[-1])
    other = DecimalSign.COMMA if last is DecimalSign.POINT else DecimalSign.POINT
    if len(set(separators)) == 2:
        return {last}
    if len(separators) > 1:
        return {other}
    before, _, behind = digits.partition(last.value)
    return {last} if len(behind) != 3 or len(before) > 3 or before in ("0", "") else set()


def has_separators(cells: Iterable[str]) -> bool:
    """Whether any amount has a point or a comma."""
    return any(sign in cell for cell in cells for sign in ".,")
