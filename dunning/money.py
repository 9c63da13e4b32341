"""Amounts of money: exact decimals of one currency, never binary floats."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, Self

from pydantic import BaseModel

# ISO 4217 (list one): active codes of money that people pay with, by their decimal digits.
_DIGITS: Final[dict[int, str]] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
    "GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
CURRENCY_DIGITS: Final[dict[str, int]] = {
    code: digits for digits, codes in _DIGITS.items() for code in codes.split()
}
MAX_AMOUNT: Final = Decimal(10) ** 12
_THOUSANDS: Final = 3


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were combined."""


class NotAnAmount(ValueError):
    """The number is not a valid amount of this currency; the text says why."""


class Money(BaseModel, frozen=True):
    """An amount in a currency; a difference may be zero or negative."""

    amount: Decimal
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(amount=Decimal(0), currency=currency)

    @property
    def is_positive(self) -> bool:
        return self.amount > 0

    def __add__(self, other: Self) -> Self:
        return self.model_copy(update={"amount": self.amount + self._same(other).amount})

    def __sub__(self, other: Self) -> Self:
        return self.model_copy(update={"amount": self.amount - self._same(other).amount})

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other).amount

    def __str__(self) -> str:
        """Return the amount alone, with the digits of its currency: `119.00`."""
        return f"{self.amount:.{CURRENCY_DIGITS[self.currency]}f}"

    def _same(self, other: Self) -> Self:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of amounts of one currency; zero if there are none."""
    zero = Money.zero(currency)
    return Money(
        amount=sum((zero._same(one).amount for one in amounts), Decimal(0)), currency=currency
    )


def checked_money(amount: Decimal, currency: str, *, zero_allowed: bool = False) -> Money:
    """Return an amount that somebody gave, with its currency's digits. Raises `NotAnAmount`.

    It has to be positive, below 10^12, and must not have more decimal digits than its currency (ISO
    4217: EUR 2, CLP 0, KWD 3). A point that may be meant as a thousands separator is refused.
    """
    if currency not in CURRENCY_DIGITS:
        raise NotAnAmount("is not a currency of ISO 4217")
    if not amount.is_finite() or amount >= MAX_AMOUNT:
        raise NotAnAmount("is too large")
    if amount < 0 or (amount == 0 and not zero_allowed):
        raise NotAnAmount("must not be negative" if zero_allowed else "must be more than zero")
    digits = CURRENCY_DIGITS[currency]
    quantized = amount.quantize(Decimal(1).scaleb(-digits))
    has_thousands = _may_have_thousands(amount, digits)
    if quantized != amount:
        meant = f"; {_in_thousands(amount, digits)} may be meant" if has_thousands else ""
        raise NotAnAmount(f"has more than the {digits} decimal digits of {currency}{meant}")
    if has_thousands:
        readings = f"{_in_thousands(amount, digits)} or as {quantized}"
        raise NotAnAmount(f"can be read as {readings} {currency}: write the one that is meant")
    # abs: no currency has -0.00.
    return Money(amount=abs(quantized), currency=currency)


def _may_have_thousands(amount: Decimal, digits: int) -> bool:
    """Whether the point may separate thousands, as it does in many countries: `65.000`.

    Not in a currency with three digits, nor where nobody would set such a point: `0.500` and
    `1234.000` can be read in one way only.
    """
    is_grouped = amount.as_tuple().exponent == -_THOUSANDS and 1 <= amount < 10**_THOUSANDS
    return is_grouped and digits < _THOUSANDS


def _in_thousands(amount: Decimal, digits: int) -> str:
    return f"{amount.scaleb(_THOUSANDS):.{digits}f}"
