"""Cells as people and their programs write them, in the one form that calls of the API have.

What two countries read differently is read as the caller says, and without that refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

# A workbook knows of a cell whether it is a number or a day.
Cell = str | Decimal | date


class DecimalSign(StrEnum):
    """What stands before the decimals."""

    POINT = "point"
    COMMA = "comma"


class DayOrder(StrEnum):
    """In which order day, month and year are written; `2026-03-02` is taken in any."""

    DMY = "dmy"
    MDY = "mdy"


class CellKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"
    MOMENT = "moment"


class AmbiguousCell(ValueError):
    """A cell that can be read in two ways, or in none as the caller says; the words say which."""


@dataclass(frozen=True)
class Conventions:
    """How a file is written, as far as the caller says.

    `names`: the field that a column of a name fills; none if it is to be left out. `values`: what
    every row has in a field that the file does not have.
    """

    decimal: DecimalSign | None = None
    days: DayOrder | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def read(self, cell: Cell, kind: CellKind) -> str | int:
        """Raises `AmbiguousCell`."""
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
    """Whether digits are separated as thousands are."""
    first, *others = groups
    return bool(_DIGITS.fullmatch(first.removeprefix("-"))) and all(
        len(one) == _THOUSANDS and _DIGITS.fullmatch(one) for one in others
    )


def _plain(number: Decimal) -> str:
    """A number in its shortest form: no zeros that could be taken for thousands."""
    return f"{number.normalize():f}"
