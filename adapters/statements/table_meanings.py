"""The meaning of each column of a table: by the headings, checked against what stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from adapters.statements.table_columns import Column, fits, is_balance_of
from adapters.statements.table_reading import Meaning
from adapters.statements.table_words import (
    currency_of_heading,
    headings_of,
    is_beside_the_amount,
    is_no_text,
    may_be_own_account,
    way_of,
)

_DAYS: Final = (Meaning.BOOKED_ON, Meaning.VALUE_ON)
_PARTIES: Final = (Meaning.COUNTERPARTY, Meaning.PAYER, Meaning.PAYEE)
_ONLY_ONE: Final = frozenset(Meaning) - {Meaning.TEXT}
_SIGNS_OF_MINUS: Final = ("-", "\u2212", "\u2013")


def assign(columns: Sequence[Column]) -> tuple[Meaning | None, ...]:
    """The meaning of each column; of two that could have one, the surer heading has it."""
    meanings: dict[int, Meaning] = {}
    headed = {meaning for column in columns for meaning, _ in headings_of(column.heading)}
    two_sides = {Meaning.PAYER_IBAN, Meaning.PAYEE_IBAN} <= headed
    options = sorted(
        (not column.is_filled, _is_own_name(column, meaning), rank, column.number, meaning)
        for column in columns
        for meaning, rank in headings_of(column.heading)
        if fits(column, meaning) and not (two_sides and meaning is Meaning.ACCOUNT)
    )
    taken: set[Meaning] = set()
    for *_, number, meaning in options:
        if number not in meanings and (meaning not in taken or meaning not in _ONLY_ONE):
            meanings[number] = meaning
            taken.add(meaning)
    _add_days(columns, meanings)
    _settle_money(columns, meanings)
    _add_sign(columns, meanings)
    _settle_accounts(columns, meanings)
    _add_currency(columns, meanings)
    _settle_parties(meanings)
    _add_name(columns, meanings)
    _settle_texts(columns, meanings)
    return tuple(meanings.get(column.number) for column in columns)


def _is_own_name(column: Column, meaning: Meaning) -> bool:
    """Whether a column of parties names the same one in all rows: that is the account's owner."""
    return meaning is Meaning.COUNTERPARTY and column.is_the_same_everywhere


def _without(meaning: Meaning, meanings: dict[int, Meaning]) -> None:
    for number in [number for number, one in meanings.items() if one is meaning]:
        del meanings[number]


def _give(meaning: Meaning, number: int, meanings: dict[int, Meaning]) -> None:
    """The meaning to this column, and to no other."""
    _without(meaning, meanings)
    meanings[number] = meaning


def _place(meaning: Meaning, meanings: dict[int, Meaning]) -> int | None:
    return next((number for number, one in meanings.items() if one is meaning), None)


def _add_days(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Days without a known heading: the first is the booking day, the next the value day."""
    free = [c.number for c in columns if c.number not in meanings and c.days > 0.9 and c.cells]
    for meaning in _DAYS:
        if (
            _place(meaning, meanings) is None
            and free
            and (meaning is Meaning.BOOKED_ON or not any(c.heading for c in columns))
        ):
            _give(meaning, free.pop(0), meanings)
    if _place(Meaning.BOOKED_ON, meanings) is None:
        value_day = _place(Meaning.VALUE_ON, meanings)
        if value_day is not None:
            _give(Meaning.BOOKED_ON, value_day, meanings)


def _settle_money(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """One column of amounts, or one for each way; not both."""
    amount = _place(Meaning.AMOUNT, meanings)
    ways = [_place(Meaning.DEBIT, meanings), _place(Meaning.CREDIT, meanings)]
    if amount is not None and None not in ways:
        signed = any(cell.strip("' ").startswith(_SIGNS_OF_MINUS) for cell in columns[amount].cells)
        if signed or not any(columns[way].cells for way in ways if way is not None):
            _without(Meaning.DEBIT, meanings)
            _without(Meaning.CREDIT, meanings)
        else:
            _without(Meaning.AMOUNT, meanings)
    elif amount is not None:
        _without(Meaning.DEBIT, meanings)
        _without(Meaning.CREDIT, meanings)
    elif ways != [None, None] and None in ways:
        only = next(way for way in ways if way is not None)
        _give(Meaning.AMOUNT, only, meanings)
    elif amount is None and None in ways:
        _add_money(columns, meanings)


def _add_money(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Money without a known heading; a column that is the running sum of another is a balance."""
    free = _free_money(columns, meanings)
    full = [c for c in free if len(c.cells) == c.rows]
    # whole numbers without a sign may be anything
    full = [c for c in full if any(sign in cell for cell in c.cells for sign in ".,-")] or full
    if len(full) > 1:
        pairs = [(one, other) for one in full for other in full if one is not other]
        sums = [(one, other) for one, other in pairs if is_balance_of(other, one)]
        if sums:
            _give(Meaning.AMOUNT, sums[0][0].number, meanings)
            _give(Meaning.BALANCE, sums[0][1].number, meanings)
            return
    signed = [c for c in full if any("-" in cell for cell in c.cells)]
    for column in (signed or full)[:1]:
        _give(Meaning.AMOUNT, column.number, meanings)


def _free_money(columns: Sequence[Column], meanings: dict[int, Meaning]) -> list[Column]:
    """Columns of amounts that have no meaning yet, balances and fees left out."""
    return [
        c
        for c in columns
        if c.number not in meanings
        and c.amounts > 0.9
        and c.days < 0.5
        and not is_beside_the_amount(c.heading)
    ]


def two_ways_without_words(columns: Sequence[Column], meanings: Sequence[Meaning | None]) -> bool:
    """Whether no column is the amount, but two are filled in turn."""
    if {Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT} & set(meanings):
        return False
    told = {number: meaning for number, meaning in enumerate(meanings) if meaning}
    return len([c for c in _free_money(columns, told) if len(c.cells) < c.rows]) > 1


def _add_sign(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """A column of nothing but `S` and `H`, `Af` and `Bij`, … says the way of unsigned amounts."""
    amount = _place(Meaning.AMOUNT, meanings)
    if amount is None:
        _without(Meaning.SIGN, meanings)
        return
    if any("-" in cell or "\u2212" in cell for cell in columns[amount].cells):
        _without(Meaning.SIGN, meanings)
        return
    if _place(Meaning.SIGN, meanings) is None:
        free = [
            c
            for c in columns
            if c.ways == 1
            and len(c.cells) == c.rows
            and c.amounts < 0.5
            and meanings.get(c.number) in (None, Meaning.POSTING_TEXT)
        ]
        # the one that says both ways, else the one next to the amounts
        free.sort(key=lambda c: (-len({way_of(cell) for cell in c.cells}), abs(c.number - amount)))
        if free:
            _give(Meaning.SIGN, free[0].number, meanings)


def _settle_accounts(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """The own account is the same in all rows, the other side's is not."""
    own, other = _place(Meaning.ACCOUNT, meanings), _place(Meaning.COUNTERPARTY_IBAN, meanings)
    if own is not None and other is not None:
        if columns[other].is_constant and not columns[own].is_constant and columns[own].ibans > 0:
            meanings[own], meanings[other] = Meaning.COUNTERPARTY_IBAN, Meaning.ACCOUNT
        return
    free = [c for c in columns if c.number not in meanings and c.ibans > 0.8]
    if not any(c.heading for c in columns):
        numbers = r"[0-9][0-9./-]{6,16}"
        free += [
            c
            for c in columns
            if c.number not in meanings
            and c.is_the_same_everywhere
            and not c.days
            and re.fullmatch(numbers, c.cells[0])
        ]
    if own is None and other is not None and _is_own_account(columns[other], columns, meanings):
        _give(Meaning.ACCOUNT, other, meanings)
        other = None
    same = [c for c in free if c.is_the_same_everywhere]
    if same and Meaning.ACCOUNT not in meanings.values():
        _give(Meaning.ACCOUNT, same[0].number, meanings)
        free = [c for c in free if c is not same[0]]
    named = [c for c in columns if c.number not in meanings and may_be_own_account(c.heading)]
    if Meaning.ACCOUNT not in meanings.values() and not free:
        for column in [c for c in named if c.is_the_same_everywhere][:1]:
            _give(Meaning.ACCOUNT, column.number, meanings)
    if other is None and free and Meaning.PAYER_IBAN not in meanings.values():
        _give(Meaning.COUNTERPARTY_IBAN, free[0].number, meanings)


def _is_own_account(
    column: Column, columns: Sequence[Column], meanings: dict[int, Meaning]
) -> bool:
    """Whether a column headed `IBAN` or so is the own account: the same for different parties."""
    parties = [c for c in columns if meanings.get(c.number) in _PARTIES]
    is_one_party = bool(parties) and all(c.is_the_same_everywhere for c in parties)
    may_be = may_be_own_account(column.heading) and column.is_the_same_everywhere
    return may_be and not is_one_party


def _add_currency(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    amount = _place(Meaning.AMOUNT, meanings)
    is_named = amount is not None and currency_of_heading(columns[amount].heading)
    if _place(Meaning.CURRENCY, meanings) is None and not is_named:
        free = [
            c
            for c in columns
            if c.number not in meanings
            and c.currencies == 1
            and len(c.cells) == c.rows
            and not headings_of(c.heading)
            and not is_beside_the_amount(c.heading)
        ]
        free.sort(key=lambda c: abs(c.number - (amount or 0)))
        if free:
            _give(Meaning.CURRENCY, free[0].number, meanings)


def _settle_parties(meanings: dict[int, Meaning]) -> None:
    """Payer and payee are two columns; one of them alone is the other side."""
    payer, payee = _place(Meaning.PAYER, meanings), _place(Meaning.PAYEE, meanings)
    if (payer is None) == (payee is None):
        if payer is not None:
            _without(Meaning.COUNTERPARTY, meanings)
        return
    only = payer if payer is not None else payee
    assert only is not None
    if _place(Meaning.COUNTERPARTY, meanings) is None:
        _give(Meaning.COUNTERPARTY, only, meanings)
    else:
        del meanings[only]


def _add_name(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """In a table without a header, the words beside the other side's IBAN are its name."""
    iban = _place(Meaning.COUNTERPARTY_IBAN, meanings)
    if iban is None or any(c.heading for c in columns):
        return
    beside = [c for c in columns if abs(c.number - iban) == 1 and c.number not in meanings]
    names = [c for c in beside if c.words > 0.8]
    if names:
        _give(Meaning.COUNTERPARTY, max(names, key=lambda c: c.width).number, meanings)


def _settle_texts(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Without a text the kind of the booking is it; else all that is left."""
    if _place(Meaning.TEXT, meanings) is not None:
        _add_unnamed_texts(columns, meanings)
        return
    posting = _place(Meaning.POSTING_TEXT, meanings)
    if posting is not None:
        meanings[posting] = Meaning.TEXT
        kinds = (
            c.number
            for c in columns
            if c.number not in meanings
            and any(meaning is Meaning.POSTING_TEXT for meaning, _ in headings_of(c.heading))
        )
        for number in kinds:
            _give(Meaning.POSTING_TEXT, number, meanings)
            break
        return
    free = [
        c
        for c in columns
        if c.number not in meanings
        and c.cells
        and c.days < 0.5
        and c.amounts < 0.5
        and c.currencies < 0.5
        and not is_no_text(c.heading)
    ]
    telling = [c for c in free if not c.is_the_same_everywhere]
    for column in telling or free[:1]:
        meanings[column.number] = Meaning.TEXT


def _add_unnamed_texts(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Columns without a heading directly behind the text go on with it."""
    for before, column in pairwise(columns):
        is_free = column.number not in meanings and not column.heading and bool(before.heading)
        goes_on = meanings.get(before.number) is Meaning.TEXT and column.words > 0.5
        if (is_free or (not before.heading and not column.heading)) and goes_on:
            meanings.setdefault(column.number, Meaning.TEXT)
