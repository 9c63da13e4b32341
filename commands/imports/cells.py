"""Cells as people and programs write them, converted to the form that the API takes.

A cell that two countries read differently is refused unless the caller says how to read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

# CSV has only texts; a workbook also has numbers and days.
Cell = str | Decimal | date


class DecimalSign(StrEnum):
    """The sign before the decimals."""

    POINT = "point"
    COMMA = "comma"


class DayOrder(StrEnum):
    """The order of day, month and year; `2026-03-02` is always accepted."""

    DMY = "dmy"
    MDY = "mdy"


class CellKind(StrEnum):
    """The kind of value that a field takes."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"
    MOMENT = "moment"


class AmbiguousCell(ValueError):
    """A cell that has two meanings, or none by the caller's options; the message says which."""


@dataclass(frozen=True)
class Conventions:
    """The caller's options on how the file is written.

    `names`: the field that a column of a given name fills; empty to leave the column out. `values`:
    a value for every row, for fields that the file does not have.
    """

    decimal: DecimalSign | None = None
    days: DayOrder | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def read(self, cell: Cell, kind: CellKind) -> str | int:
        """Convert a cell. Raises `AmbiguousCell`."""
        if isinstance(cell, Decimal):
            return int(cell) if kind is CellKind.NUMBER and cell % 1 == 0 else _plain(cell)
        if isinstance(cell, date):
            is_midnight = not isinstance(cell, datetime) or cell.time() == datetime.min.time()
            is_day = kind is CellKind.DAY and is_midnight
            return cell.isoformat()[: _LENGTH_OF_A_DAY if is_day else None]
        match kind:
            case CellKind.NUMBER:
                return int(cell) if cell.isascii() and cell.isdigit() else cell
            case CellKind.AMOUNT:
                return self._amount(cell)
            case CellKind.DAY | CellKind.MOMENT:
                return self._day(cell)
            case CellKind.TEXT:
                return cell

    def _amount(self, cell: str) -> str:
        if self.decimal is None:
            if "," in cell and _AMOUNT_OF_ANYBODY.fullmatch(cell):
                raise AmbiguousCell(
                    f"{cell} has a comma: say how amounts are written, "
                    "--decimal comma or --decimal point"
                )
            return cell
        sign, other = (",", ".") if self.decimal is DecimalSign.COMMA else (".", ",")
        whole, _, part = cell.partition(sign)
        groups = re.split(f"[{re.escape(other)}{_BLANKS}'\u2019]", whole)
        if not _is_grouped(groups) or not (_DIGITS.fullmatch(part) or sign not in cell):
            raise AmbiguousCell(
                f"{cell} is no amount with a decimal {self.decimal}, as "
                f"1{other}234{sign}50 or 1234{sign}50 is"
            )
        return _plain(Decimal("".join(groups) + (f".{part}" if part else "")))

    def _day(self, cell: str) -> str:
        found = _DAY.match(cell)
        if found is None:
            return cell
        if self.days is None:
            raise AmbiguousCell(
                f"{found[0]} can be read in two ways: write 2026-03-02, or say --dates dmy or "
                "--dates mdy"
            )
        first, second, year = found[1], found[3], found[4]
        day, month = (first, second) if self.days is DayOrder.DMY else (second, first)
        return f"{year}-{month:0>2}-{day:0>2}{cell[found.end() :]}"


_LENGTH_OF_A_DAY: Final = len("2026-03-02")
_BLANKS: Final = " \u00a0\u2009\u202f"
_AMOUNT_OF_ANYBODY: Final = re.compile(f"-?[0-9][0-9.,'\u2019{_BLANKS}]*")
_DIGITS: Final = re.compile("[0-9]+")
_THOUSANDS: Final = 3
_DAY: Final = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})(?![0-9])", re.ASCII)


def _is_grouped(groups: list[str]) -> bool:
    """Whether the digits are grouped in thousands."""
    first, *others = groups
    return bool(_DIGITS.fullmatch(first.removeprefix("-"))) and all(
        len(one) == _THOUSANDS and _DIGITS.fullmatch(one) for one in others
    )


def _plain(number: Decimal) -> str:
    """Return a number in its shortest form, without zeros that could be read as thousands."""
    return f"{number.normalize():f}"
