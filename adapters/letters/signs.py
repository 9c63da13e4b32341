"""What is given up so that a letter can be printed with the fonts that there are."""

from __future__ import annotations

import re
from typing import Final

_EMOJI: Final = re.compile(
    " ?(?:[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff]"
    "[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*)+"
)
_UNKNOWN_SCRIPT: Final = re.compile(
    "[^\x20-\u024f\u0370-\u03ff\u0400-\u04ff\u05d0-\u05ea\u0600-\u06ff\u2010-\u2027\u202f-\u203a"
    "\u20ac\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_NOT_LATIN: Final = re.compile("[^\x20-\xff\u2013-\u201e\u2022\u2026\u202f\u20ac]")
_UNPRINTABLE: Final = "?"


def without_emoji(words: str) -> str:
    """Nothing is lost that an envelope needs."""
    return _EMOJI.sub("", words)


def only_known_scripts(words: str) -> str:
    """A question mark for each sign of a script for which there is no font here."""
    return _UNKNOWN_SCRIPT.sub(_UNPRINTABLE, words)


def only_latin(words: str) -> str:
    """A question mark for whatever is not sure to be printed."""
    return _NOT_LATIN.sub(_UNPRINTABLE, words)
