"""Guessing the reading of a table from its content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from adapters.statements.problems import Problem, StatementProblem
from adapters.statements.statement import MAX_LINES, check_count
from adapters.statements.table_cells import (
    currency_in,
    decimal_sign_of,
    has_separators,
    looks_like_amount,
)
from adapters.statements.table_columns import Column, columns_of
from adapters.statements.table_days import find_date_order
from adapters.statements.table_meanings import assign
from adapters.statements.table_money import two_ways_without_words
from adapters.statements.table_reading import DecimalSign, Meaning, TableReading
from adapters.statements.table_rows import (
    SEPARATORS,
    Row,
    find_header,
    find_layout,
    is_transaction,
    split_rows,
)
from adapters.statements.table_words import currency_of_heading, is_balance_row
from dunning.money import CURRENCY_DIGITS
from dunning.statements.ibans import IBAN_LENGTHS, compact_iban, is_iban

_AMOUNTS: Final = (Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT)
_EURO: Final = "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MC MT NL PT SI SK SM"
_OTHERS: Final = "CH CHF LI CHF CZ CZK DK DKK GB GBP HU HUF IS ISK NO NOK PL PLN RO RON SE SEK"
_CURRENCIES: Final = {country: "EUR" for country in _EURO.split()} | dict(
    zip(_OTHERS.split()[::2], _OTHERS.split()[1::2], strict=True)
)
# This many transactions are looked at.
_ROWS_LOOKED_AT: Final = 20_000
# A transaction may have details below it; a table of more rows is refused before it is read.
_MOST_ROWS: Final = 4 * MAX_LINES
_LONGEST_LINE: Final = 20_000
_MOST_COLUMNS: Final = 1_000
_BALANCE: Final = re.compile(r"\d[.,]\d{2}(?!\d)")
_IBAN_LIKE: Final = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
)


def guess_reading(
    text: str, *, encoding: str, filename: str | None = None, currency: str | None = None
) -> TableReading:
    """Guess the reading of a table; `currency` is that of a table that names none.

    Raises `StatementProblem` if there is no column of days or none of amounts. The reading leaves
    open what the file does not decide.
    """
    if text.count("\n") > _MOST_ROWS:
        check_count(_MOST_ROWS)
    layout = find_layout(text) if _is_of_a_bank(text) else None
    if layout is None:
        raise StatementProblem(
            Problem.UNKNOWN_FORMAT,
            "The file is no bank statement that can be read: neither CAMT, MT940 nor a table "
            "with a day and an amount in each row.",
        )
    rows = split_rows(text, layout)
    at = find_header(rows)
    header = tuple(rows[at].cells) if at is not None else ()
    body = rows[at + 1 :] if at is not None else rows
    preamble = rows[:at] if at is not None else []
    found = (row.cells for row in body if is_transaction(row.cells))
    transactions = _of_one_width(list(islice(found, _ROWS_LOOKED_AT)))
    columns = columns_of(header, transactions)
    meanings = assign(columns, transactions)
    reading = TableReading(
        encoding=encoding,
        separator=layout.separator,
        quote=layout.quote,
        header_row=at + 1 if at is not None else None,
        header=header,
        columns=meanings,
    )
    _check_columns(columns, reading)
    account = _account(meanings, preamble, filename)
    days = [
        column
        for column in columns
        if meanings[column.number] in (Meaning.BOOKED_ON, Meaning.VALUE_ON)
    ]
    decimal_sign = _decimal_sign(columns, meanings, currency, preamble)
    # no country with IBANs, or with commas before decimals, writes the month first
    has_ibans = compact_iban(account) is not None or any(column.ibans > 0.5 for column in columns)
    is_european = has_ibans or decimal_sign is DecimalSign.COMMA
    date_order = find_date_order([column.cells for column in days], header, is_european=is_european)
    return reading.model_copy(
        update={
            "date_order": date_order,
            "decimal_sign": decimal_sign,
            "currency": _currency(columns, meanings, preamble)
            or _currency_of_accounts(columns, meanings, account),
            "account": account,
        }
    )


def _is_of_a_bank(text: str) -> bool:
    """Whether all lines are as short, and have as few cells, as those of a bank's table."""
    return all(
        len(line) <= _LONGEST_LINE and max(map(line.count, SEPARATORS)) <= _MOST_COLUMNS
        for line in text.splitlines()
    )


def _of_one_width(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows that are as wide as most; others are sums and balances below the table."""
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    return [cells for cells in rows if abs(len(cells) - width) <= 1 and not is_balance_row(cells)]


def _check_columns(columns: Sequence[Column], reading: TableReading) -> None:
    meanings = set(reading.columns)
    words = None
    if Meaning.BOOKED_ON not in meanings:
        words = "No column of the table is known to tell the booking day."
    elif two_ways_without_words(columns, reading.columns):
        words = "Two columns have amounts; say which of them is money that came in."
    elif not meanings & set(_AMOUNTS):
        words = "No column of the table is known to tell the amount."
    if words:
        raise StatementProblem(Problem.COLUMNS_UNCLEAR, words, reading=reading)


def _decimal_sign(
    columns: Sequence[Column],
    meanings: Sequence[Meaning | None],
    currency: str | None,
    preamble: Sequence[Row],
) -> DecimalSign | None:
    """Find the decimal sign by the amounts, else by all columns of money, else by a balance above.

    If all amounts are whole numbers, it does not matter. In a currency without decimals the
    separators are those of thousands.
    """
    amounts = [
        cell for column in columns if meanings[column.number] in _AMOUNTS for cell in column.cells
    ]
    if sign := decimal_sign_of(amounts):
        return sign
    money = [cell for column in columns if column.amounts > 0.8 for cell in column.cells]
    if sign := decimal_sign_of(money):
        return sign
    above = [cell for row in preamble for cell in row.cells if _BALANCE.search(cell)]
    if sign := decimal_sign_of(filter(looks_like_amount, above)):
        return sign
    if not has_separators(amounts):
        return DecimalSign.POINT
    named = {
        cell
        for column in columns
        if meanings[column.number] is Meaning.CURRENCY
        for cell in column.cells
    }
    currencies = named or {currency or ""}
    if all(CURRENCY_DIGITS.get(code) == 0 for code in currencies):
        return DecimalSign.COMMA if any("." in cell for cell in amounts) else DecimalSign.POINT
    return None


def _currency(
    columns: Sequence[Column], meanings: Sequence[Meaning | None], preamble: Sequence[Row]
) -> str | None:
    """Return the currency of rows that name none: from a heading, an amount, or above the table."""
    if _has_all_currencies(columns, meanings):
        return None
    amounts = [column for column in columns if meanings[column.number] in _AMOUNTS]
    for column in amounts:
        if named := currency_of_heading(column.heading):
            return named
    for column in amounts:
        if beside := next(filter(None, map(currency_in, column.cells)), None):
            return beside
    for row in preamble:
        for cell in row.cells:
            for word in re.findall(r"\b[A-Z]{3}\b|€", cell):
                if word in CURRENCY_DIGITS or word == "€":
                    return "EUR" if word == "€" else str(word)
    return next(
        filter(None, (currency_of_heading(column.heading) for column in columns if column.heading)),
        None,
    )


def _has_all_currencies(columns: Sequence[Column], meanings: Sequence[Meaning | None]) -> bool:
    """Whether a column names the currency in every row."""
    column = next((c for c in columns if meanings[c.number] is Meaning.CURRENCY), None)
    return column is not None and len(column.cells) == column.rows


def _currency_of_accounts(
    columns: Sequence[Column], meanings: Sequence[Meaning | None], account: str | None
) -> str | None:
    """Return the currency of the account's country, if other currencies are rare there."""
    if _has_all_currencies(columns, meanings):
        return None
    own = [c.cells for c in columns if meanings[c.number] is Meaning.ACCOUNT and c.cells]
    iban = compact_iban(own[0][0]) if own else compact_iban(account)
    return _CURRENCIES.get(iban[:2]) if iban else None


def _account(
    meanings: Sequence[Meaning | None], preamble: Sequence[Row], filename: str | None
) -> str | None:
    """Return the account of a table without a column for it: from above it, or the file's name."""
    if Meaning.ACCOUNT in meanings:
        return None
    texts = [cell for row in preamble for cell in row.cells]
    return _iban_in(texts) or _iban_in([filename or ""]) or _number_in(preamble)


def _iban_in(texts: Iterable[str]) -> str | None:
    found = [compact_iban(match) for text in texts for match in _IBAN_LIKE.findall(text)]
    likely = [iban for iban in found if iban and IBAN_LENGTHS.get(iban[:2]) == len(iban)]
    return next(filter(is_iban, likely), None) or next(iter(likely), None)


def _number_in(preamble: Sequence[Row]) -> str | None:
    """Find an account number after a word such as `Konto`."""
    words = r"(?:konto(?:nummer)?|account(?: number)?|cuenta|compte|rekening|conto|kontonr)"
    for row in preamble:
        joined = " ".join(cell for cell in row.cells if cell)
        if found := re.search(
            rf"{words}\b[^0-9A-Z]{{0,20}}([0-9][0-9 ./-]{{3,30}}[0-9])", joined, re.I
        ):
            return found[1]
    return None
