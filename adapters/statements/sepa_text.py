"""Keywords within the text of a SEPA payment, as German banks print it: `EREF+… SVWZ+…`."""

from __future__ import annotations

import re
from typing import Final

# These ten come with a plus, glued to what stands before them; all come with a colon.
_WITH_PLUS: Final = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE"
_PLUS: Final = re.compile(rf"({_WITH_PLUS})\+")
_COLON: Final = re.compile(
    rf"(?<![A-Za-z0-9])({_WITH_PLUS}|BREF|RREF|SQTP|IBAN|BIC|CREF|PURP|MTLG): ?"
)


def sepa_parts(text: str) -> dict[str, str]:
    """The values by their keywords; what stands before the first of them is under an empty one.

    A keyword that comes twice keeps its first value.
    """
    marks = list(_PLUS.finditer(text))
    colons = [mark for mark in _COLON.finditer(text) if _is_trusted(mark, text, marks)]
    marks = sorted([*marks, *colons], key=lambda mark: mark.start())
    if not marks:
        return {"": text.strip()}
    parts = {"": text[: marks[0].start()].strip()}
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        parts.setdefault(mark[1], text[mark.end() : end].strip())
    return parts


def _is_trusted(mark: re.Match[str], text: str, others: list[re.Match[str]]) -> bool:
    """`IBAN: DE…` may be a payer's own words; a keyword is it only beside others."""
    if any(other.start() < mark.start() for other in others):
        return True
    return len(_COLON.findall(text)) > 1
