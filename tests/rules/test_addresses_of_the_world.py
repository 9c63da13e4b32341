"""A table of address forms from many countries, looked up in public references (R14).

The addresses stand in `addresses/`, with what is missing in each and why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.addresses.address import Address, missing_fields
from tests.examples import any_text

NAMES_OF_FIELDS = ("street", "postal_code", "city", "region")
SAYING_NOTHING = ["", " \n", "-", "xxx", "n/a", "k. A.", "unbekannt", "?"]


class Row(NamedTuple):
    address: Address
    name: str
    missing: tuple[str, ...]
    why: str


def _rows() -> Iterator[Row]:
    for file in sorted((Path(__file__).parent / "addresses").glob("*.toml")):
        for country, group in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for row in group["rows"]:
                yield _row(country, **row)


def _row(country: str, *, why: str, name: str = "Ada Muster", **fields: Any) -> Row:
    missing = tuple(fields.pop("missing", ()))
    assert set(fields) <= set(NAMES_OF_FIELDS)
    return Row(Address(country=country, **fields), name, missing, why)


ROWS = list(_rows())
DELIVERABLE = [row for row in ROWS if not row.missing]


def test_r14_an_address_is_judged_as_the_post_of_its_country_would() -> None:
    judged = {row: missing_fields(row.address, name=row.name) for row in ROWS}
    assert {row: found for row, found in judged.items() if found != row.missing} == {}


def test_the_table_has_200_forms_of_40_countries_deliverable_and_not() -> None:
    countries = {row.address.country for row in ROWS}
    assert len(countries) >= 40
    assert len(ROWS) >= 200
    assert {row.address.country for row in DELIVERABLE} == countries
    assert {row.address.country for row in ROWS if row.missing} == countries
    assert len({(row.address, row.name) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("country", sorted({str(row.address.country) for row in DELIVERABLE}))
def test_r14_a_field_more_of_a_good_address_never_makes_more_missing(country: str) -> None:
    for row in DELIVERABLE:
        if row.address.country == country:
            _never_gets_worse(row)


def _never_gets_worse(row: Row) -> None:
    filled = [field for field in NAMES_OF_FIELDS if getattr(row.address, field)]
    for count in range(len(filled)):
        for kept in combinations(filled, count):
            before = _with_only(row.address, kept)
            for added in set(filled) - set(kept):
                after = _with_only(row.address, (*kept, added))
                assert len(_missing(after)) <= len(_missing(before)), (kept, added)


@given(
    row=st.sampled_from(ROWS),
    field=st.sampled_from(NAMES_OF_FIELDS),
    filler=st.sampled_from(SAYING_NOTHING),
)
def test_r14_a_text_that_says_nothing_is_as_good_as_none(row: Row, field: str, filler: str) -> None:
    with_filler = row.address.model_copy(update={field: filler})
    without = row.address.model_copy(update={field: None})
    assert _missing(with_filler) == _missing(without)


# What else a field can put in question when it is filled in: a number for its street, a street
# that is only the town again, a number that is only the postcode, the ZIP of another state.
IN_QUESTION = {
    "street": {"house_number"},
    "postal_code": {"postal_code", "street", "house_number"},
    "city": {"street"},
    "region": {"postal_code"},
}


@given(row=st.sampled_from(ROWS), field=st.sampled_from(NAMES_OF_FIELDS), text=any_text())
def test_r14_any_text_in_an_empty_field_leaves_the_other_fields_as_they_were(
    row: Row, field: str, text: str
) -> None:
    before = set(_missing(row.address.model_copy(update={field: None})))
    after = set(_missing(row.address.model_copy(update={field: text})))
    assert after - before <= IN_QUESTION[field]


def _with_only(address: Address, fields: tuple[str, ...]) -> Address:
    given = {field: getattr(address, field) for field in fields}
    return Address(country=address.country, **given)


def _missing(address: Address) -> tuple[str, ...]:
    return missing_fields(address, name="Ada Muster")
