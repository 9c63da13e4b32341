"""R20: days, amounts, IBANs and postcodes in the text of a payment are no references."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dunning.statements.payment_text import NumberKind, other_numbers
from tests.statement_lines import DAY

NAMES = {"muster", "ada"}


def found(text: str) -> list[tuple[str, str]]:
    """The other numbers of a payment of 1234.00, each kind with what stands there."""
    others = other_numbers(
        text, day=DAY, amount=Decimal("1234.00"), is_name=lambda word: word.casefold() in NAMES
    )
    return [(other.kind.value, text[other.start : other.end].strip()) for other in others]


@pytest.mark.parametrize(
    "day",
    [
        "20.11.2026",
        "20.11.26",
        "1.3.26",
        "20/11/2026",
        "20-11-2026",
        "2026-11-20",
        "2026/11/20",
        "20261120",
        "20112026",
        "201126",
        "20.11.",
        "20. November 2026",
        "20 Nov 26",
        "3 de marzo de 2026",
        "12 mars 2026",
        "November 2026",
        "11/2026",
    ],
)
def test_r20_a_day_is_found(day: str) -> None:
    for text in (day, f"vom {day}", f"{day} danke", f"Miete {day}, danke"):
        assert (NumberKind.DAY, day) in found(text)


@pytest.mark.parametrize("digits", ["20261320", "31022026", "201199", "20361120", "4711081"])
def test_r20_digits_that_are_no_day_near_the_payment_are_none(digits: str) -> None:
    assert found(digits) == []


@pytest.mark.parametrize("text", ["Rechnung 201126", "Order No. 20261120", "RE-Nr.: 2026"])
def test_r20_what_is_called_a_reference_is_no_day(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "amount",
    [
        "59,50",
        "59.50",
        "1.059,50",
        "1,059.50",
        "1'059.50",
        "59,50 EUR",
        "EUR 59,50",
        "€ 59,50",
        "1059 EUR",
        "CHF 100.-",
        "100,-",
        "1234",
    ],
)
def test_r20_an_amount_is_found(amount: str) -> None:
    for text in (amount, f"Betrag {amount}", f"Summe {amount} danke"):
        assert (NumberKind.AMOUNT, amount) in found(text)


def test_r20_a_whole_number_is_an_amount_only_if_it_is_the_amount() -> None:
    assert found("1234") == [(NumberKind.AMOUNT, "1234")]
    assert found("1235") == []
    assert found("Rechnung 1234") == []


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("80331 München", "80331"),
        ("Hauptstr. 5, 80331 München", "80331"),
        ("D-80331 München", "D-80331"),
        ("3000 Bern", "3000"),
        ("5 rue Neuve, L-1001 Luxembourg", "L-1001"),
        ("Ringstr. 5 A-1010 Wien", "A-1010"),
        ("1012 AB Amsterdam", "1012 AB"),
        ("28001 Madrid", "28001"),
        ("SW1A 1AA", "SW1A 1AA"),
        ("31-234 KRAKOW", "31-234"),
        ("NY 10001", "NY 10001"),
        ("PLZ 80331", "80331"),
    ],
)
def test_r20_a_postcode_is_found(text: str, postcode: str) -> None:
    assert (NumberKind.POSTCODE, postcode) in found(text)
    assert (NumberKind.POSTCODE, postcode) in found(f"Ada Muster {text}")


@pytest.mark.parametrize(
    "text",
    [
        "4711 Muster",
        "4711 danke",
        "Rechnung 4711 Bern",
        "4711 vom Montag",
        "L-1001 Sommerkurs",
        "47 Bern",
    ],
)
def test_r20_a_number_before_another_word_is_no_postcode(text: str) -> None:
    """Before a customer's name, before thanks, behind the word for an invoice."""
    assert NumberKind.POSTCODE not in [kind for kind, _ in found(text)]


def test_r20_an_iban_is_found_in_groups_and_at_once() -> None:
    for iban in ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"):
        assert (NumberKind.IBAN, iban) in found(f"Konto {iban} danke")
