"""The contents of a bank statement: transactions, one line each, and balances (R20)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from dunning.money import CURRENCY_DIGITS


class ReturnedPayment(BaseModel, frozen=True):
    """The bank's data on the payment that a return undoes; each field may be missing.

    `amount` is the payment's, `charges` is what the bank charges for the return; the line's own
    amount is their sum. `reason` is the bank's code, such as `AC04` or `914`.
    """

    end_to_end_id: str | None = None
    reason: str | None = None
    amount: Decimal | None = None
    charges: Decimal | None = None


class StatementLine(BaseModel, frozen=True):
    """One transaction of an account, as its bank reports it.

    `amount` is positive for money that came in. `counterparty` is the payer of money that came in,
    else the payee; `on_behalf_of` is the person for whom the counterparty acts, if any. `reference`
    is a structured one (`RF…`, or a national one), `customer_reference` is SWIFT's reference for
    the account owner; `bank_id` is the bank's own.
    `is_booked_on_stated` is false if the bank gives only the value day; `booked_on` is then that.
    `origin` names the kind of file; `document` counts the files of one archive. `entry_amount` and
    `part` are set if the line is a part of a booking of several payments.
    """

    account: str | None = None
    booked_on: date
    is_booked_on_stated: bool = True
    value_on: date | None = None
    amount: Decimal
    currency: str
    counterparty: str | None = None
    counterparty_iban: str | None = None
    on_behalf_of: str | None = None
    text: str = ""
    reference: str | None = None
    end_to_end_id: str | None = None
    customer_reference: str | None = None
    bank_id: str | None = None
    is_booked: bool = True
    returned: ReturnedPayment | None = None
    origin: str = ""
    document: int = 1
    entry_amount: Decimal | None = None
    part: int | None = None

    @property
    def is_return(self) -> bool:
        """Whether the line undoes an earlier transaction."""
        return self.returned is not None


class BalanceKind(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"


class Balance(BaseModel, frozen=True):
    """The money on an account at the beginning or at the end of a day."""

    account: str | None
    kind: BalanceKind
    day: date
    amount: Decimal
    currency: str


# Words that banks write if there is no id.
_NO_ID: Final = frozenset(
    str.split(
        """
        NOTPROVIDED NOTAPPLICABLE NOTPROVID NONREF NOREF NONE NOTAVAILABLE NOTSPECIFIED
        NICHTANGEGEBEN KEINEANGABE OHNE UNKNOWN NA ENDTOENDID EREF KREF MREF MARF PREF NULL
        NOTPROVED NONPROVIDED NOTGIVEN NOTDEFINED NODISPONIBLE NOINFORMADO KEINEINFORMATIONVORHANDEN
        """
    )
)


def stated_id(text: str | None) -> str | None:
    """Return an id with single blanks; None for empty ones and words such as `NOTPROVIDED`."""
    stripped = " ".join((text or "").split())
    letters = "".join(sign for sign in stripped if sign.isalnum()).upper()
    if letters in _NO_ID or not letters.strip("0"):
        return None
    return stripped


def in_currency_digits(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with its currency's digits, unless that would change its value."""
    digits = CURRENCY_DIGITS.get(currency, 2)
    quantized = amount.quantize(Decimal(1).scaleb(-digits))
    return quantized if quantized == amount else amount.normalize()
