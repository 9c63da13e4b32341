"""Readable replacements for characters that none of our fonts has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

_EMOJI: Final = re.compile(
    " ?(?:[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff]"
    "[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*)+"
)
# The mark that East Asian printers set for a character that they lack.
_GETA: Final = "\u3013"
# The last word of a letter's Unicode name is its spelling: `CHEROKEE LETTER TSA`.
_SPELLED: Final = re.compile(
    r".*\b(?:LETTER|SYLLABLE|VOWEL SIGN|LIGATURE)\b.*?\b(?P<sound>[A-Z]+)(?:-\d+)?$"
)
_NEEDS_NO_GLYPH: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_NOT_LATIN: Final = re.compile("[^\x1e\x20-\xff\u2013-\u201e\u2022\u2026\u202f\u20ac]")


def strings_of(content: Any) -> Iterator[str]:
    """Yield all texts in a structure."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from strings_of(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from strings_of(value)


def with_strings(content: Any, change: Callable[[str], str]) -> Any:
    """Return the same structure with its non-ASCII texts changed."""
    if isinstance(content, str):
        return content if content.isascii() else change(content)
    if isinstance(content, dict):
        return {name: with_strings(value, change) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [with_strings(value, change) for value in content]
    return content


def unprintable(content: Any, known: Collection[str]) -> set[str]:
    """Return the characters of a structure that need a glyph and are not known."""
    signs = {sign for text in strings_of(content) if not text.isascii() for sign in text}
    return {sign for sign in signs if sign not in known and not _needs_no_glyph(sign)}


def printable(text: str, known: Collection[str]) -> str:
    """Replace the characters of a text that no font has.

    Emoji are left out, East Asian signs become a geta mark, and other characters are spelled in
    Latin letters by their name. A character without a spelling is left out.
    """
    text = _EMOJI.sub(lambda found: found[0] if _has_all(known, found[0]) else "", text)
    printed = ""
    for sign in text:
        if sign in known or _needs_no_glyph(sign):
            printed += sign
            continue
        spelled = _instead_of(sign, known)
        goes_on = printed[-1:].isalpha()
        printed += spelled.lower() if goes_on and spelled.isascii() else spelled
    return printed.strip(" ") if text[:1] != " " else printed


def only_latin(text: str) -> str:
    """Remove all characters that might not be printable."""
    return _NOT_LATIN.sub("", text)


def _instead_of(sign: str, known: Collection[str]) -> str:
    plain = unicodedata.normalize("NFKD", sign)
    if plain != sign and _has_all(known, plain):
        return plain
    name = unicodedata.name(sign, "")
    if "IDEOGRAPH" in name and _GETA in known:
        return _GETA
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.digit(sign))
    spelled = _SPELLED.fullmatch(name)
    return spelled["sound"].capitalize() if spelled else ""


def _has_all(known: Collection[str], text: str) -> bool:
    return all(sign in known or _needs_no_glyph(sign) for sign in text)


def _needs_no_glyph(sign: str) -> bool:
    return unicodedata.category(sign) in _NEEDS_NO_GLYPH or "\ufe00" <= sign <= "\ufe0f"
