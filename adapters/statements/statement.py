"""Bank statements that have been read."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import BaseModel

from adapters.statements.problems import Problem, StatementProblem
from adapters.statements.table_reading import TableReading
from dunning.statements.lines import Balance, StatementLine

MAX_LINES: Final = 100_000
_LONGEST_TEXT: Final = 4000


class StatementFormat(StrEnum):
    CAMT_052 = "camt.052"
    CAMT_053 = "camt.053"
    CAMT_054 = "camt.054"
    MT940 = "mt940"
    MT942 = "mt942"
    CSV = "csv"
    CARTOLA = "cartola"


class Content(NamedTuple):
    """The content of one file, in its own order."""

    lines: tuple[StatementLine, ...]
    balances: tuple[Balance, ...] = ()
    newest_day: date | None = None


class Statement(BaseModel, frozen=True):
    """The transactions and balances of one upload, which may be an archive of several files.

    `covers_until` is its newest day; None if it names none. `reading` is the reading of a table;
    None for formats that need no guess.
    """

    format: StatementFormat
    lines: tuple[StatementLine, ...]
    balances: tuple[Balance, ...] = ()
    covers_until: date | None = None
    encoding: str | None = None
    reading: TableReading | None = None


def shortened(text: str) -> str:
    """Cut a text to the longest that a bank sends; a malicious file may have longer ones."""
    if len(text) <= _LONGEST_TEXT:
        return text
    cut = text[:_LONGEST_TEXT]
    return cut.rpartition(" ")[0] or cut


def check_count(lines: int) -> None:
    """Raise `StatementProblem` if a statement has too many transactions."""
    if lines > MAX_LINES:
        raise StatementProblem(
            Problem.TOO_LARGE, f"The statement has more than {MAX_LINES} transactions; split it."
        )


def newest_day(content: Content) -> date | None:
    """Return the newest day of a file: of its period, its balances and its booked lines."""
    days = [balance.day for balance in content.balances]
    days += [line.booked_on for line in content.lines if line.is_booked]
    if content.newest_day:
        days.append(content.newest_day)
    return max(days, default=None)
