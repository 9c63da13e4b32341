"""Makes cells of tables safe for people who open them in a spreadsheet."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category, normalize

# It tells spreadsheets that a file is UTF-8.
BYTE_ORDER_MARK: Final = "\ufeff"
# A spreadsheet runs a cell that begins with one of these, in any width.
_SIGNS: Final = frozenset("=+-@")
# Characters that it drops first: spaces of all kinds, and invisible ones.
_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_QUOTES: Final = '"'
_MINUS: Final = "\N{MINUS SIGN}"
# A spreadsheet that separates cells by another sign than ours begins a new cell here.
_SEPARATOR: Final = re.compile("([;,\r\n])")


def is_run(cell: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula."""
    first = cell[:1]
    if not first or first.isalnum():
        return False
    if first in "\t\r\n":
        return True
    seen = next((letter for letter in cell if category(letter) not in _UNSEEN), "")
    return normalize("NFKC", seen)[:1] in _SIGNS or seen == _MINUS


def defused(cell: str) -> str:
    """Return a typed text so that no spreadsheet runs it, whatever sign separates its cells."""
    if not _SEPARATOR.search(cell):
        return f"'{cell}" if is_run(cell) else cell
    parts = _SEPARATOR.split(cell)
    if is_run(cell):
        parts[0] = f"'{parts[0]}"
    for place in range(2, len(parts), 2):
        # After its own separator a spreadsheet removes quotation marks, too.
        if is_run(parts[place].lstrip(_QUOTES)):
            parts[place] = f"'{parts[place]}"
    return "".join(parts)
