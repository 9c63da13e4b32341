"""The order of day, month and year in a table, which whole columns decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from adapters.statements.table_cells import looks_like_day, order_free, parse_day, possible_orders
from adapters.statements.table_reading import DateOrder
from adapters.statements.table_words import plain_heading

# Headings of languages whose countries all write the day first.
_DAY_FIRST: Final = frozenset(
    str.split(
        """
        buchungstag buchungsdatum wertstellung betrag valuta umsatz fecha importe concepto saldo
        montant libelle solde valeur bedrag omschrijving datum rekening belopp beskrivning importo
        causale kwota operacji cargo abono abonos cargos monto debe haber descripcion valuta castka
        munt dag dato belob historico contabile descrizione valor
        identificador descricao lancamento
        """
    )
)
_BRITISH: Final = frozenset({"sort code", "gbp", "paid in", "paid out", "money in", "money out"})
_MOST_DAYS_APART: Final = 12


def find_date_order(
    columns: Sequence[Sequence[str]], header: Sequence[str], *, is_european: bool = False
) -> DateOrder | None:
    """Return the order in which all days exist; of several orders the most sensible one.

    The day comes first if the days are written with points, or in a language or a country
    (`is_european`) that writes it first. Else the order is sensible in which the rows are sorted by
    time, or in which the value days are close to the booking days. None if nothing decides.
    """
    cells = [cell for column in columns for cell in column if looks_like_day(cell)]
    possible = possible_orders(cells)
    if not possible or all(map(order_free, cells)):
        return possible[0] if possible else None
    if len(possible) > 1 and DateOrder.YEAR_MONTH_DAY in possible:
        # only a year of two digits could come first, and that is rare
        possible.remove(DateOrder.YEAR_MONTH_DAY)
    if len(possible) == 1:
        return possible[0]
    if is_european or all("." in cell for cell in cells) or _is_day_first(header):
        return DateOrder.DAY_MONTH_YEAR
    readings = {order: _days(columns, order) for order in possible}
    if len({tuple(map(tuple, days)) for days in readings.values()}) == 1:
        return possible[0]
    for makes_sense in (_in_order_of_time, _close_to_each_other):
        sensible = [order for order in possible if makes_sense(readings[order])]
        if len(sensible) == 1:
            return sensible[0]
    return None


def _days(columns: Sequence[Sequence[str]], order: DateOrder) -> list[list[date]]:
    return [
        [day for cell in column if (day := parse_day(cell, order)) is not None]
        for column in columns
    ]


def _is_day_first(header: Sequence[str]) -> bool:
    names = [plain_heading(cell) for cell in header]
    words = {word for name in names for word in name.split()}
    return bool(words & _DAY_FIRST) or bool(_BRITISH & {*names, *words})


def _in_order_of_time(columns: Sequence[Sequence[date]]) -> bool:
    """Whether the days of the first column only increase, or only decrease."""
    days = columns[0]
    if len(set(days)) < 2:
        return False
    steps = [(later - earlier).days for earlier, later in pairwise(days)]
    return all(step >= 0 for step in steps) or all(step <= 0 for step in steps)


def _close_to_each_other(columns: Sequence[Sequence[date]]) -> bool:
    """Whether the booking day and the value day of each row are close together."""
    if len(columns) < 2 or len(columns[0]) != len(columns[1]):
        return False
    pairs = zip(columns[0], columns[1], strict=True)
    return all(abs((one - other).days) <= _MOST_DAYS_APART for one, other in pairs)
