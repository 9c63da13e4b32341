"""Documents set by typst: templates with data, never with markup from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from adapters.letters.signs import only_known_scripts, only_latin, without_emoji

if TYPE_CHECKING:
    from typst import Compiler

_HERE: Final = Path(__file__).parent
# One compiler serves one thread at a time.
_COMPILER_IN_USE: Final = Lock()


def typeset(template: str, content: Mapping[str, Any], *, written_on: date) -> bytes:
    """A template of `templates/` as a PDF, with `content` as data; always the same bytes.

    It is PDF/A and PDF/UA in every case. Neither allows a sign that no font has: then more and
    more is given up, emoji first, until all can be printed.
    """
    from typst import TypstError

    timestamp = datetime.combine(written_on, time(), UTC)
    refused: TypstError | None = None
    with _COMPILER_IN_USE:
        for words, fonts in _ever_plainer(json.dumps(content, ensure_ascii=False)):
            try:
                printed = _compiler(template, fonts).compile(
                    sys_inputs={"content": words},
                    timestamp=timestamp,
                    pdf_standards=["a-2a", "ua-1"],
                )
            except TypstError as error:
                refused = error
            else:
                assert isinstance(printed, bytes)
                return printed
    assert refused is not None
    raise refused


def _ever_plainer(words: str) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The content, and the folders with fonts for it; the large one is read when it is needed."""
    own = (_HERE / "fonts",)
    yield words, own
    words = without_emoji(words)
    yield words, own
    every = (*own, _HERE / "east_asian_fonts")
    yield words, every
    yield only_known_scripts(words), every
    yield only_latin(words), own


@cache
def _compiler(template: str, fonts: tuple[Path, ...]) -> Compiler:
    """Kept: it has read the fonts. Those of a system would differ from machine to machine."""
    from typst import Compiler

    templates = _HERE.parent / "templates"
    return Compiler(
        templates / template,
        root=templates,
        font_paths=list(fonts),
        ignore_system_fonts=True,
    )
