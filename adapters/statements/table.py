"""Lines of a statement from a table of any bank, read as a `TableReading` says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.statements.problems import Problem, StatementProblem, broken
from adapters.statements.remittance import structured_reference
from adapters.statements.returns import is_return_text, return_reason_in
from adapters.statements.statement import Content, check_count, shortened
from adapters.statements.table_cells import (
    currency_in,
    looks_like_amount,
    looks_like_day,
    parse_amount,
    parse_day,
)
from adapters.statements.table_reading import Meaning, TableReading
from adapters.statements.table_rows import Layout, Row, is_transaction, split_rows
from adapters.statements.table_text import text_details
from adapters.statements.table_words import is_balance_row, is_pending, way_of
from dunning.ibans import compact_iban
from dunning.money import CURRENCY_DIGITS
from dunning.statements import ReturnedPayment, StatementLine, in_currency_digits, told_id

PREVIEW_ROWS: Final = 3


def read_table(text: str, reading: TableReading) -> Content:
    """The transactions of a table. Rows without a day or without an amount are none.

    Raises `StatementProblem` if the reading leaves something open, does not fit the table, or a
    row's day, amount or currency cannot be read in this way; the words name the line.
    """
    _check(reading)
    lines: list[StatementLine] = []
    for line in _lines(text, reading):
        lines.append(line)
        check_count(len(lines))
    return Content(tuple(lines))


def preview(text: str, reading: TableReading) -> tuple[StatementLine, ...]:
    """The first three transactions as the reading understands them, to be shown."""
    _check(reading)
    lines = _lines(text, reading)
    return tuple(line for line, _ in zip(lines, range(PREVIEW_ROWS), strict=False))


def _check(reading: TableReading) -> None:
    if reading.date_order is None:
        raise StatementProblem(
            Problem.DATE_ORDER_UNCLEAR,
            "The days can be read in two ways (day or month first); say which it is.",
            reading=reading,
        )
    if reading.decimal_sign is None:
        raise StatementProblem(
            Problem.DECIMAL_SIGN_UNCLEAR,
            "The amounts can be read in two ways (decimals after point or comma); say which it is.",
            reading=reading,
        )
    if reading.place_of(Meaning.CURRENCY) is None and reading.currency is None:
        raise StatementProblem(
            Problem.CURRENCY_UNCLEAR,
            "The table names no currency; say which it is.",
            reading=reading,
        )


def _lines(text: str, reading: TableReading) -> Iterator[StatementLine]:
    rows = split_rows(text, Layout(reading.separator, reading.quote))
    if reading.header_row is not None:
        rows = rows[_header_of(rows, reading) + 1 :]
    is_chilean = _says_cargo_by_letter(rows, reading)
    for row in rows:
        _check_quotes(row, reading)
        transaction = _Transaction(row, reading, is_chilean=is_chilean)
        if transaction.is_one:
            yield transaction.line()
        elif transaction.has_unknown_amount:
            raise broken(
                "An amount stands in a column that is not known to have one.", f"line {row.line}"
            )


def _header_of(rows: Sequence[Row], reading: TableReading) -> int:
    """Where the header is: at its place, else where its words stand."""
    assert reading.header_row is not None
    if not reading.header:
        return reading.header_row - 1
    at = [place for place, row in enumerate(rows) if row.cells == list(reading.header)]
    if not at:
        raise StatementProblem(
            Problem.READING_UNFIT, "The table has another header than the reading is for."
        )
    return min(at, key=lambda place: abs(place - (reading.header_row or 1) + 1))


def _check_quotes(row: Row, reading: TableReading) -> None:
    """A quotation mark that is not closed takes the next transactions into its cell."""
    broken_cells = [cell for cell in row.cells if "\n" in cell]
    is_too_wide = bool(broken_cells) and len(row.cells) > len(reading.columns) + 1
    inner = (part for cell in broken_cells for part in cell.split("\n")[1:])
    pieces = ([piece.strip(" \"'") for piece in part.split(reading.separator)] for part in inner)
    if is_too_wide or any(map(is_transaction, pieces)):
        raise broken("A quotation mark before this line is not closed.", f"line {row.line}")


def _says_cargo_by_letter(rows: Sequence[Row], reading: TableReading) -> bool:
    """Whether `C` stands for money that went out (cargo) because `A` is what came in (abono)."""
    at = reading.place_of(Meaning.SIGN)
    if at is None:
        return False
    marks = {row.cells[at].upper() for row in rows if at < len(row.cells) and row.cells[at]}
    return "A" in marks and marks <= {"A", "C"}


class _Transaction:
    """One row."""

    def __init__(self, row: Row, reading: TableReading, *, is_chilean: bool) -> None:
        self._row = row
        self._reading = reading
        self._is_chilean = is_chilean

    @property
    def is_one(self) -> bool:
        """Whether the row has a day and an amount; titles, sums and details have not."""
        if is_balance_row(self._row.cells):
            return False
        has_amount = any(map(self._cell, (Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT)))
        day = self._cell(Meaning.BOOKED_ON) or self._cell(Meaning.VALUE_ON)
        return has_amount and looks_like_day(day)

    @property
    def has_unknown_amount(self) -> bool:
        """Whether a booking day is there, and money only in columns without a meaning."""
        if not looks_like_day(self._cell(Meaning.BOOKED_ON)):
            return False
        pairs = zip(self._reading.columns, self._row.cells, strict=False)
        return any(
            meaning is None and looks_like_amount(cell) and any(sign in cell for sign in ".,")
            for meaning, cell in pairs
        )

    def line(self) -> StatementLine:
        currency, amount = self._currency(), self._amount()
        booked_on, value_on = self._day(Meaning.BOOKED_ON), self._day(Meaning.VALUE_ON)
        day = booked_on or value_on
        if day is None:
            raise broken("The day of this row cannot be read.", self._place)
        posting_text = self._cell(Meaning.POSTING_TEXT)
        said = text_details(self._text(), is_all_there_is=not self._has_parties)
        end_to_end_id = told_id(self._cell(Meaning.END_TO_END_ID)) or said.end_to_end_id
        return StatementLine(
            account=self._account(),
            booked_on=day,
            is_booked_on_told=booked_on is not None,
            value_on=value_on,
            amount=in_currency_digits(amount, currency),
            currency=currency,
            counterparty=self._counterparty(comes_in=amount > 0) or said.counterparty,
            counterparty_iban=self._counterparty_iban(comes_in=amount > 0)
            or said.counterparty_iban,
            on_behalf_of=said.on_behalf_of,
            text=said.text or posting_text,
            reference=self._reference() or said.reference,
            end_to_end_id=end_to_end_id,
            bank_id=told_id(self._cell(Meaning.BANK_ID)),
            is_booked=not is_pending(self._cell(Meaning.STATUS)),
            returned=self._returned(posting_text, said.text, end_to_end_id),
        )

    @property
    def _has_parties(self) -> bool:
        told = (Meaning.COUNTERPARTY, Meaning.PAYER, Meaning.PAYEE)
        return any(map(self._cell, told))

    @property
    def _place(self) -> str:
        return f"line {self._row.line}"

    def _cell(self, meaning: Meaning) -> str:
        at = self._reading.place_of(meaning)
        return self._row.cells[at] if at is not None and at < len(self._row.cells) else ""

    def _text(self) -> str:
        """All columns of text, each once; one that another begins with says nothing more."""
        pairs = zip(self._reading.columns, self._row.cells, strict=False)
        texts = [cell for meaning, cell in pairs if meaning is Meaning.TEXT and cell]
        told = dict.fromkeys(texts)
        return shortened(
            " ".join(
                text
                for text in told
                if not any(other != text and other.startswith(text) for other in told)
            )
        )

    def _day(self, meaning: Meaning) -> date | None:
        cell = self._cell(meaning)
        assert self._reading.date_order is not None
        return parse_day(cell, self._reading.date_order) if cell else None

    def _number(self, meaning: Meaning) -> Decimal | None:
        cell = self._cell(meaning)
        if not cell:
            return None
        assert self._reading.decimal_sign is not None
        amount = parse_amount(cell, self._reading.decimal_sign)
        if amount is None:
            raise broken("The amount of this row cannot be read.", self._place)
        return amount

    def _amount(self) -> Decimal:
        """Positive for money that came in; a debit is taken off however it is signed."""
        amount = self._number(Meaning.AMOUNT)
        if amount is None:
            credit = self._number(Meaning.CREDIT) or Decimal(0)
            return credit - abs(self._number(Meaning.DEBIT) or Decimal(0))
        mark = self._cell(Meaning.SIGN)
        way = way_of(mark) if mark else None
        if self._is_chilean and mark:
            way = 1 if mark.upper() == "A" else -1
        if mark and way is None:
            raise broken("The row does not say whether the money came in or went out.", self._place)
        return amount if way is None else amount * way

    def _currency(self) -> str:
        told = self._cell(Meaning.CURRENCY).upper() or self._reading.currency
        told = told or currency_in(self._cell(Meaning.AMOUNT))
        if told is None or told not in CURRENCY_DIGITS:
            raise broken("The row has no currency that is known.", self._place)
        return told

    def _account(self) -> str | None:
        told = self._cell(Meaning.ACCOUNT) or self._reading.account
        # a spreadsheet program keeps a number as text behind an apostrophe
        return compact_iban(told) or (told or "").lstrip("'") or None

    def _counterparty(self, *, comes_in: bool) -> str | None:
        """The payer of money that came in, the payee of money that went out."""
        side = Meaning.PAYER if comes_in else Meaning.PAYEE
        name = self._cell(Meaning.COUNTERPARTY) or self._cell(side)
        # some banks put the address behind it
        return told_id(name.split(";")[0])

    def _reference(self) -> str | None:
        """Finnish banks write `ref= 00000000000000001232`."""
        told = told_id(re.sub(r"^ref=\s*0*", "", self._cell(Meaning.REFERENCE)))
        return structured_reference(told or "") or told

    def _counterparty_iban(self, *, comes_in: bool) -> str | None:
        side = Meaning.PAYER_IBAN if comes_in else Meaning.PAYEE_IBAN
        return compact_iban(self._cell(Meaning.COUNTERPARTY_IBAN) or self._cell(side))

    def _returned(
        self, posting_text: str, text: str, end_to_end_id: str | None
    ) -> ReturnedPayment | None:
        reason = self._cell(Meaning.RETURN_REASON)
        charges = self._number(Meaning.RETURN_CHARGES)
        if not reason and not charges and not is_return_text(posting_text):
            return None
        return ReturnedPayment(
            end_to_end_id=end_to_end_id,
            reason=return_reason_in(f"{reason} {text}") or reason or None,
            amount=self._number(Meaning.RETURNED_AMOUNT),
            charges=charges,
        )
