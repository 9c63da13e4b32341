"""Reasons why a statement cannot be read, in words for the person who chose the file.

The texts name no person, account or amount, because they go into answers and logs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.statements.table_reading import TableReading


class Problem(StrEnum):
    """The kinds of problems, for programs and for translations."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNSAFE = "unsafe"
    UNKNOWN_FORMAT = "unknown_format"
    BROKEN = "broken"
    DATE_ORDER_UNCLEAR = "date_order_unclear"
    DECIMAL_SIGN_UNCLEAR = "decimal_sign_unclear"
    COLUMNS_UNCLEAR = "columns_unclear"
    CURRENCY_UNCLEAR = "currency_unclear"
    READING_UNFIT = "reading_unfit"


class StatementProblem(ValueError):
    """A statement that cannot be read.

    `words` say why, and what to do. `place` is where in the file, such as `line 17`. `reading` is
    the reading of a table as far as it is known, to be corrected.
    """

    def __init__(
        self,
        problem: Problem,
        words: str,
        *,
        place: str | None = None,
        reading: TableReading | None = None,
    ) -> None:
        super().__init__(f"{words} ({place})" if place else words)
        self.problem = problem
        self.words = words
        self.place = place
        self.reading = reading

    def within(self, file: str) -> StatementProblem:
        """Return the same problem, with the name of its file among several."""
        place = f"{self.place} in {file}" if self.place else file
        return StatementProblem(self.problem, self.words, place=place, reading=self.reading)


def broken(words: str, place: str | None = None) -> StatementProblem:
    """Return the problem of a file that has a known format and is faulty at a place."""
    return StatementProblem(Problem.BROKEN, words, place=place)
