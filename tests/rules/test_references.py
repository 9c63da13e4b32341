"""References of payments: ISO 11649."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iso11649

from dunning.references import case_id_in, in_fours, reference_of

IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16)


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        ("539007547034", "RF18539007547034"),
        ("2026000123", "RF462026000123"),
        ("CC2026000123", "RF77CC2026000123"),
    ],
)
def test_r25_check_digits_are_those_of_the_standard(body: str, reference: str) -> None:
    assert reference_of(body) == reference


@given(IDS)
def test_r20_a_reference_leads_back_to_its_case(case_id: str) -> None:
    reference = reference_of(case_id)

    assert iso11649.is_valid(reference)
    assert case_id_in(in_fours(reference).lower()) == case_id


@given(IDS, st.integers(2, 19), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
def test_r20_a_mistyped_sign_leads_to_nobody(case_id: str, place: int, sign: str) -> None:
    reference = reference_of(case_id)
    mistyped = reference[:place] + sign + reference[place + 1 :]
    # A letter for a digit moves all that follows: of those the standard finds most, not all.
    assume(sign.isdigit() == reference[place].isdigit() and sign != reference[place])

    assert case_id_in(mistyped) is None


@pytest.mark.parametrize("text", ["", "RF", "A-4711", "RF18 5390 0754 7035", "RF00"])
def test_r20_what_is_no_reference_names_no_case(text: str) -> None:
    assert case_id_in(text) is None
