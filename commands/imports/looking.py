"""A look at the first lines of a file as they were understood, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final

from commands.imports.cells import Conventions
from commands.imports.reading import Reading
from commands.imports.report import printable
from starter.refusals import Problem

_SHOWN: Final = 3


def shown_first(reading: Reading, conventions: Conventions) -> tuple[str, Reading]:
    """Return the text to show, and the reading, which still has all its lines."""
    lines = iter(reading.lines)
    first = list(islice(lines, _SHOWN))
    said = [f"{reading.how}, {_conventions(conventions)}" if reading.how else ""]
    for line in first:
        if isinstance(line.parsed, Problem):
            said.append(f"line {line.number}: cannot be taken, see below")
            continue
        # Amounts and days as they will be stored; only fields that the line has.
        given = line.parsed.model_dump(mode="json", exclude_unset=True)
        fields = ", ".join(f"{name}={printable(value)}" for name, value in _fields(given))
        said.append(f"line {line.number}: {fields}")
    text = "".join(f"{line}\n" for line in said if line)
    return text, replace(reading, lines=chain(first, lines))


def _conventions(conventions: Conventions) -> str:
    decimal = conventions.decimal or "point, without thousands"
    return f"amounts with a decimal {decimal}, days as {conventions.days or '2026-03-02'}"


def _fields(given: Mapping[str, Any], way: str = "") -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        inner = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inner, dict):
            yield from _fields({str(key): one for key, one in inner.items()}, f"{way}{name}.")
        elif value is not None:
            yield f"{way}{name}", str(value)
