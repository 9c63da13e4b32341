"""Amounts: exact, of one currency, with the digits that the currency has."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dunning.money import (
    CURRENCY_DIGITS,
    CurrencyMismatch,
    Money,
    NotAnAmount,
    checked_money,
    total,
)
from tests.factories import eur


@pytest.mark.parametrize(
    ("given", "currency", "shown"),
    [
        ("119.00", "EUR", "119.00"),
        ("65.7", "EUR", "65.70"),
        ("65", "EUR", "65.00"),
        ("65.7000", "EUR", "65.70"),  # more zeros are not more digits
        ("119.0000", "CLP", "119"),
        ("0.500", "EUR", "0.50"),  # nobody sets a thousands point there
        ("1234.000", "CLP", "1234"),
        ("1E+3", "EUR", "1000.00"),
        ("0.01", "EUR", "0.01"),
        ("999999999999.99", "EUR", "999999999999.99"),
        ("15990", "CLP", "15990"),
        ("15990.00", "CLP", "15990"),
        ("1200", "JPY", "1200"),
        ("1.234", "KWD", "1.234"),
        ("1.2", "KWD", "1.200"),
    ],
)
def test_bad_input_an_amount_has_the_digits_of_its_currency(given, currency, shown):
    amount = checked_money(Decimal(given), currency)

    assert str(amount) == shown
    assert amount == Money(amount=Decimal(shown), currency=currency)


@pytest.mark.parametrize(
    ("given", "currency"),
    [
        ("0", "EUR"),
        ("0.00", "EUR"),
        ("-0.01", "EUR"),
        ("0.001", "EUR"),
        ("119.005", "EUR"),
        ("0.5", "CLP"),
        ("0.1", "JPY"),
        ("1.2345", "KWD"),
        ("1E-40", "EUR"),
        ("1.0000000000000000000000000000000000000001", "EUR"),
        ("1000000000000", "EUR"),
        ("1E+400", "EUR"),
        ("NaN", "EUR"),
        ("sNaN", "EUR"),
        ("Infinity", "EUR"),
        ("-Infinity", "EUR"),
        ("1.00", "eur"),
        ("1.00", "XXX"),
        ("1.00", ""),
        ("1.00", "DEM"),
    ],
)
def test_bad_input_what_is_no_amount_of_the_currency_is_refused(given, currency):
    with pytest.raises(NotAnAmount):
        checked_money(Decimal(given), currency)


@pytest.mark.parametrize(
    ("given", "currency", "readings"),
    [
        ("65.000", "CLP", "65000 or as 65 CLP"),
        ("1.190", "EUR", "1190.00 or as 1.19 EUR"),
        ("999.000", "JPY", "999000 or as 999 JPY"),
        ("1.000", "EUR", "1000.00 or as 1.00 EUR"),
    ],
)
def test_bad_input_an_amount_that_two_countries_read_differently_is_refused(
    given, currency, readings
):
    with pytest.raises(NotAnAmount, match=readings):
        checked_money(Decimal(given), currency)


def test_bad_input_a_refused_amount_names_what_may_be_meant():
    with pytest.raises(NotAnAmount, match=r"2 decimal digits of EUR; 119005\.00 may be meant"):
        checked_money(Decimal("119.005"), "EUR")


def test_bad_input_costs_and_fees_may_be_zero_but_not_negative():
    assert checked_money(Decimal(0), "EUR", zero_allowed=True) == eur("0.00")
    with pytest.raises(NotAnAmount, match="negative"):
        checked_money(Decimal("-0.01"), "EUR", zero_allowed=True)


def test_bad_input_a_zero_with_a_sign_is_a_zero():
    assert str(checked_money(Decimal("-0"), "EUR", zero_allowed=True)) == "0.00"


@pytest.mark.parametrize(
    ("given", "currency", "why"),
    [
        ("0.001", "EUR", "2 decimal digits of EUR"),
        ("1.5", "CLP", "0 decimal digits of CLP"),
        ("0", "EUR", "more than zero"),
        ("1E+13", "EUR", "too large"),
        ("1", "ABC", "ISO 4217"),
    ],
)
def test_bad_input_a_refusal_says_what_is_wrong(given, currency, why):
    with pytest.raises(NotAnAmount, match=why):
        checked_money(Decimal(given), currency)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("EUR", 2),
        ("CLP", 0),
        ("JPY", 0),
        ("KRW", 0),
        ("ISK", 0),
        ("HUF", 2),
        ("CHF", 2),
        ("TND", 3),
        ("BHD", 3),
        ("XCG", 2),  # Curaçao and Sint Maarten since 2025
        ("VED", 2),
    ],
)
def test_bad_input_the_digits_are_those_of_iso_4217(currency, digits):
    assert CURRENCY_DIGITS.get(currency) == digits


def test_thirty_cents_are_exactly_thirty_cents():
    assert eur("0.10") + eur("0.20") == eur("0.30")
    assert eur("0.30") - eur("0.10") == eur("0.20")
    assert total([eur("33.33"), eur("33.33"), eur("33.34")], "EUR") == eur("100.00")


def test_the_sum_of_nothing_is_zero():
    assert total([], "CLP") == Money(amount=Decimal(0), currency="CLP")


def test_a_difference_may_be_below_zero():
    less = eur("1.00") - eur("2.50")

    assert str(less) == "-1.50"
    assert not less.is_positive
    assert not eur("0.00").is_positive


def test_amounts_of_two_currencies_are_never_combined():
    pesos = Money(amount=Decimal(100), currency="CLP")

    for combine in (
        lambda: eur("1.00") + pesos,
        lambda: eur("1.00") - pesos,
        lambda: eur("1.00") < pesos,
        lambda: min(eur("1.00"), pesos),
        lambda: total([eur("1.00"), pesos], "EUR"),
    ):
        with pytest.raises(CurrencyMismatch):
            combine()


def test_the_same_number_in_two_currencies_is_not_the_same_money():
    assert Money(amount=Decimal(5), currency="EUR") != Money(amount=Decimal(5), currency="USD")


@pytest.mark.parametrize("amount", ["0.00", "119.00", "-1.50", "999999999999.99"])
def test_an_amount_survives_as_text(amount):
    assert Money.model_validate_json(eur(amount).model_dump_json()) == eur(amount)
    assert f'"{amount}"' in eur(amount).model_dump_json()
