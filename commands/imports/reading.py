"""Reading a file: lines of JSON, a CSV table, or the first sheet of an Excel workbook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, Final

from commands.imports.cells import Conventions
from commands.imports.csv_rows import csv_rows, header, separator_said
from commands.imports.kinds import IMPORTABLE, Kind, kind_of
from commands.imports.source import Source, UnreadableFile, check_beginning
from commands.imports.tables import lines_of
from commands.imports.workbook import workbook_rows
from starter.input.ndjson import InputLine, json_line

_BOM: Final = b"\xef\xbb\xbf"
_SEPARATORS: Final = {"\t": "tab"}


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


_FORMAT_OF_NAME: Final = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.NDJSON,
}
_AS_PROGRAMS_WRITE: Final = Conventions()


@dataclass(frozen=True)
class Reading:
    """The content of a file, read line by line as needed; `how` says how it was understood."""

    kind: Kind
    lines: Iterator[InputLine[Any]]
    how: str = ""


def read(
    source: Source,
    *,
    kind: Kind | None = None,
    format: Format | None = None,
    conventions: Conventions = _AS_PROGRAMS_WRITE,
) -> Reading:
    """Find out what a file contains, unless that is given. Raises `UnreadableFile`."""
    if source.is_workbook:
        return _workbook(source, kind, conventions)
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
    if found is Format.XLSX:
        raise UnreadableFile("is no Excel workbook")
    if found is Format.NDJSON:
        return _documents(first, lines, kind, blank)
    return _table(first, lines, kind, blank, conventions)


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
        how="JSON",
    )


def _names(line: bytes) -> Any:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    return document if isinstance(document, dict) else ()


# --- tables -----------------------------------------------------------------------------------


def _table(
    first: bytes,
    others: Iterator[bytes],
    kind: Kind | None,
    blank: int,
    conventions: Conventions,
) -> Reading:
    separator = separator_said(first)
    if separator is not None:
        blank += 1
        first = next(others, b"")
    try:
        head = first.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"line {blank + 1} is not in UTF-8") from error
    delimiter, names = header(head, separator=separator, kind=kind, conventions=conventions)
    rows = csv_rows(others, delimiter, before=blank + 1)
    found, lines = lines_of(names, rows, kind, conventions)
    between = _SEPARATORS.get(delimiter, delimiter)
    return Reading(found, lines, how=f"a table, its cells separated by {between}")


def _workbook(source: Source, kind: Kind | None, conventions: Conventions) -> Reading:
    for _ in workbook_rows(source.file)[1]:
        pass  # read it once, so that damage is found before anything is imported
    sheet, rows = workbook_rows(source.file)
    head = next(rows, None)
    names = [str(cell).strip() for cell in head.cells] if head else []
    found, lines = lines_of(names, rows, kind, conventions)
    return Reading(found, lines, how=f"the sheet {sheet} of a workbook")
