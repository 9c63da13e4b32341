"""The texts of requests, normalized so that they can be stored and compared."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints

# Control characters, surrogates, line and paragraph separators, and invisible characters: marks of
# writing direction, tags, zero widths.
_UNWANTED: Final = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp"})
# These join letters of some scripts, and emoji.
_JOINERS: Final = "\u200c\u200d"
_NO_CHARACTERS: Final = range(0xFDD0, 0xFDF0)
_PLANE_END: Final = 0xFFFE


def _text(value: str) -> str:
    """Check a text and normalize it (NFC)."""
    if value.isascii() and value.isprintable():
        return value
    for character in value:
        if character == "\n":
            continue
        if unicodedata.category(character) in _UNWANTED and character not in _JOINERS:
            raise ValueError("must not contain control characters or invisible ones")
        number = ord(character)
        if number in _NO_CHARACTERS or number & _PLANE_END == _PLANE_END:
            raise ValueError("must not contain what is no character")
    return unicodedata.normalize("NFC", value)


def _line(value: str) -> str:
    if "\n" in value:
        raise ValueError("must be one line")
    return value.strip()


def _filled(value: str) -> str:
    if not value:
        raise ValueError("must not be blank")
    return value


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Line = Annotated[
    str, StringConstraints(max_length=200), AfterValidator(_text), AfterValidator(_line)
]
FilledLine = Annotated[Line, AfterValidator(_filled)]
OptionalLine = Annotated[Line | None, BeforeValidator(_none_if_blank)]
Paragraph = Annotated[
    str, StringConstraints(max_length=2000), AfterValidator(_text), AfterValidator(str.strip)
]
OptionalParagraph = Annotated[Paragraph | None, BeforeValidator(_none_if_blank)]
Reason = Annotated[
    str, StringConstraints(max_length=500), AfterValidator(_text), AfterValidator(str.strip)
]
OptionalReason = Annotated[Reason | None, BeforeValidator(_none_if_blank)]
