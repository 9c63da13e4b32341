"""Text on any colour can be read (R25)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.colors import LEGIBLE, contrast, legible_on, text_on

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the grey that famously just fails
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_r25_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@given(COLORS)
def test_r25_text_on_any_color_is_legible(color: str) -> None:
    assert contrast(text_on(color), color) >= LEGIBLE


@given(COLORS, COLORS)
def test_r25_a_color_is_made_legible_on_any_background(background: str, color: str) -> None:
    assert contrast(legible_on(background, color), background) >= LEGIBLE


def test_r25_a_color_that_is_legible_stays_as_it_is() -> None:
    assert legible_on("#ffffff", "#1d4ed8") == "#1d4ed8"
    assert legible_on("#ffffff", "#fde047") != "#fde047"
