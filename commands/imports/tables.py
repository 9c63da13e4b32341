"""Tables: rows of cells, and columns named by the fields that they fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from commands.imports.cells import Cell, CellKind, Conventions
from commands.imports.columns import Column, Fields, document_of
from commands.imports.kinds import IMPORTABLE, Kind, kind_of
from commands.imports.source import UnreadableFile
from starter.input.ndjson import LARGEST_LINE, InputLine, line_of
from starter.refusals import Problem


@dataclass(frozen=True)
class Row:
    """A row with the number of its first line, or the reason why it cannot be read."""

    number: int
    cells: Sequence[Cell] | str


def fields_named(names: Sequence[str], conventions: Conventions) -> list[str]:
    """Return the fields that the columns fill; an empty name marks a column to leave out."""
    renamed = {_key(name): field for name, field in conventions.names.items()}
    return [renamed.get(_key(name), name) for name in names]


def known_names(names: Sequence[str], kind: Kind | None, conventions: Conventions) -> int:
    """Count the columns whose names are known."""
    fields = fields_named(names, conventions)
    known = Fields(IMPORTABLE[kind or kind_of(fields)].model)
    return sum(known.column(name) is not None for name in fields)


def lines_of(
    names: Sequence[str], rows: Iterable[Row], kind: Kind | None, conventions: Conventions
) -> tuple[Kind, Iterator[InputLine[Any]]]:
    """Return what a table contains, and its rows as lines. Raises `UnreadableFile`."""
    if not known_names(names, kind, conventions):
        raise UnreadableFile(
            "the first line must name the columns, such as order_id; columns of other names are "
            'said by --map "NAME=order_id"'
        )
    fields = fields_named(names, conventions)
    found = kind or kind_of([*fields, *conventions.values])
    columns = _columns(names, fields, Fields(IMPORTABLE[found].model), conventions)
    return found, _lines(rows, columns, IMPORTABLE[found].model, conventions)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _columns(
    names: Sequence[str], fields: Sequence[str], known: Fields, conventions: Conventions
) -> list[Column]:
    given = [*fields, *conventions.values]
    columns = [known.column(name) for name in given]
    wrong = {
        'these columns are not known (--map "NAME=" leaves one out)': [
            name or f"(number {number}, without a name)"
            for number, (name, field, column) in enumerate(
                zip([*names, *conventions.values], given, columns, strict=True), 1
            )
            if column is None and (field or not name)
        ],
        "these columns are there twice": sorted(
            {name for name in given if name and given.count(name) > 1}
        ),
        "these columns are missing": [name for name in known.required() if name not in given],
        "--map names columns that are not there": [
            name for name in conventions.names if _key(name) not in map(_key, names)
        ],
    }
    problems = [f"{what}: {', '.join(which)}" for what, which in wrong.items() if which]
    if problems:
        raise UnreadableFile("; ".join(problems))
    return [column or Column("", (), CellKind.TEXT) for column in columns]


def _lines(
    rows: Iterable[Row], columns: Sequence[Column], model: type[Any], conventions: Conventions
) -> Iterator[InputLine[Any]]:
    added = list(conventions.values.values())
    for row in rows:
        if isinstance(row.cells, str):
            yield _bad(row.number, row.cells)
            continue
        cells = [cell.strip() if isinstance(cell, str) else cell for cell in row.cells]
        if not any(cell != "" for cell in cells):
            continue  # a blank line
        if problem := _problem(cells, len(columns) - len(added)):
            yield _bad(row.number, problem)
            continue
        try:
            document = document_of(columns, [*cells, *added], conventions)
        except Problem as invalid:
            yield InputLine(row.number, invalid)
        else:
            yield line_of(row.number, document, model)


def _problem(cells: Sequence[Cell], expected: int) -> str | None:
    if len(cells) != expected:
        return f"has {len(cells)} cells, the first line has {expected}"
    whole = "".join(cell for cell in cells if isinstance(cell, str))
    if len(whole) > LARGEST_LINE:
        return "is too large"
    try:
        whole.encode()
    except UnicodeEncodeError:
        return "is not in UTF-8"
    return None


def _bad(number: int, why: str) -> InputLine[Any]:
    return InputLine(number, Problem(HTTPStatus.BAD_REQUEST, why))
