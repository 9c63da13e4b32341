"""The words of the console, one file for each language; and dates and amounts in that language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import (
    format_date,
    format_datetime,
    format_interval,
    format_skeleton,
    format_time,
)
from babel.numbers import format_decimal
from babel.plural import PluralRule

from adapters.messages.formats import money as money_of
from dunning.money import Money

LANGUAGES: Final = ("de", "en", "es", "fr")
FALLBACK: Final = "en"
_WORDS: Final = Path(__file__).parent / "words"


class Words:
    """The words of one language, by dotted names such as `board.title`.

    If a text has several forms (`one`, `other`), the number `n` chooses one.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts_of(language)
        self._plural: PluralRule = Locale.parse(language).plural_form

    def __call__(self, name: str, /, **values: Any) -> str:
        found = self._texts[name] if name in self._texts else self._form(name, values["n"])
        return found.format(**values) if values else found

    def has(self, name: str) -> bool:
        return name in self._texts

    def _form(self, name: str, number: int) -> str:
        chosen = f"{name}.{self._plural(number)}"
        return self._texts.get(chosen) or self._texts[f"{name}.other"]

    # --- days, moments, amounts ---------------------------------------------------------------

    def day(self, day: date | str | None) -> str:
        if day is None:
            return ""
        found = date.fromisoformat(day) if isinstance(day, str) else day
        return format_date(found, "medium", locale=self.language)

    def short_day(self, day: date | str) -> str:
        """Return the day without the year."""
        found = date.fromisoformat(day) if isinstance(day, str) else day
        return format_skeleton("MMMd", found, locale=self.language)

    def days(self, first: date, last: date) -> str:
        """Return a range of days, without the year."""
        return format_interval(first, last, "MMMd", locale=self.language)

    def weekday(self, day: date) -> str:
        return format_skeleton("yMMMEd", day, locale=self.language)

    def moment(self, at: datetime | str | None, zone: ZoneInfo) -> str:
        if at is None:
            return ""
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
        local = found.astimezone(zone)
        return f"{self.day(local.date())}, {self.clock(found, zone)}"

    def short_moment(self, at: datetime | str, zone: ZoneInfo) -> str:
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
        return format_datetime(found.astimezone(zone), "short", locale=self.language)

    def local_date(self, at: str, zone: ZoneInfo) -> date:
        """Return the day of a moment in a time zone."""
        return datetime.fromisoformat(at).astimezone(zone).date()

    def clock(self, at: datetime, zone: ZoneInfo) -> str:
        return format_time(at.astimezone(zone), "short", locale=self.language)

    def money(self, amount: Decimal | str, currency: str) -> str:
        return _money(Decimal(amount), currency, self.language)

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self.language)


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, language: str) -> str:
    """Return an amount in words. Cached: the rows of a list often have the same amounts."""
    return money_of(Money(amount=amount, currency=currency), language)


@cache
def words_in(language: str) -> Words:
    return Words(language)


@cache
def texts_of(language: str) -> Mapping[str, str]:
    """Return all texts of a language by their dotted names."""
    tree = tomllib.loads((_WORDS / f"{language}.toml").read_text("utf-8"))
    return dict(_flat(tree))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        full = f"{prefix}{name}"
        found += _flat(value, f"{full}.") if isinstance(value, dict) else [(full, value)]
    return found


def chosen_language(chosen: str | None, accepted: str, otherwise: str | None) -> str:
    """Return the chosen language, else the browser's, else the seller's, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    tags = [part.partition(";")[0].strip() for part in accepted.split(",")]
    wanted = [tag.replace("-", "_") for tag in tags if tag and tag != "*"]
    found = negotiate_locale(wanted, LANGUAGES) if wanted else None
    return found or (str(otherwise) if otherwise in LANGUAGES else FALLBACK)
