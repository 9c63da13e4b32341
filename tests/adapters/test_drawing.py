"""R25: what is kept of a logo looks like what the seller gave."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from adapters.branding.drawing import LARGEST_KEPT, kept_png
from adapters.branding.images import LOGO_BOX, BrokenImage, ImageKind
from adapters.branding.png import plain_size
from tests.images import RED, SVG, a_png, an_image, an_svg, saved, shown

PNG, JPEG = an_image("PNG"), an_image("JPEG")
BLUE = (0x1D, 0x4E, 0xD8)
NOWHERE = (0, 0, 0, 0)
DOT = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30">'
    b'<circle cx="15" cy="15" r="15" fill="#1d4ed8"/></svg>'
)


def kept(content: bytes, kind: ImageKind) -> bytes:
    """The kept PNG, of which it is checked that it is plain and small."""
    png = kept_png(content, kind)
    assert plain_size(png, LOGO_BOX) is not None
    assert len(png) <= LARGEST_KEPT
    return png


def photo(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Smooth colors, and in RGBA smooth transparency."""
    bands = [
        Image.linear_gradient("L").rotate(angle).resize((width, height))
        for angle in (0, 90, 180, 270)
    ]
    return Image.merge(mode, bands[: len(mode)])


def test_r25_a_small_png_keeps_each_pixel() -> None:
    noise = saved(Image.effect_noise((123, 57), 90).convert("RGBA"))
    halves = Image.new("RGBA", (300, 100), (*RED, 255))
    halves.paste((*BLUE, 40), (150, 0, 300, 100))

    for content in (noise, saved(halves), PNG):
        assert shown(kept(content, ImageKind.PNG)).tobytes() == shown(content).tobytes()


def test_r25_a_png_of_a_palette_stays_small() -> None:
    picture = saved(photo(600, 300).quantize(32), optimize=True)

    assert len(kept(picture, ImageKind.PNG)) < 1.1 * len(picture)


@pytest.mark.parametrize(
    ("size", "drawn"),
    [((1600, 400), (800, 200)), ((1000, 1000), (400, 400)), ((801, 300), (800, 300))],
)
def test_r25_a_large_image_becomes_as_large_as_the_box(
    size: tuple[int, int], drawn: tuple[int, int]
) -> None:
    picture = photo(*size)

    for kind, content in (
        (ImageKind.PNG, saved(picture)),
        (ImageKind.JPEG, saved(picture, "JPEG")),
    ):
        small = shown(kept(content, kind))
        assert small.size == drawn
        difference = ImageChops.difference(small.convert("RGB"), picture.resize(drawn))
        assert max(high for _, high in difference.getextrema()) < 12


def test_r25_a_jpeg_looks_the_same_as_before() -> None:
    picture = photo(300, 100)
    picture.paste(RED, (0, 0, 100, 50))

    png = shown(kept(saved(picture, "JPEG", quality=95), ImageKind.JPEG))

    assert png.size == (300, 100)
    for place in ((20, 20), (250, 80)):
        red, green, blue, opacity = png.getpixel(place)
        wanted = picture.getpixel(place)
        assert all(abs(a - b) < 8 for a, b in zip((red, green, blue), wanted, strict=True))
        assert opacity == 255


def test_r25_a_photo_that_lies_on_its_side_is_turned() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    picture = Image.new("RGB", (300, 100), RED)
    picture.paste(BLUE, (0, 0, 150, 100))

    png = shown(kept(saved(picture, "JPEG", exif=turned), ImageKind.JPEG))

    assert png.size == (100, 300)
    assert png.getpixel((50, 20))[2] > 200
    assert png.getpixel((50, 280))[0] > 190


def test_r25_an_svg_becomes_as_large_as_the_box() -> None:
    png = shown(kept(SVG, ImageKind.SVG))

    assert png.size == (800, 267)
    assert png.getcolors() == [(800 * 267, (*BLUE, 255))]


def test_r25_an_svg_keeps_what_is_transparent() -> None:
    png = shown(kept(DOT, ImageKind.SVG))

    assert png.size == (800, 267)
    assert png.getpixel((133, 133)) == (*BLUE, 255)
    assert png.getpixel((400, 133)) == NOWHERE
    assert png.getpixel((2, 2)) == NOWHERE


def test_r25_a_large_png_keeps_what_is_transparent() -> None:
    picture = Image.new("RGBA", (2000, 1000), NOWHERE)
    picture.paste((*BLUE, 255), (500, 250, 1500, 750))

    png = shown(kept(saved(picture), ImageKind.PNG))

    assert (png.getpixel((400, 200)), png.getpixel((20, 20))) == ((*BLUE, 255), NOWHERE)


def test_r25_what_takes_too_many_bytes_gets_fewer_pixels() -> None:
    colors = random.Random(1).randbytes(420 * 210 * 3)
    noise = saved(Image.frombytes("RGB", (420, 210), colors), "JPEG", quality=95)

    png = kept(noise, ImageKind.JPEG)

    width, height = shown(png).size
    assert 200 < width < 420
    assert width / height == pytest.approx(2, rel=0.01)


@settings(max_examples=30, deadline=None)
@given(st.integers(16, 800), st.integers(16, 400), st.sampled_from(["RGB", "RGBA", "L", "P"]))
def test_r25_the_png_of_a_kept_png_is_the_same_again(width: int, height: int, mode: str) -> None:
    """A seller can read its settings and write them again, as often as it likes."""
    if max(width, height) > 12 * min(width, height):
        width = height
    picture = photo(width, height, "RGBA").convert(mode)

    once = kept(saved(picture), ImageKind.PNG)

    assert kept(once, ImageKind.PNG) == once
    assert shown(once).tobytes() == shown(saved(picture)).tobytes()


@pytest.mark.parametrize(
    ("content", "kind"), [(JPEG, ImageKind.JPEG), (DOT, ImageKind.SVG), (a_png(3000, 1500), "png")]
)
def test_r25_the_png_of_a_drawn_one_is_the_same_again(content: bytes, kind: ImageKind) -> None:
    once = kept(content, ImageKind(kind))

    assert kept(once, ImageKind.PNG) == once


@pytest.mark.parametrize("size", [(16, 16), (192, 16), (16, 192), (4000, 334), (334, 4000)])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_r25_the_sides_have_limits_that_are_taken(form: str, size: tuple[int, int]) -> None:
    png = shown(kept(an_image(form, *size), ImageKind(form.lower())))

    assert min(png.size) >= 16


def test_r25_the_largest_image_is_taken() -> None:
    content = a_png(4000, 4000, depth=16)

    assert shown(kept(content, ImageKind.PNG)).size == (400, 400)


@pytest.mark.parametrize(("width", "height"), [(15, 16), (16, 15), (4001, 1000), (1000, 4001)])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_r25_too_small_and_too_large_is_refused(form: str, width: int, height: int) -> None:
    with pytest.raises(BrokenImage, match=f"16 to 4000 pixels.*is {width} x {height}"):
        kept_png(an_image(form, width, height), ImageKind(form.lower()))


@pytest.mark.parametrize(("width", "height"), [(2000, 60), (60, 1200), (4000, 16)])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_r25_a_logo_of_which_only_a_line_would_be_left_is_refused(
    form: str, width: int, height: int
) -> None:
    with pytest.raises(BrokenImage, match=f"at most 12 times as wide.*is {width} x {height}"):
        kept_png(an_image(form, width, height), ImageKind(form.lower()))


@pytest.mark.parametrize("size", ['width="2500" height="200"', 'width="3" height="3000"'])
def test_r25_an_svg_of_which_only_a_line_would_be_left_is_refused(size: str) -> None:
    with pytest.raises(BrokenImage, match="at most 12 times as wide as high, or as high as wide"):
        kept_png(an_svg("", size), ImageKind.SVG)


@pytest.mark.parametrize("size", ['width="2400" height="200"', 'width="100" height="1200"'])
def test_r25_an_svg_may_be_twelve_times_as_long(size: str) -> None:
    kept(an_svg("", size), ImageKind.SVG)


def test_r25_a_header_that_promises_more_than_can_be_unpacked_is_refused_unread() -> None:
    with pytest.raises(BrokenImage, match="16 to 4000"):
        kept_png(a_png(100_000, 100_000, packed=b"unread"), ImageKind.PNG)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("png", JPEG),
        ("jpeg", PNG),
        ("svg+xml", PNG),
        ("png", SVG),
        ("jpeg", JPEG[: len(JPEG) // 2]),
        ("jpeg", JPEG[:200] + b"\xff\xd9"),
        ("jpeg", b"\xff\xd8\xff"),
        ("jpeg", b"\xff\xd8\xff\xe0\x00\x00" * 3 + b"\xff\xd9"),
        ("png", PNG[:-30]),
        # There is as much data as there should be, but it says nothing.
        ("png", a_png(1000, 500, packed=zlib.compress(b"\5" * 500 * 4001))),
        ("svg+xml", SVG[:-3]),
        ("svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>'),
    ],
)
def test_r25_what_is_not_what_it_says_or_is_broken_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(BrokenImage):
        kept_png(content, ImageKind(kind))
