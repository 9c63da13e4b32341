"""The formats of dates and amounts: by the reader's full language tag, else by the country."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError

# English of no country, for a country whose formats are not known.
_WORLD: Final = {"en": "en_001"}


class Language(NamedTuple):
    """The language of a text, and the locale whose formats it uses."""

    code: str
    locale: str

    @property
    def territory(self) -> str:
        """The country of the formats, or the empty string."""
        return Locale.parse(self.locale).territory or ""


@lru_cache(maxsize=512)
def language_in(code: str, *, tag: str, country: str | None) -> Language:
    """Return a language with the formats for a reader's language tag (BCP 47) and country.

    `en-GB` has British formats wherever its reader lives; `en` has those of the reader's country.
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
    """Return the language of a tag: `de` of `de-AT`."""
    return re.split("[-_]", tag.strip().lower())[0]


def region_of(tag: str) -> str | None:
    """Return the region in a tag: `AT` of `de-AT`, `TW` of `zh-Hant-TW`; None if it has none."""
    for part in re.split("[-_]", tag.strip())[1:]:
        if re.fullmatch(r"[A-Za-z]{2}|\d{3}", part):
            return part.upper()
        if len(part) == 1:  # an extension, which has no region
            return None
    return None


def _is_known(locale: str) -> bool:
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return False
    return True
