"""Splitting the text of a table into rows, and finding its header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from adapters.statements.table_cells import looks_like_amount, looks_like_day
from adapters.statements.table_words import headings_of

SEPARATORS: Final = (";", ",", "\t", "|")
_LOOKED_AT: Final = 400
_HEADER_WITHIN: Final = 80
_LONGEST_CELL: Final = 100_000_000


class Row(NamedTuple):
    """The cells of a row, and the number of the line on which it ends."""

    cells: list[str]
    line: int


class Layout(NamedTuple):
    """The separator and the quote by which a text is split into cells."""

    separator: str
    quote: str


def split_rows(text: str, layout: Layout) -> list[Row]:
    """Return all rows, also empty ones; cells lose blanks and stray quotes at their ends."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = csv.reader(
        (f"{line}\n" for line in lines),
        delimiter=layout.separator,
        quotechar=layout.quote,
        skipinitialspace=True,
    )
    return [
        Row([cell.strip().strip(layout.quote).strip() for cell in cells], reader.line_num)
        for cells in reader
    ]


def find_layout(text: str) -> Layout | None:
    """Find the separator and quote by which most rows have a day and an amount in separate cells.

    None if no separator gives such rows.
    """
    head = "\n".join(text.splitlines()[:_LOOKED_AT])
    if hint := re.match(r"\s*\"?sep=(.)\"?\s*\n", head, re.I):
        return Layout(hint[1], '"')
    layouts = [Layout(separator, quote) for separator in SEPARATORS for quote in ('"', "'")]
    scored = [(_score(head, layout), -number) for number, layout in enumerate(layouts)]
    best, number = max(scored)
    return layouts[-number] if best > (0, 0) else None


def _score(head: str, layout: Layout) -> tuple[int, int]:
    """Score a layout by the number of transactions, then by the most common width of rows."""
    rows = [row.cells for row in split_rows(head, layout) if any(row.cells)]
    telling = [cells for cells in rows if is_transaction(cells)]
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    if not telling and widths and max(map(_header_score, rows[:_HEADER_WITHIN]), default=0) >= 3:
        # a table with a header and no transactions
        return (0, widths.most_common(1)[0][1])
    if not telling:
        return (0, 0)
    width = Counter(len(cells) for cells in telling).most_common(1)[0][1]
    quoted = sum(cell.startswith(("'", '"')) for cells in telling for cell in cells)
    return (len(telling) * 1000 - quoted, width)


def is_transaction(cells: Sequence[str]) -> bool:
    """Whether a row has a day and an amount."""
    days = [cell for cell in cells if looks_like_day(cell)]
    return bool(days) and any(looks_like_amount(cell) and cell not in days for cell in cells)


def find_header(rows: Sequence[Row]) -> int | None:
    """Return the index of the header: the row with the most known headings.

    In an unknown language it is the last row of words above the first transaction.
    """
    head = rows[:_HEADER_WITHIN]
    scored = [
        (_header_score(row.cells), -at)
        for at, row in enumerate(head)
        if not is_transaction(row.cells)
    ]
    best, at = max(scored, default=(0, 0))
    if best >= 2:
        return -at
    first = next((at for at, row in enumerate(rows) if is_transaction(row.cells)), len(rows))
    above = [at for at in range(first) if rows[at].cells and _is_named(rows[at].cells, rows, first)]
    return above[-1] if above else None


def _header_score(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if headings_of(cell))


def _is_named(cells: Sequence[str], rows: Sequence[Row], first: int) -> bool:
    """Whether a row is a header in an unknown language: only words, about as wide as the rows."""
    if first >= len(rows):
        return False
    width = len(rows[first].cells)
    filled = [cell for cell in cells if cell]
    words = all(not looks_like_day(cell) and not looks_like_amount(cell) for cell in filled)
    return words and abs(len(cells) - width) <= 1 and len(filled) >= max(3, width - 2)
