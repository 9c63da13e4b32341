"""Structured references of payments: ISO 11649, `RF` (R20, R25)."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

_SHAPE: Final = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")
_LONGEST: Final = 25
# The beginning of a reference in a text, and what may be between its letters and digits.
_BEGINNING: Final = re.compile(
    r"(?<![^\W_])R[\s./:_-]?F[\s./:_-]{0,2}\d[\s./:_-]?\d", re.IGNORECASE
)
_PIECE: Final = re.compile(r"[^\W_]+")
_BETWEEN: Final = re.compile(r"[\s./:_\-\u2013#]{0,4}")


def reference_of(case_id: str) -> str:
    """Return the reference under which a case is paid: `RF`, two check digits, the case's id.

    The check digits are 98 minus the remainder by 97 of the id followed by `RF00`, with letters
    counted as 10 to 35 (ISO 11649, after ISO/IEC 7064 MOD 97-10).
    """
    body = case_id.upper()
    return f"RF{98 - _number(f'{body}RF00') % 97:02d}{body}"


def case_id_in(reference: str) -> str | None:
    """Return the id of the case that a reference names; None if it is mistyped or none.

    Blanks and small letters do not matter.
    """
    compact = re.sub(r"\s", "", reference).upper()
    if not _SHAPE.fullmatch(compact) or _number(compact[4:] + compact[:4]) % 97 != 1:
        return None
    return compact[4:].lower()


def cases_in(
    text: str, known: Container[str]
) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Return the known cases whose references are in a text, and the places of all references.

    A reference may contain blanks and signs anywhere, and words may follow it.
    """
    cases: list[str] = []
    places: list[tuple[int, int]] = []
    for begin in _BEGINNING.finditer(text):
        case, end = _case_at(text, begin.start(), known)
        places.append((begin.start(), end))
        if case:
            cases.append(case)
    return tuple(cases), tuple(places)


def _case_at(text: str, start: int, known: Container[str]) -> tuple[str | None, int]:
    """Return the case of the reference at a place, if it is known, and where that ends."""
    compact, end = "", start
    for piece in _PIECE.finditer(text, start):
        is_apart = compact and not _BETWEEN.fullmatch(text, end, piece.start())
        if is_apart or len(compact) + len(piece[0]) > _LONGEST:
            break
        compact, end = compact + piece[0], piece.end()
        case = case_id_in(compact)
        if case is not None and case in known:
            return case, end
    return None, end


def in_fours(code: str) -> str:
    """Return a reference or an IBAN in groups of four, as it is printed."""
    compact = code.replace(" ", "")
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4))


def _number(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text))
