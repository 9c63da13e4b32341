"""Keywords in the text of a SEPA payment, in the form of German banks: `EREF+… SVWZ+…`."""

from __future__ import annotations

import re
from typing import Final

# These ten may have a plus, and may follow other text without a blank. All may have a colon.
_WITH_PLUS: Final = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE"
_PLUS: Final = re.compile(rf"({_WITH_PLUS})\+")
_COLON: Final = re.compile(
    rf"(?<![A-Za-z0-9])({_WITH_PLUS}|BREF|RREF|SQTP|IBAN|BIC|CREF|PURP|MTLG): ?"
)


def sepa_parts(text: str) -> dict[str, str]:
    """Return the values by their keywords; the text before the first keyword has the key "".

    If a keyword comes twice, its first value counts.
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
    """Whether a keyword with a colon counts.

    It does only beside others, because a payer may write `IBAN: DE…`.
    """
    if any(other.start() < mark.start() for other in others):
        return True
    return len(_COLON.findall(text)) > 1
