"""The words that only letters have: `templates/<language>/letter.toml`, one file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


@cache
def letter_words(language: str) -> Mapping[str, Any]:
    """Return the words of a language, by name."""
    return tomllib.loads((_TEMPLATES / language / "letter.toml").read_text("utf-8"))
