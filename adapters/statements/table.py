"""Lines of a statement from a table of any bank, read by a `TableReading`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from adapters.statements.problems import Problem, StatementProblem, broken
from adapters.statements.statement import Content, check_count
from adapters.statements.table_reading import Meaning, TableReading
from adapters.statements.table_rows import Layout, Row, is_transaction, split_rows
from adapters.statements.table_transaction import Transaction
from dunning.statements.lines import StatementLine

PREVIEW_ROWS: Final = 3


def read_table(text: str, reading: TableReading) -> Content:
    """Read the transactions of a table.

    A row without a day or an amount is no transaction. Directly below a transaction it may have
    details of it, as Swiss banks write them. Raises `StatementProblem` if the reading leaves
    something open, if it does not fit the table, or if a row's day, amount or currency cannot be
    read; the last names the line.
    """
    _check(reading)
    lines: list[StatementLine] = []
    for line in _lines(text, reading):
        lines.append(line)
        check_count(len(lines))
    return Content(tuple(lines))


def preview(text: str, reading: TableReading) -> tuple[StatementLine, ...]:
    """Return the first three transactions by a reading, to show them."""
    _check(reading)
    lines = _lines(text, reading)
    return tuple(line for line, _ in zip(lines, range(PREVIEW_ROWS), strict=False))


def _check(reading: TableReading) -> None:
    if reading.date_order is None:
        raise StatementProblem(
            Problem.DATE_ORDER_UNCLEAR,
            "The days can be read in two ways (day or month first); say which it is.",
            reading=reading,
        )
    if reading.decimal_sign is None:
        raise StatementProblem(
            Problem.DECIMAL_SIGN_UNCLEAR,
            "The amounts can be read in two ways (decimals after point or comma); say which it is.",
            reading=reading,
        )
    if reading.place_of(Meaning.CURRENCY) is None and reading.currency is None:
        raise StatementProblem(
            Problem.CURRENCY_UNCLEAR,
            "The table names no currency; say which it is.",
            reading=reading,
        )


def _lines(text: str, reading: TableReading) -> Iterator[StatementLine]:
    rows = split_rows(text, Layout(reading.separator, reading.quote))
    if reading.header_row is not None:
        rows = rows[_header_of(rows, reading) + 1 :]
    is_chilean = _says_cargo_by_letter(rows, reading)
    waiting: Transaction | None = None
    for row in rows:
        _check_quotes(row, reading)
        transaction = Transaction(row, reading, is_chilean=is_chilean)
        if not row.cells and waiting:
            yield from waiting.lines()
            waiting = None
        elif waiting and waiting.goes_on_in(transaction):
            waiting.details.append(transaction)
        elif transaction.is_one:
            if waiting:
                yield from waiting.lines()
            waiting = transaction
        elif transaction.has_unknown_amount:
            raise broken(
                "An amount stands in a column that is not known to have one.", f"line {row.line}"
            )
    if waiting:
        yield from waiting.lines()


def _header_of(rows: Sequence[Row], reading: TableReading) -> int:
    """Return the index of the header; of several rows with its words the nearest to its place."""
    assert reading.header_row is not None
    if not reading.header:
        return reading.header_row - 1
    at = [place for place, row in enumerate(rows) if row.cells == list(reading.header)]
    if not at:
        raise StatementProblem(
            Problem.READING_UNFIT, "The table has another header than the reading is for."
        )
    return min(at, key=lambda place: abs(place - (reading.header_row or 1) + 1))


def _check_quotes(row: Row, reading: TableReading) -> None:
    """Raise `StatementProblem` if an unclosed quotation mark swallows other transactions."""
    broken_cells = [cell for cell in row.cells if "\n" in cell]
    is_too_wide = bool(broken_cells) and len(row.cells) > len(reading.columns) + 1
    inner = (part for cell in broken_cells for part in cell.split("\n")[1:])
    pieces = ([piece.strip(" \"'") for piece in part.split(reading.separator)] for part in inner)
    if is_too_wide or any(map(is_transaction, pieces)):
        raise broken("A quotation mark before this line is not closed.", f"line {row.line}")


def _says_cargo_by_letter(rows: Sequence[Row], reading: TableReading) -> bool:
    """Whether `C` means money that went out (cargo), as `A` means money that came in (abono)."""
    at = reading.place_of(Meaning.SIGN)
    if at is None:
        return False
    marks = {row.cells[at].upper() for row in rows if at < len(row.cells) and row.cells[at]}
    return "A" in marks and marks <= {"A", "C"}
