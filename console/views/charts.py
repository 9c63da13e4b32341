"""Charts: bars in SVG, drawn from the numbers of the table beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

WIDTH: Final = 560
ROW: Final = 30
_LABEL: Final = 190
_VALUE: Final = 120


class Bar(NamedTuple):
    """A row of the table, and the place and length of its bar."""

    label: str
    amount: Decimal
    shown: str
    y: int
    width: int


@dataclass(frozen=True)
class Chart:
    """A table and its picture; `name` selects its words."""

    name: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return max(1, len(self.bars)) * ROW

    @property
    def label_width(self) -> int:
        return _LABEL

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def track(self) -> int:
        return WIDTH - _LABEL - _VALUE


def chart(name: str, rows: Sequence[tuple[str, Decimal, str]]) -> Chart:
    """Build a chart of rows: each has a label, an amount, and the amount as text."""
    most = max((amount for _, amount, _ in rows), default=Decimal(0)) or Decimal(1)
    track = WIDTH - _LABEL - _VALUE
    bars = [
        Bar(label, amount, shown, at * ROW, int(amount / most * track))
        for at, (label, amount, shown) in enumerate(rows)
    ]
    return Chart(name, bars)
