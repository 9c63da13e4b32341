"""Amounts, days and numbers of days, in the form of a language and a country."""

from __future__ import annotations

import re
from copy import copy
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern, get_currency_symbol
from babel.units import format_unit

from dunning.money import CURRENCY_DIGITS, Money

NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
_DIGIT_AFTER_CODE: Final = re.compile(r"(?<=[A-Z])(?=\d)")
_CURRENCY_SIGN: Final = "\N{CURRENCY SIGN}"
_PATTERNS_KEPT: Final = 1024


def money(amount: Money, locale: str) -> str:
    """Write an amount as the locale does, with the digits that ISO 4217 gives its currency."""
    how = _format(locale, amount.currency)
    written = how.pattern.apply(
        amount.amount, locale, currency=amount.currency, currency_digits=False
    )
    return _DIGIT_AFTER_CODE.sub(NO_BREAK_SPACE, str(written).replace(amount.currency, how.symbol))


def day(value: date, locale: str) -> str:
    written = format_date(value, format="long", locale=locale)
    # Unicode's data has "1 avril", but French writes "1er avril".
    return written.replace("1 ", "1er ", 1) if locale[:2] == "fr" and value.day == 1 else written


def days(count: int, locale: str) -> str:
    """Write a number of days in words: `1 day`, `2 days`."""
    return format_unit(count, "duration-day", length="long", locale=locale)


class _Format(NamedTuple):
    pattern: NumberPattern
    symbol: str


@lru_cache(maxsize=_PATTERNS_KEPT)
def _format(locale: str, currency: str) -> _Format:
    """Return the locale's pattern, or that of its language for a currency without a sign there.

    Locales of Spanish America would otherwise write `EUR1.026,50`.
    """
    parsed = Locale.parse(locale)
    found = parsed.currency_formats["standard"]
    symbol = get_currency_symbol(currency, locale)
    if symbol == currency and found.pattern.startswith(f"{_CURRENCY_SIGN}#") and parsed.territory:
        found = Locale.parse(parsed.language).currency_formats["standard"]
        symbol = get_currency_symbol(currency, parsed.language)
    # Babel has the digits of daily use, and would round RSD 12.50.
    pattern: NumberPattern = copy(found)
    pattern.frac_prec = (CURRENCY_DIGITS[currency],) * 2
    return _Format(pattern, symbol)
