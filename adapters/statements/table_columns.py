"""The columns of a table, and the kinds of their cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from adapters.statements.table_cells import (
    decimal_sign_of,
    looks_like_amount,
    looks_like_day,
    parse_amount,
)
from adapters.statements.table_reading import DecimalSign, Meaning
from adapters.statements.table_words import (
    way_of,
)
from dunning.money import CURRENCY_DIGITS
from dunning.statements.ibans import compact_iban

_DAYS: Final = (Meaning.BOOKED_ON, Meaning.VALUE_ON)
# This many cells of a column are looked at.
_SAMPLE: Final = 2000
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_MONEY: Final = (Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT, Meaning.BALANCE)


class Column(NamedTuple):
    """A column: its filled cells, and the share of them that are days, amounts, IBANs, …"""

    number: int
    heading: str
    cells: list[str]
    rows: int
    days: float
    amounts: float
    ibans: float
    currencies: float
    ways: float
    words: float

    @property
    def is_filled(self) -> bool:
        return bool(self.cells)

    @property
    def is_constant(self) -> bool:
        return len(self.cells) > 1 and len(set(self.cells)) == 1

    @property
    def is_the_same_everywhere(self) -> bool:
        """Whether every row has the same cell here."""
        return self.is_constant and len(self.cells) == self.rows

    @property
    def width(self) -> float:
        return sum(map(len, self.cells)) / len(self.cells) if self.cells else 0


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Return the columns of the header and of all rows."""
    width = max([len(header), *map(len, rows)], default=0)
    return [_column(number, header, rows) for number in range(width)]


def _column(number: int, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Column:
    cells = [row[number] for row in rows if number < len(row) and row[number]]

    sample = Counter(cells[:_SAMPLE])

    def part(is_one: Callable[[str], bool]) -> float:
        count = sum(times for cell, times in sample.items() if is_one(cell))
        return count / sample.total() if sample else 0.0

    return Column(
        number=number,
        heading=header[number] if number < len(header) else "",
        cells=cells,
        rows=len(rows),
        days=part(looks_like_day),
        amounts=part(looks_like_amount),
        ibans=part(lambda cell: compact_iban(cell) is not None),
        currencies=part(lambda cell: cell.upper() in CURRENCY_DIGITS),
        ways=part(lambda cell: way_of(cell) is not None),
        words=part(lambda cell: _WORD.search(cell) is not None),
    )


def fits(column: Column, meaning: Meaning) -> bool:
    """Whether the cells of a column fit a meaning; an empty column fits any but `sign`."""
    if not column.is_filled:
        return meaning not in (Meaning.SIGN,)
    if meaning in _DAYS:
        return column.days > 0.8
    if meaning in _MONEY or meaning is Meaning.PART_AMOUNT:
        return column.amounts > 0.8 and column.days < 0.5
    if meaning is Meaning.CURRENCY:
        return column.currencies > 0.8
    if meaning is Meaning.SIGN:
        return column.ways > 0.8
    if meaning in (Meaning.COUNTERPARTY_IBAN, Meaning.PAYER_IBAN, Meaning.PAYEE_IBAN):
        return column.days < 0.5 and any(sign.isdigit() for cell in column.cells for sign in cell)
    if meaning in (Meaning.COUNTERPARTY, Meaning.PAYER, Meaning.PAYEE):
        return column.days < 0.5 and column.words > 0.5 and column.ibans <= 0.3
    if meaning is Meaning.TEXT:
        is_number = column.amounts > 0.9 and column.width < 6
        return column.days < 0.5 and column.ways < 0.9 and not is_number
    return True


def is_balance_of(balance: Column, amount: Column) -> bool:
    """Whether the differences of one column are the values of the other.

    The balance may be the one before or after the amount, and the newest row may be the first.
    """
    sign = decimal_sign_of([*balance.cells, *amount.cells]) or DecimalSign.POINT
    sums = [parse_amount(cell, sign) or Decimal(0) for cell in balance.cells]
    steps = [parse_amount(cell, sign) or Decimal(0) for cell in amount.cells]
    if len(sums) < 2 or len(sums) != len(steps):
        return False
    changes = [later - earlier for earlier, later in pairwise(sums)]
    after = sum(change == step for change, step in zip(changes, steps[1:], strict=True))
    before = sum(change == step for change, step in zip(changes, steps[:-1], strict=True))
    newest_first = sum(-change == step for change, step in zip(changes, steps[:-1], strict=True))
    return max(after, before, newest_first) >= 0.8 * (len(sums) - 1)
