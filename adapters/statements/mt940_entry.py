"""Field 61 of MT940: day, direction, amount, kind and references of one transaction."""

from __future__ import annotations

import calendar
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from adapters.statements.problems import broken

_ENTRY: Final = re.compile(
    r"\s*(?P<value>\d{6})(?P<booked>\d{4}|[ ]{4}|)[ ]*"
    r"(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z]?)[ ]*(?P<amount>-?[\d.,]+)[ ]*(?P<rest>.*)"
)
_KIND: Final = re.compile(r"[NSF][A-Z0-9 ]{3}")


class Entry(NamedTuple):
    """One transaction in field 61; `amount` is negative for money that went out.

    `booked_on` is None if the bank gives only the value day.
    """

    value_on: date
    booked_on: date | None
    amount: Decimal
    is_reversal: bool
    is_expected: bool
    kind: str
    customer_reference: str
    bank_reference: str
    supplement: list[str]
    place: str


def read_entry(lines: list[str], place: str) -> Entry:
    """Read field 61.

    A reversal of a credit (`RC`) is money that went out, one of a debit (`RD`) money that came in.
    Raises `StatementProblem` if the field does not have its form.
    """
    found = _ENTRY.fullmatch(lines[0])
    if not found:
        raise broken("The transaction (field 61) is not of the form that SWIFT sets.", place)
    value_on, amount = swift_date(found["value"]), read_amount(found["amount"])
    if value_on is None:
        raise broken("The transaction (field 61) has a day that does not exist.", place)
    if amount is None:
        raise broken("The transaction (field 61) has no amount.", place)
    mark = found["mark"]
    is_reversal = mark.startswith("R")
    comes_in = (mark[-1] == "C") != is_reversal
    kind, customer, bank = _references(found["rest"])
    return Entry(
        value_on=value_on,
        booked_on=_booking_day(found["booked"], value_on),
        amount=amount if comes_in else -amount,
        is_reversal=is_reversal,
        is_expected=mark.startswith("E"),
        kind=kind,
        customer_reference=customer,
        bank_reference=bank,
        supplement=[line.strip() for line in lines[1:] if line.strip()],
        place=place,
    )


def swift_date(digits: str) -> date | None:
    """Read a day written `YYMMDD`; 30 February, as in interest days, is the last of the month."""
    if not re.fullmatch(r"\d{6}", digits):
        return None
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    return _day(year + (1900 if year >= 80 else 2000), month, day)


def read_amount(digits: str) -> Decimal | None:
    """Read a SWIFT amount, with a comma before the decimals; some banks write a point."""
    plain = digits.replace(".", "").replace(",", ".") if "," in digits else digits
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _day(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _booking_day(digits: str, value_on: date) -> date | None:
    """Read the booking day, written `MMDD`, in the year that brings it closest to the value day."""
    if not digits.strip():
        return None
    years = (value_on.year - 1, value_on.year, value_on.year + 1)
    days = [_day(year, int(digits[:2]), int(digits[2:])) for year in years]
    return min(
        (day for day in days if day), key=lambda day: abs((day - value_on).days), default=None
    )


def _references(rest: str) -> tuple[str, str, str]:
    """Return the kind of the transaction (`NTRF`), the customer's and the bank's reference."""
    kind = ""
    if not rest.startswith("NONREF") and (found := _KIND.match(rest)):
        kind, rest = found[0].strip(), rest[4:]
    customer, _, bank = rest.partition("//")
    return kind, customer.rstrip(), bank.strip()
