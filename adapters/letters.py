"""The letter of a written notice (R5, R6): a PDF for an envelope with a window (DIN 5008, form B).

Words are in `templates/<language>/letter.toml`, the layout is `templates/letter.typ`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from adapters.letter_content import letter_content
from adapters.letter_words import letter_language
from adapters.notices import Notice
from dunning.notices import NoticeKind

if TYPE_CHECKING:
    from typst import Compiler

WRITTEN_NOTICES: Final = (NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE)

_HERE: Final = Path(__file__).parent
# One compiler serves one thread at a time.
_COMPILER_IN_USE: Final = Lock()


def write_letter(notice: Notice) -> bytes:
    """The letter as a PDF; the same notice is always the same bytes."""
    language = letter_language(notice.recipient.language)
    return _print(letter_content(notice, language), written_on=notice.written_on)


def _print(content: Mapping[str, Any], *, written_on: date) -> bytes:
    """For archives and screen readers (PDF/A, PDF/UA); a plain one if no font has a sign of it."""
    from typst import TypstError

    inputs = {"letter": json.dumps(content)}
    timestamp = datetime.combine(written_on, time(), UTC)
    with _COMPILER_IN_USE:
        try:
            printed = _compiler().compile(
                sys_inputs=inputs, timestamp=timestamp, pdf_standards=["a-2a", "ua-1"]
            )
        except TypstError:
            printed = _compiler().compile(sys_inputs=inputs, timestamp=timestamp)
    assert isinstance(printed, bytes)
    return printed


@cache
def _compiler() -> Compiler:
    """Kept: it has read the fonts. Those of a system would differ from machine to machine."""
    from typst import Compiler

    templates = _HERE / "templates"
    return Compiler(
        templates / "letter.typ",
        root=templates,
        font_paths=[_HERE / "fonts"],
        ignore_system_fonts=True,
    )
