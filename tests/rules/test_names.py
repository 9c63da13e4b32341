"""R20: names are compared as banks and shops write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.statements.names import is_same_name, resembles, words_of
from tests.examples import any_text

SAME = [
    ("Ada Muster", "MUSTER ADA"),
    ("Ada Muster", "Muster, Ada"),
    ("Ada Muster", "AdaMuster"),
    ("Ada Muster", "MUSTERADA"),
    ("Jörg Müller", "JOERG MUELLER"),
    ("Jörg Müller", "Jorg Muller"),
    ("Groß", "GROSS"),
    ("Søren Kjær", "SOEREN KJAER"),
    ("Åse Ødegård", "Ase Odegard"),
    ("José Núñez", "JOSE NUNEZ"),
    ("Łukasz Żak", "Lukasz Zak"),
    ("Dr. Ada Muster", "Frau Ada Muster"),
    ("Ada Muster", "Ada Maria Muster"),
    ("Ada Muster", "Otto und Ada Muster"),
    ("Bau GmbH & Co. KG", "BAU GMBH + CO KG"),
    ("Muster Handel GmbH", "Muster Handel"),
    ("Muster Handel S.L.", "MUSTER HANDEL SL"),
    ("Muster Handel, S. A.", "Muster Handel"),
    ("Lindenhof Handels- und Vertriebsgesellschaft", "Lindenhof Handels- und Vert"),
    ("GmbH", "GMBH"),
]
DIFFERENT = [
    ("Ada Muster", "Otto Muster"),
    ("Ada Muster", "Ada"),
    ("Ada Muster", "Muster"),
    ("Ada Muster GmbH", "Otto Anders GmbH"),
    ("Muster GmbH", "Anders GmbH"),
    ("Anna Schmidt", "Anna Schmitt"),
    ("Ada Muster", ""),
    ("", ""),
    ("A B", "A"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_r20_these_names_are_the_same(one: str, other: str) -> None:
    assert is_same_name(one, other)
    assert is_same_name(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_r20_these_names_are_different(one: str, other: str) -> None:
    assert not is_same_name(one, other)
    assert not is_same_name(other, one)


def test_r20_a_word_in_common_resembles() -> None:
    assert resembles("Ada Muster", "Otto Muster")
    assert not resembles("Ada Muster", "Otto Anders")
    assert not resembles("A. Muster", "A. Anders")


@given(words=st.lists(st.sampled_from(["ada", "müller", "gmbh", "von"]), min_size=1, unique=True))
def test_r20_a_name_is_the_same_in_any_order_and_case(words: list[str]) -> None:
    assert is_same_name(" ".join(words), " ".join(reversed(words)).upper())


@given(one=any_text(30), other=any_text(30))
def test_r20_comparing_knows_no_first_and_no_second(one: str, other: str) -> None:
    assert is_same_name(one, other) == is_same_name(other, one)
    assert is_same_name(one, one) == bool(words_of(one))
