"""The words of letters: `templates/<language>/letter.toml`, one file a language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from adapters.messages.wording import FALLBACK_LANGUAGE

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def letter_language(tag: str) -> str:
    """The language in which letters are written: `de` for `de-AT`; English if unknown."""
    language = re.split("[-_]", tag.strip().lower())[0]
    return language if language in _languages() else FALLBACK_LANGUAGE


@cache
def letter_words(language: str) -> Mapping[str, Any]:
    """What a translator writes: by name, or by kind of notice and name."""
    return tomllib.loads((_TEMPLATES / language / "letter.toml").read_text("utf-8"))


@cache
def _languages() -> frozenset[str]:
    return frozenset(words.parent.name for words in _TEMPLATES.glob("*/letter.toml"))
