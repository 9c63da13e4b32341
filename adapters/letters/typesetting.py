"""Documents set by typst: templates with data, never with markup from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typst import Compiler

_HERE: Final = Path(__file__).parent
# One compiler serves one thread at a time.
_COMPILER_IN_USE: Final = Lock()


def typeset(template: str, content: Mapping[str, Any], *, written_on: date) -> bytes:
    """A template of `templates/` as a PDF, with `content` as data; always the same bytes.

    For archives and screen readers (PDF/A, PDF/UA); a plain one if no font has a sign of it.
    """
    from typst import TypstError

    inputs = {"content": json.dumps(content)}
    timestamp = datetime.combine(written_on, time(), UTC)
    with _COMPILER_IN_USE:
        compiler = _compiler(template)
        try:
            printed = compiler.compile(
                sys_inputs=inputs, timestamp=timestamp, pdf_standards=["a-2a", "ua-1"]
            )
        except TypstError:
            printed = compiler.compile(sys_inputs=inputs, timestamp=timestamp)
    assert isinstance(printed, bytes)
    return printed


@cache
def _compiler(template: str) -> Compiler:
    """Kept: it has read the fonts. Those of a system would differ from machine to machine."""
    from typst import Compiler

    templates = _HERE.parent / "templates"
    return Compiler(
        templates / template,
        root=templates,
        font_paths=[_HERE / "fonts"],
        ignore_system_fonts=True,
    )
