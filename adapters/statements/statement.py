"""A bank statement as it was read."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import BaseModel

from adapters.statements.problems import Problem, StatementProblem
from adapters.statements.table_reading import TableReading
from dunning.statements import Balance, StatementLine

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
    """What one file of a statement says, in its own order."""

    lines: tuple[StatementLine, ...]
    balances: tuple[Balance, ...] = ()
    newest_day: date | None = None


class Statement(BaseModel, frozen=True):
    """The transactions and balances of one upload, which may be an archive of several files.

    `covers_until` is the newest day that it tells of; None if it tells of none. `reading` says
    how a table was understood; None for the formats that need no guess.
    """

    format: StatementFormat
    lines: tuple[StatementLine, ...]
    balances: tuple[Balance, ...] = ()
    covers_until: date | None = None
    encoding: str | None = None
    reading: TableReading | None = None


def shortened(text: str) -> str:
    """A text as long as a bank's can be; made-up ones are longer, to take time."""
    if len(text) <= _LONGEST_TEXT:
        return text
    cut = text[:_LONGEST_TEXT]
    return cut.rpartition(" ")[0] or cut


def check_count(lines: int) -> None:
    """Raises `StatementProblem` if a statement has more transactions than one can have."""
    if lines > MAX_LINES:
        raise StatementProblem(
            Problem.TOO_LARGE, f"The statement has more than {MAX_LINES} transactions; split it."
        )


def newest_day(content: Content) -> date | None:
    """The newest day of a file: of its period, its balances and its booked lines."""
    days = [balance.day for balance in content.balances]
    days += [line.booked_on for line in content.lines if line.is_booked]
    if content.newest_day:
        days.append(content.newest_day)
    return max(days, default=None)
