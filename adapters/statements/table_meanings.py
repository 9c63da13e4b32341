"""The meaning of each column of a table: from its heading, checked against its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from adapters.statements.table_columns import Column, fits
from adapters.statements.table_money import (
    add_sign,
    add_ways,
    give,
    place,
    settle_money,
    without,
)
from adapters.statements.table_reading import Meaning
from adapters.statements.table_words import (
    currency_of_heading,
    headings_of,
    is_beside_the_amount,
    is_no_text,
    may_be_own_account,
)

_DAYS: Final = (Meaning.BOOKED_ON, Meaning.VALUE_ON)
_PARTIES: Final = (Meaning.COUNTERPARTY, Meaning.PAYER, Meaning.PAYEE)
_ONLY_ONE: Final = frozenset(Meaning) - {Meaning.TEXT}


def assign(
    columns: Sequence[Column], rows: Sequence[Sequence[str]] = ()
) -> tuple[Meaning | None, ...]:
    """Return the meaning of each column; if several fit, the surest heading gets it.

    `rows` are the transactions that the columns are made of.
    """
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
    add_ways(columns, rows, meanings)
    settle_money(columns, meanings)
    add_sign(columns, meanings)
    _settle_accounts(columns, meanings)
    _add_currency(columns, meanings)
    _settle_parties(meanings)
    _add_name(columns, meanings)
    _settle_texts(columns, meanings)
    return tuple(meanings.get(column.number) for column in columns)


def _is_own_name(column: Column, meaning: Meaning) -> bool:
    """Whether a column of parties has the same name in all rows: that of the account's owner."""
    return meaning is Meaning.COUNTERPARTY and column.is_the_same_everywhere


def _add_days(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Give columns of days without a known heading their meaning: booking day, then value day.

    A second one becomes the value day only in a table without headings.
    """
    free = [c.number for c in columns if c.number not in meanings and c.days > 0.9 and c.cells]
    for meaning in _DAYS:
        if (
            place(meaning, meanings) is None
            and free
            and (meaning is Meaning.BOOKED_ON or not any(c.heading for c in columns))
        ):
            give(meaning, free.pop(0), meanings)
    if place(Meaning.BOOKED_ON, meanings) is None:
        value_day = place(Meaning.VALUE_ON, meanings)
        if value_day is not None:
            give(Meaning.BOOKED_ON, value_day, meanings)


def _settle_accounts(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Tell the own account, which is the same in all rows, from the other side's."""
    own, other = place(Meaning.ACCOUNT, meanings), place(Meaning.COUNTERPARTY_IBAN, meanings)
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
        give(Meaning.ACCOUNT, other, meanings)
        other = None
    same = [c for c in free if c.is_the_same_everywhere]
    if same and Meaning.ACCOUNT not in meanings.values():
        give(Meaning.ACCOUNT, same[0].number, meanings)
        free = [c for c in free if c is not same[0]]
    named = [c for c in columns if c.number not in meanings and may_be_own_account(c.heading)]
    if Meaning.ACCOUNT not in meanings.values() and not free:
        for column in [c for c in named if c.is_the_same_everywhere][:1]:
            give(Meaning.ACCOUNT, column.number, meanings)
    if other is None and free and Meaning.PAYER_IBAN not in meanings.values():
        give(Meaning.COUNTERPARTY_IBAN, free[0].number, meanings)


def _is_own_account(
    column: Column, columns: Sequence[Column], meanings: dict[int, Meaning]
) -> bool:
    """Whether a column headed `IBAN` or so is the own account: it is the same for all parties."""
    parties = [c for c in columns if meanings.get(c.number) in _PARTIES]
    is_one_party = bool(parties) and all(c.is_the_same_everywhere for c in parties)
    may_be = may_be_own_account(column.heading) and column.is_the_same_everywhere
    return may_be and not is_one_party


def _add_currency(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    amount = place(Meaning.AMOUNT, meanings)
    is_named = amount is not None and currency_of_heading(columns[amount].heading)
    if place(Meaning.CURRENCY, meanings) is None and not is_named:
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
            give(Meaning.CURRENCY, free[0].number, meanings)


def _settle_parties(meanings: dict[int, Meaning]) -> None:
    """Keep payer and payee only as a pair; one of them alone is the counterparty."""
    payer, payee = place(Meaning.PAYER, meanings), place(Meaning.PAYEE, meanings)
    if (payer is None) == (payee is None):
        if payer is not None:
            without(Meaning.COUNTERPARTY, meanings)
        return
    only = payer if payer is not None else payee
    assert only is not None
    if place(Meaning.COUNTERPARTY, meanings) is None:
        give(Meaning.COUNTERPARTY, only, meanings)
    else:
        del meanings[only]


def _add_name(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Take the words beside the other side's IBAN as its name, in a table without a header."""
    iban = place(Meaning.COUNTERPARTY_IBAN, meanings)
    if iban is None or any(c.heading for c in columns):
        return
    beside = [c for c in columns if abs(c.number - iban) == 1 and c.number not in meanings]
    names = [c for c in beside if c.words > 0.8]
    if names:
        give(Meaning.COUNTERPARTY, max(names, key=lambda c: c.width).number, meanings)


def _settle_texts(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Find the text if no column is one: the kind of the booking, else all other columns."""
    if place(Meaning.TEXT, meanings) is not None:
        _add_unnamed_texts(columns, meanings)
        _drop_repeated_texts(columns, meanings)
        return
    posting = place(Meaning.POSTING_TEXT, meanings)
    if posting is not None:
        meanings[posting] = Meaning.TEXT
        kinds = (
            c.number
            for c in columns
            if c.number not in meanings
            and any(meaning is Meaning.POSTING_TEXT for meaning, _ in headings_of(c.heading))
        )
        for number in kinds:
            give(Meaning.POSTING_TEXT, number, meanings)
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
    """Take columns without a heading directly after the text as more text."""
    for before, column in pairwise(columns):
        is_free = column.number not in meanings and not column.heading and bool(before.heading)
        goes_on = meanings.get(before.number) is Meaning.TEXT and column.words > 0.5
        if (is_free or (not before.heading and not column.heading)) and goes_on:
            meanings.setdefault(column.number, Meaning.TEXT)


def _drop_repeated_texts(columns: Sequence[Column], meanings: dict[int, Meaning]) -> None:
    """Drop a text that is the same in all rows, if there are others: it describes the account."""
    texts = [c for c in columns if meanings.get(c.number) is Meaning.TEXT and c.is_filled]
    repeated = [c for c in texts if c.is_the_same_everywhere and c.rows > 2]
    if len(repeated) < len(texts):
        for column in repeated:
            del meanings[column.number]
