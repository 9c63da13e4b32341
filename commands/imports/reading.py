"""Lines of a file as orders or payments: JSON, a document a line, or a table in CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Any, Final

from commands.imports.columns import Column, Fields, document_of
from commands.imports.kinds import IMPORTABLE, Kind, kind_of
from commands.imports.source import Source, UnreadableFile, check_beginning
from starter.input.ndjson import LARGEST_LINE, Line, json_line, line_of
from starter.refusals import Problem

_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = ",;\t"


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"


_FORMAT_OF_NAME: Final = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.NDJSON,
}


@dataclass(frozen=True)
class Reading:
    """What a file holds, line by line, none of it read yet."""

    kind: Kind
    lines: Iterator[Line[Any]]


def read(source: Source, *, kind: Kind | None = None, format: Format | None = None) -> Reading:
    """Find out what a file holds, unless that is given. Raises `UnreadableFile`."""
    lines = source.lines()
    blank = 0
    for first in lines:
        check_beginning(first)
        first = first.removeprefix(_BOM)
        if first.strip():
            break
        blank += 1
    else:
        return Reading(kind or Kind.ORDERS, iter(()))
    found = format or _FORMAT_OF_NAME.get(Path(source.name).suffix.lower())
    if found is None:
        found = Format.NDJSON if first.lstrip().startswith((b"{", b"[")) else Format.CSV
    begin = _documents if found is Format.NDJSON else _table
    return begin(first, lines, kind, blank)


# --- JSON -------------------------------------------------------------------------------------


def _documents(first: bytes, others: Iterator[bytes], kind: Kind | None, blank: int) -> Reading:
    if first.lstrip().startswith(b"["):
        raise UnreadableFile("is one JSON array: write each of its entries on a line of its own")
    found = kind or kind_of(_names(first))
    model = IMPORTABLE[found].model
    numbered = enumerate(chain([first], others), blank + 1)
    return Reading(
        found,
        (
            json_line(number, text.rstrip(b"\r\n"), model)
            for number, text in numbered
            if text.strip()
        ),
    )


def _names(line: bytes) -> Any:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    return document if isinstance(document, dict) else ()


# --- tables -----------------------------------------------------------------------------------


def _table(first: bytes, others: Iterator[bytes], kind: Kind | None, blank: int) -> Reading:
    try:
        head = first.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"line {blank + 1} is not in UTF-8") from error
    delimiter, names = _header(head, kind)
    found = kind or kind_of(names)
    columns = _columns(names, Fields(IMPORTABLE[found].model))
    return Reading(found, _rows(others, delimiter, columns, found, before=blank + 1))


def _header(head: str, kind: Kind | None) -> tuple[str, list[str]]:
    """The sign between the cells, and the names: the sign with which most names are known."""
    best: tuple[int, str, list[str]] | None = None
    for delimiter in _DELIMITERS:
        try:
            names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
        except csv.Error as error:
            raise UnreadableFile(f"the first line cannot be read as CSV: {error}") from error
        fields = Fields(IMPORTABLE[kind or kind_of(names)].model)
        known = sum(fields.column(name) is not None for name in names)
        if best is None or known > best[0]:
            best = (known, delimiter, names)
    assert best is not None
    if not best[0]:
        raise UnreadableFile("the first line must name the columns, such as order_id")
    return best[1], best[2]


def _columns(names: Sequence[str], fields: Fields) -> list[Column]:
    columns = [fields.column(name) for name in names]
    wrong = {
        "these columns are not known": [
            name or f"(number {number}, without a name)"
            for number, (name, column) in enumerate(zip(names, columns, strict=True), 1)
            if column is None
        ],
        "these columns are there twice": sorted(
            {name for name in names if names.count(name) > 1 and name}
        ),
        "these columns are missing": [name for name in fields.required() if name not in names],
    }
    problems = [f"{what}: {', '.join(which)}" for what, which in wrong.items() if which]
    if problems:
        raise UnreadableFile("; ".join(problems))
    return [column for column in columns if column is not None]


def _rows(
    lines: Iterable[bytes], delimiter: str, columns: Sequence[Column], kind: Kind, *, before: int
) -> Iterator[Line[Any]]:
    """The rows, each with the number of the line on which it begins."""
    model = IMPORTABLE[kind].model
    # What is no UTF-8 stays recognizable until its row is looked at.
    texts = (line.decode("utf-8", "surrogateescape") for line in lines)
    rows = csv.reader(texts, delimiter=delimiter, strict=True)
    while True:
        number = before + rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _bad(number, _no_row(str(error), number, before + rows.line_num))
            continue
        if not any(cells):
            continue  # a blank line
        if problem := _problem(cells, columns):
            yield _bad(number, problem)
        else:
            yield line_of(number, document_of(columns, cells), model)


def _problem(cells: Sequence[str], columns: Sequence[Column]) -> str | None:
    if len(cells) != len(columns):
        return f"has {len(cells)} cells, the first line has {len(columns)}"
    whole = "".join(cells)
    if len(whole) > LARGEST_LINE:
        return "is too large"
    try:
        whole.encode()
    except UnicodeEncodeError:
        return "is not in UTF-8"
    return None


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


def _bad(number: int, why: str) -> Line[Any]:
    return Line(number, Problem(HTTPStatus.BAD_REQUEST, why))
