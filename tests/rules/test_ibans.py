"""IBANs are known by country, length and check digits, also within a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as checks
from stdnum import numdb

from dunning.statements.ibans import IBAN_LENGTHS, compact_iban, iban_like_in, ibans_in, is_iban

VALID = [
    "DE89370400440532013000",
    "AT611904300234573201",
    "CH9300762011623852957",
    "ES9121000418450200051332",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
]


@pytest.mark.parametrize("iban", VALID)
def test_an_iban_that_checks_is_one(iban: str) -> None:
    assert is_iban(iban)
    assert compact_iban(f" {iban[:4]} {iban[4:].lower()} ") == iban


@given(iban=st.sampled_from(VALID), at=st.integers(2, 14), digit=st.sampled_from("0123456789"))
def test_an_iban_with_another_digit_is_none(iban: str, at: int, digit: str) -> None:
    changed = iban[:at] + digit + iban[at + 1 :]

    assert is_iban(changed) == (changed == iban)


def test_the_lengths_are_those_that_the_library_knows() -> None:
    """Of the countries that `stdnum` has; it knows the parts of their numbers."""
    known = {country: props[0][1].get("bban") for country, props in _countries()}

    assert known
    assert {country for country in known if country not in IBAN_LENGTHS} == set()
    assert all(IBAN_LENGTHS[iban[:2]] == len(iban) for iban in VALID)


def _countries() -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    database = numdb.get("iban")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    pairs = [one + other for one in letters for other in letters]
    found = [(pair, database.info(pair)) for pair in pairs]
    return [(pair, info) for pair, info in found if info and info[0][1]]


def test_ibans_are_found_within_a_text() -> None:
    text = "von DE89 3704 0044 0532 0130 00 und NL91ABNA0417164300, nicht DE89370400440532013001"

    assert [iban for iban, _, _ in ibans_in(text)] == [VALID[0], VALID[5]]
    assert [text[start:end] for _, start, end in ibans_in(text)] == [
        "DE89 3704 0044 0532 0130 00",
        "NL91ABNA0417164300",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DE89370400440532013001", ["DE89370400440532013001"]),
        ("IBAN: DE89 3704 0044 05", ["DE89 3704 0044 05"]),
        ("Rechnung DE2026-0815", []),
        ("nothing", []),
    ],
)
def test_what_looks_like_an_iban_is_found_though_it_does_not_check(
    text: str, found: list[str]
) -> None:
    assert [text[start:end] for start, end in iban_like_in(text)] == found


def test_the_check_is_that_of_the_standard() -> None:
    for iban in VALID:
        assert checks.is_valid(iban, check_country=False)
