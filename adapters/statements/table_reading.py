"""The reading of a table of transactions: a guess that can be shown, corrected and kept."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, Field, model_validator


class Meaning(StrEnum):
    """The meaning of a column. Several columns may be `text`, and one each of the others."""

    BOOKED_ON = "booked_on"
    VALUE_ON = "value_on"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    SIGN = "sign"
    CURRENCY = "currency"
    COUNTERPARTY = "counterparty"
    PAYER = "payer"
    PAYEE = "payee"
    COUNTERPARTY_IBAN = "counterparty_iban"
    PAYER_IBAN = "payer_iban"
    PAYEE_IBAN = "payee_iban"
    TEXT = "text"
    POSTING_TEXT = "posting_text"
    REFERENCE = "reference"
    END_TO_END_ID = "end_to_end_id"
    BANK_ID = "bank_id"
    ACCOUNT = "account"
    STATUS = "status"
    RETURN_REASON = "return_reason"
    RETURNED_AMOUNT = "returned_amount"
    RETURN_CHARGES = "return_charges"
    PART_AMOUNT = "part_amount"
    BALANCE = "balance"


class DateOrder(StrEnum):
    DAY_MONTH_YEAR = "dmy"
    MONTH_DAY_YEAR = "mdy"
    YEAR_MONTH_DAY = "ymd"


class DecimalSign(StrEnum):
    COMMA = ","
    POINT = "."


class TableReading(BaseModel, frozen=True):
    """The instructions for reading a table.

    `header_row` counts from 1; None for a table without one. `columns` has the meaning of each
    column, None for those that do not matter. `date_order` and `decimal_sign` are None if the file
    does not decide them; they must be given before it can be read. `currency` and `account`
    replace columns that the table does not have.
    """

    encoding: str
    separator: str = Field(min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    header_row: int | None = Field(default=None, ge=1)
    header: tuple[str, ...] = ()
    columns: tuple[Meaning | None, ...]
    date_order: DateOrder | None = None
    decimal_sign: DecimalSign | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    account: str | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        for meaning in Meaning:
            if meaning is not Meaning.TEXT and self.columns.count(meaning) > 1:
                raise ValueError(f"two columns are said to be {meaning.value}")
        return self

    @property
    def header_digest(self) -> str:
        """The digest of the header, by which a corrected reading is remembered.

        Empty for a table without a header, which cannot be recognized.
        """
        if not self.header:
            return ""
        names = [" ".join(name.split()).casefold() for name in self.header]
        shape = [self.separator, *names]
        return hashlib.sha256("\n".join(shape).encode()).hexdigest()[:32]

    def corrected_by(self, kept: TableReading) -> TableReading:
        """Return this guess, corrected by the reading of an earlier table with the same header.

        Account and currency are those of this file, else those of the earlier reading.
        """
        return kept.model_copy(
            update={
                "encoding": self.encoding,
                "header_row": self.header_row,
                "header": self.header,
                "account": self.account or kept.account,
                "currency": self.currency or kept.currency,
            }
        )

    def place_of(self, meaning: Meaning) -> int | None:
        """Return the index of the column with a meaning, from 0; None if there is none."""
        return self.columns.index(meaning) if meaning in self.columns else None
