"""Addresses as they stand on an envelope (R5)."""

from __future__ import annotations

import pytest

from dunning.addresses.address import Address
from dunning.addresses.envelope import postal_lines

BERLIN = Address(street="Hauptstr. 5", postal_code="10115", city="Berlin", country="DE")


def test_r5_at_home_the_country_is_not_named() -> None:
    lines = postal_lines(BERLIN, names=("Muster GmbH", "Ada Muster"), from_country="DE")

    assert lines == ("Muster GmbH", "Ada Muster", "Hauptstr. 5", "10115 Berlin")


@pytest.mark.parametrize("from_country", ["CL", None])
def test_r5_abroad_town_and_country_are_in_capitals(from_country: str | None) -> None:
    lines = postal_lines(BERLIN, names=("Ada Muster",), from_country=from_country)

    assert lines == ("Ada Muster", "Hauptstr. 5", "10115 BERLIN", "GERMANY")


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            Address(street="1 Main St", postal_code="10001", city="New York", region="NY"),
            ("1 Main St", "New York, NY 10001"),
        ),
        (
            Address(street="Calle 1", postal_code="28009", city="Madrid"),
            ("Calle 1", "28009 Madrid"),
        ),
        (Address(street="神宮前1", postal_code="150-0001"), ("〒150-0001", "神宮前1")),
    ],
)
def test_r5_each_country_has_an_order_of_its_own(address: Address, lines: tuple[str, ...]) -> None:
    country = {"New York": "US", "Madrid": "ES"}.get(address.city or "", "JP")
    at_home = address.model_copy(update={"country": country})

    assert postal_lines(at_home, names=(), from_country=country) == lines


def test_r5_a_town_that_is_its_own_province_stands_there_once() -> None:
    address = Address(postal_code="28009", city="Madrid", region="Madrid", country="ES")

    assert postal_lines(address, names=(), from_country="ES") == ("28009 Madrid",)


@pytest.mark.parametrize("country", [None, "", "XX", "Deutschland"])
def test_r14_an_address_of_no_country_loses_nothing(country: str | None) -> None:
    address = BERLIN.model_copy(update={"country": country})

    lines = postal_lines(address, names=("Ada", None), from_country="DE")

    assert lines == ("Ada", "Hauptstr. 5", "10115 Berlin")


def test_r14_without_an_address_there_is_the_name() -> None:
    assert postal_lines(None, names=(None, "Ada"), from_country="DE") == ("Ada",)
