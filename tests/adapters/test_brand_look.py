"""R25: a message looks as the seller's settings say, and shows only logos that we have drawn."""

from __future__ import annotations

import pytest

from adapters.branding.brand_look import (
    PLAIN_ACCENT,
    PLAIN_PRIMARY,
    BrandLook,
    Logo,
    brand_look_of,
    closed,
    opened,
)
from adapters.branding.drawing import kept_png
from adapters.branding.images import BrokenImage, ImageKind
from adapters.branding.png import Png
from models.seller import Alignment, Brand
from tests.images import DASHED_SVG, SVG, a_bomb, a_chunk, a_png, an_image, data_url

KEPT = kept_png(an_image("PNG"), ImageKind.PNG)


def test_r25_the_logo_is_the_kept_png() -> None:
    look = brand_look_of(Brand(logo=data_url("png", KEPT)))

    assert look.logo == Logo(content=KEPT, width=300, height=100)


@pytest.mark.parametrize(
    "logo",
    [
        data_url("svg+xml", SVG),
        data_url("svg+xml", DASHED_SVG),
        data_url("jpeg", an_image("JPEG")),
        data_url("jpeg", KEPT),
        data_url("png", KEPT[:-20]),
        data_url("png", Png.read(a_png(801, 400)).written()),
        data_url("png", a_png(beside=a_chunk(b"iCCP", b"x\0\0" + a_bomb()))),
        data_url("png", Png.read(a_png(packed=a_bomb())).written()),
        "https://example.org/logo.png",
        "data:image/png;base64,",
    ],
)
def test_r25_a_logo_that_was_not_drawn_by_us_is_left_out(logo: str) -> None:
    look = brand_look_of(Brand(logo=logo, primary_color="#123456"))

    assert (look.logo, look.primary) == (None, "#123456")


def test_r25_what_is_left_open_is_plain() -> None:
    assert brand_look_of(Brand()) == BrandLook(primary=PLAIN_PRIMARY, accent=PLAIN_ACCENT)


def test_r25_colors_and_alignment_are_the_sellers() -> None:
    brand = Brand(logo_alignment=Alignment.RIGHT, primary_color="#0a0b0c", accent_color="#ffee00")

    look = brand_look_of(brand)

    assert (look.logo_alignment, look.primary, look.accent) == ("right", "#0a0b0c", "#ffee00")


def test_the_look_of_a_brand_is_made_once() -> None:
    one, other = (Brand(logo=data_url("png", KEPT)) for _ in range(2))

    assert brand_look_of(one) is brand_look_of(other)


def test_a_data_url_is_opened_and_closed() -> None:
    assert opened(closed(KEPT)) == (KEPT, ImageKind.PNG)


@pytest.mark.parametrize(
    "data_url",
    ["", "data:image/gif;base64,aaaa", "data:image/png;base64,%%%", "data:image/png;base64,"],
)
def test_another_data_url_is_refused(data_url: str) -> None:
    with pytest.raises(BrokenImage, match="PNG, JPEG or SVG image as a data: URL"):
        opened(data_url)
