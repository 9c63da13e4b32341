"""The report of an import: how many lines of each outcome, and the faults of each line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from commands.imports.kinds import Importable
from starter.input.ndjson import InputLine
from starter.intake.batch_writes import Outcome
from starter.refusals import Problem

_LONGEST_TEXT: Final = 200


class NoReport(Exception):
    """The report cannot be written to the given file."""


class Fault(NamedTuple):
    """A fault of one field of a line, or of the whole line if there is no field."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: {self.reason}"


Tell = Callable[[Fault], None]


@dataclass
class Tally:
    """How many lines were new, already there, and bad; `last` is the last line that was counted."""

    new: int = 0
    known: int = 0
    bad: int = 0
    last: int = 0

    @property
    def lines(self) -> int:
        return self.new + self.known + self.bad

    def count(self, line: InputLine[Any], outcome: Outcome) -> None:
        self.last = line.number
        if isinstance(outcome, Problem):
            self.bad += 1
        elif outcome.is_new:
            self.new += 1
        else:
            self.known += 1


def faults_of(line: InputLine[Any], problem: Problem, what: Importable[Any]) -> Iterator[Fault]:
    """Return a fault for each field that is wrong."""
    if not problem.errors:
        yield Fault(line.number, what.fields_of.get(problem.status, ""), problem.detail)
    for error in problem.errors:
        yield Fault(line.number, printable(error.field), printable(error.message))


@contextmanager
def reported(file: Path | None, otherwise: Tell) -> Iterator[Tell]:
    """Return a function that takes faults: it writes them to the file, else it is `otherwise`.

    A file whose name ends in `.csv` gets a table. Raises `NoReport`.
    """
    if file is None:
        yield otherwise
        return
    try:
        out = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise NoReport(f"{file}: cannot be written: {error.strerror}") from error
    with out:
        if file.suffix.lower() == ".csv":
            table = csv.writer(out)
            table.writerow(Fault._fields)
            yield table.writerow
        else:
            yield lambda fault: _write_line(out.write, fault)


def _write_line(write: Callable[[str], int], fault: Fault) -> None:
    write(f"{fault}\n")


def printable(text: str) -> str:
    """Return a text without control characters: a field's name may hold any text."""
    return "".join(c if c.isprintable() else "?" for c in text)[:_LONGEST_TEXT]
