"""One row of a table, read by a `TableReading`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.statements.problems import broken
from adapters.statements.remittance import structured_reference
from adapters.statements.returns import is_return_text, return_reason_in
from adapters.statements.statement import shortened
from adapters.statements.table_cells import (
    currency_in,
    looks_like_amount,
    looks_like_day,
    parse_amount,
    parse_day,
)
from adapters.statements.table_reading import Meaning, TableReading
from adapters.statements.table_rows import Row
from adapters.statements.table_text import text_details
from adapters.statements.table_words import (
    is_balance_row,
    is_beside_the_amount,
    is_pending,
    is_total_row,
    way_of,
)
from dunning.money import CURRENCY_DIGITS
from dunning.statements.ibans import compact_iban
from dunning.statements.lines import ReturnedPayment, StatementLine, in_currency_digits, stated_id

_MONEY: Final = (Meaning.AMOUNT, Meaning.DEBIT, Meaning.CREDIT)
# Zürcher Kantonalbank: the name after the kind of the booking.
_NAMED: Final = re.compile(r"(?:Gutschrift|Belastung|Vergütung)[^:;]{0,40}:\s*(?P<name>.+)")
# The cells that a row of details may have; a row with any other cell is something else.
_STATED_BY_DETAILS: Final = frozenset(
    (
        Meaning.TEXT,
        Meaning.POSTING_TEXT,
        Meaning.COUNTERPARTY,
        Meaning.PART_AMOUNT,
        Meaning.CURRENCY,
        Meaning.REFERENCE,
    )
)


class Transaction:
    """One row, and the rows below it with its details."""

    def __init__(self, row: Row, reading: TableReading, *, is_chilean: bool) -> None:
        self._row = row
        self._reading = reading
        self._is_chilean = is_chilean
        self.details: list[Transaction] = []

    @property
    def is_one(self) -> bool:
        """Whether the row has a day and an amount; titles, sums and details do not."""
        if is_balance_row(self._row.cells):
            return False
        day = self._cell(Meaning.BOOKED_ON) or self._cell(Meaning.VALUE_ON)
        return self._has_amount and looks_like_day(day)

    @property
    def has_unknown_amount(self) -> bool:
        """Whether the row has a booking day, and an amount in a column without a meaning."""
        if not looks_like_day(self._cell(Meaning.BOOKED_ON)) or is_total_row(self._row.cells):
            return False
        headings = [*self._reading.header, *[""] * len(self._row.cells)]
        cells = zip(self._reading.columns, headings, self._row.cells, strict=False)
        return any(
            meaning is None and looks_like_amount(cell) and any(sign in cell for sign in ".,")
            for meaning, heading, cell in cells
            if not is_beside_the_amount(heading)
        )

    def goes_on_in(self, below: Transaction) -> bool:
        """Whether the row below has details of this transaction.

        It has no amount of its own, and either no day, or the same days and bank's id as this row.
        """
        if below._has_amount or not self._reading.header or is_balance_row(below._row.cells):
            return False
        if below._cell(Meaning.BOOKED_ON):
            compared = (Meaning.BANK_ID, Meaning.BOOKED_ON, Meaning.VALUE_ON)
            return bool(self._cell(Meaning.BANK_ID)) and all(
                self._cell(meaning) == below._cell(meaning) for meaning in compared
            )
        pairs = list(zip(self._reading.columns, below._row.cells, strict=False))
        filled = {meaning for meaning, cell in pairs if cell}
        return len(pairs) > len(_MONEY) and bool(filled) and filled <= _STATED_BY_DETAILS

    def lines(self) -> Iterator[StatementLine]:
        """Yield the transaction; or its payments, if it has several whose amounts add up to it."""
        whole = self._line([self, *self.details])
        parts = self._parts()
        total = sum(amount for amount, _ in parts)
        if len(parts) < 2 or abs(total) != abs(whole.amount) or not total:
            yield whole
            return
        way = 1 if total == whole.amount else -1
        for number, (amount, rows) in enumerate(parts, 1):
            line = self._line(rows)
            yield line.model_copy(
                update={
                    "amount": in_currency_digits(amount * way, line.currency),
                    "text": line.text or whole.text,
                    "entry_amount": whole.amount,
                    "part": number,
                }
            )

    def _parts(self) -> list[tuple[Decimal, list[Transaction]]]:
        """Return the payments of a batch: their amounts, each with the rows of its details."""
        parts: list[tuple[Decimal, list[Transaction]]] = []
        for row in self.details:
            cell = row._cell(Meaning.PART_AMOUNT)
            assert self._reading.decimal_sign is not None
            amount = parse_amount(cell, self._reading.decimal_sign) if cell else None
            if amount is not None:
                parts.append((amount, [row]))
            elif parts:
                parts[-1][1].append(row)
        return parts

    def _line(self, rows: Sequence[Transaction]) -> StatementLine:
        """Return the line of the transaction, with the details in these rows."""
        currency, amount = self._currency(), self._amount()
        booked_on, value_on = self._day(Meaning.BOOKED_ON), self._day(Meaning.VALUE_ON)
        day = booked_on or value_on
        if day is None:
            raise broken("The day of this row cannot be read.", self._place)
        posting_text = self._cell(Meaning.POSTING_TEXT)
        meanings = (Meaning.TEXT,) if rows == [self] else (Meaning.TEXT, Meaning.POSTING_TEXT)
        text = _text_of([text for row in rows for text in row._texts(meanings)])
        said = text_details(text, is_all_there_is=not self._has_parties)
        end_to_end_id = stated_id(self._cell(Meaning.END_TO_END_ID)) or said.end_to_end_id
        return StatementLine(
            account=self._account(),
            booked_on=day,
            is_booked_on_stated=booked_on is not None,
            value_on=value_on,
            amount=in_currency_digits(amount, currency),
            currency=currency,
            counterparty=self._counterparty(rows, comes_in=amount > 0) or said.counterparty,
            counterparty_iban=self._counterparty_iban(comes_in=amount > 0)
            or said.counterparty_iban,
            on_behalf_of=said.on_behalf_of,
            text=said.text or posting_text,
            reference=self._reference(rows) or said.reference,
            end_to_end_id=end_to_end_id,
            bank_id=stated_id(self._cell(Meaning.BANK_ID)),
            is_booked=not is_pending(self._cell(Meaning.STATUS)),
            returned=self._returned(posting_text, said.text, end_to_end_id),
        )

    @property
    def _has_amount(self) -> bool:
        return any(map(self._cell, _MONEY))

    @property
    def _has_parties(self) -> bool:
        meanings = (Meaning.COUNTERPARTY, Meaning.PAYER, Meaning.PAYEE)
        return any(map(self._cell, meanings))

    @property
    def _place(self) -> str:
        return f"line {self._row.line}"

    def _cell(self, meaning: Meaning) -> str:
        at = self._reading.place_of(meaning)
        return self._row.cells[at] if at is not None and at < len(self._row.cells) else ""

    def _texts(self, meanings: Container[Meaning | None]) -> list[str]:
        pairs = zip(self._reading.columns, self._row.cells, strict=False)
        return [cell for meaning, cell in pairs if meaning in meanings and cell]

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
        """Return the amount, positive for money that came in; a debit is always negative."""
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
        amounts = (self._cell(meaning) for meaning in _MONEY)
        currency = self._cell(Meaning.CURRENCY).upper() or self._reading.currency
        currency = currency or next(filter(None, map(currency_in, amounts)), None)
        if currency is None or currency not in CURRENCY_DIGITS:
            raise broken("The row has no currency that is known.", self._place)
        return currency

    def _account(self) -> str | None:
        account = self._cell(Meaning.ACCOUNT) or self._reading.account
        # spreadsheet programs put an apostrophe before a number that is text
        return compact_iban(account) or (account or "").lstrip("'") or None

    def _counterparty(self, rows: Sequence[Transaction], *, comes_in: bool) -> str | None:
        """Return the payer of money that came in, or the payee of money that went out."""
        side = Meaning.PAYER if comes_in else Meaning.PAYEE
        names = (row._cell(meaning) for row in rows for meaning in (Meaning.COUNTERPARTY, side))
        # some banks put the address after the name
        name = next(filter(None, names), "").split(";")[0]
        if found := _NAMED.fullmatch(self._cell(Meaning.POSTING_TEXT)):
            name = name or found["name"]
        return stated_id(name)

    def _reference(self, rows: Sequence[Transaction]) -> str | None:
        """Return the reference; Finnish banks write `ref= 00000000000000001232`."""
        cells = (row._cell(Meaning.REFERENCE) for row in rows)
        reference = stated_id(re.sub(r"^ref=\s*0*", "", next(filter(None, cells), "")))
        return structured_reference(reference or "") or reference

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


def _text_of(texts: Iterable[str]) -> str:
    """Join all texts, each once; a text that is the beginning of another one is left out."""
    distinct = dict.fromkeys(texts)
    return shortened(
        " ".join(
            text
            for text in distinct
            if not any(other != text and other.startswith(text) for other in distinct)
        )
    )
