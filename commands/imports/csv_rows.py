"""Rows of a CSV table with any usual separator."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final

from commands.imports.cells import Conventions
from commands.imports.kinds import Kind
from commands.imports.source import UnreadableFile
from commands.imports.tables import Row, known_names

_DELIMITERS: Final = ",;\t|"
_SAID: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)


def separator_said(first: bytes) -> str | None:
    """Return the separator that a first line such as `sep=;` states; None if it states none."""
    found = _SAID.fullmatch(first.decode("utf-8", "replace").strip("\r\n"))
    return found[1] if found else None


def header(
    head: str, *, separator: str | None, kind: Kind | None, conventions: Conventions
) -> tuple[str, list[str]]:
    """Return the separator and the column names: the separator that yields most known names."""
    best: tuple[int, str, list[str]] | None = None
    for delimiter in separator or _DELIMITERS:
        try:
            names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
        except csv.Error as error:
            raise UnreadableFile(
                "the first line has quotation marks that are not closed"
            ) from error
        known = known_names(names, kind, conventions)
        if best is None or known > best[0]:
            best = (known, delimiter, names)
    assert best is not None
    return best[1], best[2]


def csv_rows(lines: Iterable[bytes], delimiter: str, *, before: int) -> Iterator[Row]:
    """Read the rows, each with the number of the line on which it begins."""
    # Bytes that are not UTF-8 are kept as surrogates, so that only their own row is refused.
    texts = (line.decode("utf-8", "surrogateescape") for line in lines)
    rows = csv.reader(texts, delimiter=delimiter, strict=True)
    while True:
        number = before + rows.line_num + 1
        try:
            yield Row(number, next(rows))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, _no_row(str(error), number, before + rows.line_num))


def _no_row(error: str, first: int, last: int) -> str:
    if first < last:
        return f"a quotation mark is not closed; what stands up to line {last} was not read"
    if "end of data" in error:
        return "a quotation mark is not closed"
    if "limit" in error:
        return "has a cell that is too large"
    if "new-line" in error:
        return "has a carriage return that ends no line"
    return "has quotation marks where CSV allows none"
