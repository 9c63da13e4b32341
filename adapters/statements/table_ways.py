"""Telling debits from credits in two columns of amounts without a known heading (R20).

The stems of the headings decide, else the signs, else the balances that the amounts lead to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise, permutations
from typing import Final, NamedTuple

from adapters.statements.table_cells import decimal_sign_of, parse_amount
from adapters.statements.table_columns import Column
from adapters.statements.table_reading import DecimalSign, Meaning
from adapters.statements.table_words import plain_heading

_GOES_OUT: Final = re.compile(
    r"\b(?:belast|lastschrift|soll\b|ausgang|ausgab|auszahl|addebit|debit|debet|dare\b|uscit|cargo"
    r"|adeudo|retiro|debe\b|gasto|sortie|withdraw|paid out|outflow|obciaz|wydat|d.bit\b|vydaj)"
)
_COMES_IN: Final = re.compile(
    r"\b(?:gutschrift|haben\b|eingang|einnahm|einzahl|accredit|credit|avere\b|entrat|abono|haber\b"
    r"|ingres|deposit|entree|paid in|inflow|uznan|wplyw|cr.dit\b|prijem)"
)
_MINUS: Final = ("-", "\u2212", "\u2013")
_MOST: Final = 0.8


class Ways(NamedTuple):
    """The numbers of the columns of money that went out, and that came in."""

    debit: int
    credit: int


def ways_of(
    free: Sequence[Column], columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> Ways | None:
    """Return which columns are debits and credits; None if nothing decides, or not uniquely."""
    pairs = list(permutations(free, 2))
    said = [(debit, credit) for debit, credit in pairs if _say_so(debit.heading, credit.heading)]
    signed = [(debit, credit) for debit, credit in pairs if _are_signed_so(debit, credit)]
    for found in (said, signed):
        if len(found) == 1:
            return Ways(found[0][0].number, found[0][1].number)
    balances = [column.number for column in columns if column.amounts > _MOST]
    holding = [
        ways
        for ways in (Ways(debit.number, credit.number) for debit, credit in pairs)
        if any(_leads_to(ways, balance, rows) for balance in balances if balance not in ways)
    ]
    return holding[0] if len(holding) == 1 else None


def way_of_heading(heading: str) -> Meaning | None:
    """Return the direction that the stem of a heading names, if it names exactly one."""
    name = plain_heading(heading.replace("\ufffd", "."))
    goes_out, comes_in = _GOES_OUT.search(name), _COMES_IN.search(name)
    if bool(goes_out) == bool(comes_in):
        return None
    return Meaning.DEBIT if goes_out else Meaning.CREDIT


def _say_so(debit: str, credit: str) -> bool:
    return (way_of_heading(debit), way_of_heading(credit)) == (Meaning.DEBIT, Meaning.CREDIT)


def _are_signed_so(debit: Column, credit: Column) -> bool:
    """Whether all cells of one column are negative, and none of the other."""
    signs = [[cell.strip("' ").startswith(_MINUS) for cell in c.cells] for c in (debit, credit)]
    return bool(signs[0]) and all(signs[0]) and not any(signs[1])


def _leads_to(ways: Ways, balance: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether balances, which only some rows may have, differ by the amounts between them."""
    cells = [row[at] for row in rows for at in (*ways, balance) if at < len(row)]
    sign = decimal_sign_of(cells) or DecimalSign.POINT
    amounts = [
        _number(row, ways.credit, sign) - abs(_number(row, ways.debit, sign)) for row in rows
    ]
    with_balance = [at for at, row in enumerate(rows) if balance < len(row) and row[balance]]
    if len(with_balance) < 2:
        return False
    sums = {at: _number(rows[at], balance, sign) for at in with_balance}
    steps = list(pairwise(with_balance))
    oldest_first = sum(sums[b] - sums[a] == sum(amounts[a + 1 : b + 1]) for a, b in steps)
    newest_first = sum(sums[a] - sums[b] == sum(amounts[a:b]) for a, b in steps)
    return max(oldest_first, newest_first) >= _MOST * len(steps)


def _number(row: Sequence[str], at: int, sign: DecimalSign) -> Decimal:
    cell = row[at] if at < len(row) else ""
    return (parse_amount(cell, sign) if cell else None) or Decimal(0)
