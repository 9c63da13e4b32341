"""How dates and amounts are written: by the reader's full language tag, else by the country."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError

# English of no country, for a country of which no habit is known.
_WORLD: Final = {"en": "en_001"}


class Language(NamedTuple):
    """In which language something is written, and the habits of which country it follows."""

    code: str
    locale: str

    @property
    def territory(self) -> str:
        """The country of the habits, or the empty string."""
        return Locale.parse(self.locale).territory or ""


@lru_cache(maxsize=512)
def language_in(code: str, *, tag: str, country: str | None) -> Language:
    """A language as the reader of a tag (BCP 47) in a country is used to it.

    `en-GB` goes by Britain wherever its reader lives; `en` goes by the reader's country.
    """
    of_tag = region_of(tag) if primary_subtag(tag) == code else None
    territory = of_tag or (country or "").strip().upper() or None
    if territory is None:
        return Language(code, code)
    for known in (f"{code}_{territory}", _WORLD.get(code, code)):
        if _is_known(known):
            return Language(code, known)
    return Language(code, code)


def primary_subtag(tag: str) -> str:
    """The language alone: `de` of `de-AT`."""
    return re.split("[-_]", tag.strip().lower())[0]


def region_of(tag: str) -> str | None:
    """The country or the part of the world in a tag: `AT` of `de-AT`, `TW` of `zh-Hant-TW`."""
    for part in re.split("[-_]", tag.strip())[1:]:
        if re.fullmatch(r"[A-Za-z]{2}|\d{3}", part):
            return part.upper()
        if len(part) == 1:  # what follows is no region
            return None
    return None


def _is_known(locale: str) -> bool:
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return False
    return True
