"""Documents set by typst, from templates and data; foreign text never becomes markup."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from adapters.letters.coverage import signs_of
from adapters.letters.signs import only_latin, printable, unprintable, with_strings

if TYPE_CHECKING:
    from typst import Compiler

_HERE: Final = Path(__file__).parent
_OWN: Final = _HERE / "fonts"
# Fonts that few letters need, the smaller ones first.
_OTHERS: Final = (_HERE / "other_fonts", _HERE / "east_asian_fonts")
# One compiler serves one thread at a time.
_COMPILER_IN_USE: Final = Lock()


def typeset(template: str, content: Mapping[str, Any], *, written_on: date) -> bytes:
    """Set a template of `templates/` as a PDF, with `content` as data.

    The same input always gives the same bytes. The result is always PDF/A and PDF/UA. Neither
    allows a character that no font has, so such characters are replaced or left out.
    """
    from typst import TypstError

    timestamp = datetime.combine(written_on, time(), UTC)
    refused: TypstError | None = None
    with _COMPILER_IN_USE:
        for words, fonts in _ever_plainer(content):
            try:
                printed = _compiler(template, fonts).compile(
                    sys_inputs={"content": json.dumps(words, ensure_ascii=False)},
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


def _ever_plainer(content: Mapping[str, Any]) -> Iterator[tuple[Any, tuple[Path, ...]]]:
    """Yield the content with the folders of fonts that it needs; then only its Latin characters."""
    words = with_strings(content, partial(unicodedata.normalize, "NFC"))
    missing = unprintable(words, signs_of(_OWN))
    fonts: tuple[Path, ...] = (_OWN,)
    for folder in _OTHERS:
        if missing and missing & signs_of(folder):
            missing, fonts = missing - signs_of(folder), (*fonts, folder)
    if missing:
        # The font of the geta mark has to be there, too, which replaces unknown East Asian signs.
        fonts = (*fonts, *(folder for folder in _OTHERS if folder not in fonts))
        words = with_strings(words, partial(printable, known=_known(fonts)))
    yield words, fonts
    yield with_strings(words, only_latin), (_OWN,)


def _known(fonts: tuple[Path, ...]) -> Collection[str]:
    return frozenset().union(*(signs_of(folder) for folder in fonts))


@cache
def _compiler(template: str, fonts: tuple[Path, ...]) -> Compiler:
    """Return a compiler, which is cached because it has read the fonts.

    System fonts are ignored, because they differ from machine to machine.
    """
    from typst import Compiler

    templates = _HERE.parent / "templates"
    return Compiler(
        templates / template,
        root=templates,
        font_paths=list(fonts),
        ignore_system_fonts=True,
    )
