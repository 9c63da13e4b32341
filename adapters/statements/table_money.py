"""The columns of money of a table: one amount, or one for each direction, and signs (R20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.statements.table_columns import Column, fits, is_balance_of
from adapters.statements.table_reading import Meaning
from adapters.statements.table_ways import way_of_heading, ways_of
from adapters.statements.table_words import is_beside_the_amount, way_of

# This many columns of amounts without a meaning are tried.
_MOST_WAYS: Final = 4
_SIGNS_OF_MINUS: Final = ("-", "\u2212", "\u2013")


def without(meaning: Meaning, meanings: dict[int, Meaning]) -> None:
    for number in [number for number, one in meanings.items() if one is meaning]:
        del meanings[number]


def give(meaning: Meaning, number: int, meanings: dict[int, Meaning]) -> None:
    """Give a meaning to this column, and take it from any other."""
    without(meaning, meanings)
    meanings[number] = meaning


def place(meaning: Meaning, meanings: dict[int, Meaning]) -> int | None:
    return next((number for number, one in meanings.items() if one is meaning), None)


def add_ways(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], meanings: dict[int, Meaning]
) -> None:
    """Find the columns of debits and credits, if the headings do not name both.

    They are two columns of amounts that are filled in turn.
    """
    if {Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT} <= set(meanings.values()):
        return
    known = [place(Meaning.DEBIT, meanings), place(Meaning.CREDIT, meanings)]
    if known.count(None) == 1:
        only = Meaning.DEBIT if known[0] is None else Meaning.CREDIT
        named = [
            c for c in columns if c.number not in meanings and way_of_heading(c.heading) is only
        ]
        if len(named) == 1 and fits(named[0], only):
            give(only, named[0].number, meanings)
        return
    if place(Meaning.AMOUNT, meanings) is not None or None not in known:
        return
    free = _money_in_turn(columns, meanings)
    if ways := ways_of(free[:_MOST_WAYS], columns, rows):
        give(Meaning.DEBIT, ways.debit, meanings)
        give(Meaning.CREDIT, ways.credit, meanings)


def _money_in_turn(columns: Sequence[Column], meanings: dict[int, Meaning]) -> list[Column]:
    """Return the columns of amounts without a meaning that some rows leave empty.

    If there is one, empty columns whose heading names a direction are added.
    """
    free = [c for c in _free_money(columns, meanings) if len(c.cells) < c.rows]
    named = [
        c for c in columns if c.number not in meanings and not c.cells and way_of_heading(c.heading)
    ]
    return free + named if len(free) == 1 else free


def settle_money(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Keep one column of amounts, or one for each direction, but not both."""
    amount = place(Meaning.AMOUNT, meanings)
    ways = [place(Meaning.DEBIT, meanings), place(Meaning.CREDIT, meanings)]
    if amount is not None and None not in ways:
        signed = any(cell.strip("' ").startswith(_SIGNS_OF_MINUS) for cell in columns[amount].cells)
        if signed or not any(columns[way].cells for way in ways if way is not None):
            without(Meaning.DEBIT, meanings)
            without(Meaning.CREDIT, meanings)
        else:
            without(Meaning.AMOUNT, meanings)
    elif amount is not None:
        without(Meaning.DEBIT, meanings)
        without(Meaning.CREDIT, meanings)
    elif ways != [None, None] and None in ways:
        only = next(way for way in ways if way is not None)
        give(Meaning.AMOUNT, only, meanings)
    elif amount is None and None in ways:
        _add_money(columns, meanings)


def _add_money(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Find the amount without a known heading; a running sum of another column is a balance."""
    free = _free_money(columns, meanings)
    full = [c for c in free if len(c.cells) == c.rows]
    # whole numbers without a sign may be anything
    full = [c for c in full if any(sign in cell for cell in c.cells for sign in ".,-")] or full
    if len(full) > 1:
        pairs = [(one, other) for one in full for other in full if one is not other]
        sums = [(one, other) for one, other in pairs if is_balance_of(other, one)]
        if sums:
            give(Meaning.AMOUNT, sums[0][0].number, meanings)
            give(Meaning.BALANCE, sums[0][1].number, meanings)
            return
    signed = [c for c in full if any("-" in cell for cell in c.cells)]
    for column in (signed or full)[:1]:
        give(Meaning.AMOUNT, column.number, meanings)


def _free_money(columns: Sequence[Column], meanings: dict[int, Meaning]) -> list[Column]:
    """Return the columns of amounts without a meaning, except balances and fees."""
    return [
        c
        for c in columns
        if c.number not in meanings
        and c.amounts > 0.9
        and c.days < 0.5
        and not is_beside_the_amount(c.heading)
    ]


def two_ways_without_words(columns: Sequence[Column], meanings: Sequence[Meaning | None]) -> bool:
    """Whether no column is known as the amount, but two are filled in turn."""
    if {Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT} & set(meanings):
        return False
    taken = {number: meaning for number, meaning in enumerate(meanings) if meaning}
    return len([c for c in _free_money(columns, taken) if len(c.cells) < c.rows]) > 1


def add_sign(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Find the column with the direction of unsigned amounts: `S` and `H`, `Af` and `Bij`, …"""
    amount = place(Meaning.AMOUNT, meanings)
    if amount is None:
        without(Meaning.SIGN, meanings)
        return
    if any("-" in cell or "\u2212" in cell for cell in columns[amount].cells):
        without(Meaning.SIGN, meanings)
        return
    if place(Meaning.SIGN, meanings) is None:
        free = [
            c
            for c in columns
            if c.ways == 1
            and len(c.cells) == c.rows
            and c.amounts < 0.5
            and meanings.get(c.number) in (None, Meaning.POSTING_TEXT)
        ]
        # the one with both directions first, then the one nearest to the amounts
        free.sort(key=lambda c: (-len({way_of(cell) for cell in c.cells}), abs(c.number - amount)))
        if free:
            give(Meaning.SIGN, free[0].number, meanings)
