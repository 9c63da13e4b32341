"""R25: what a seller gave is shown where mail programs can show it, and refused where not."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from adapters.images import BrokenImage, ImageKind, size_of
from adapters.look import PLAIN_ACCENT, PLAIN_PRIMARY, Look, check_logo, look_of
from models.seller import Alignment, Brand
from tests.images import SVG, an_image, an_svg, data_url

PNG, JPEG = an_image("PNG"), an_image("JPEG")
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(("kind", "content"), [("png", PNG), ("jpeg", JPEG)])
def test_r25_a_png_or_jpeg_is_shown_as_it_was_given(kind: str, content: bytes) -> None:
    logo = look_of(Brand(logo=data_url(kind, content))).logo

    assert logo is not None
    assert (logo.content, logo.subtype) == (content, kind)
    assert (logo.width, logo.height) == (300, 100)


def test_r25_an_svg_becomes_a_png_of_twice_the_size_it_is_shown_in() -> None:
    logo = look_of(Brand(logo=data_url("svg+xml", SVG))).logo

    assert logo is not None
    with Image.open(BytesIO(logo.content)) as image:
        assert (image.format, image.size) == ("PNG", (logo.width, logo.height))
        assert image.convert("RGBA").getpixel((400, 130)) == (0x1D, 0x4E, 0xD8, 255)
    assert (logo.subtype, logo.width, logo.height) == ("png", 800, 267)


def test_r25_an_svg_keeps_what_is_transparent() -> None:
    dot = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" r="1"/></svg>'

    logo = look_of(Brand(logo=data_url("svg+xml", dot))).logo

    assert logo is not None
    with Image.open(BytesIO(logo.content)) as image:
        assert image.convert("RGBA").getpixel((5, 390)) == (0, 0, 0, 0)


def test_r25_what_is_left_open_is_plain() -> None:
    assert look_of(Brand()) == Look(primary=PLAIN_PRIMARY, accent=PLAIN_ACCENT)


def test_r25_colors_and_alignment_are_the_sellers() -> None:
    brand = Brand(logo_alignment=Alignment.RIGHT, primary_color="#0a0b0c", accent_color="#ffee00")

    look = look_of(brand)

    assert (look.logo_alignment, look.primary, look.accent) == ("right", "#0a0b0c", "#ffee00")


def test_a_logo_of_former_times_that_cannot_be_shown_is_left_out() -> None:
    look = look_of(Brand(logo=data_url("png", PNG[:8]), primary_color="#123456"))

    assert (look.logo, look.primary) == (None, "#123456")


def test_the_look_of_a_brand_is_made_once() -> None:
    one, other = (Brand(logo=data_url("svg+xml", SVG)) for _ in range(2))

    assert look_of(one) is look_of(other)


@pytest.mark.parametrize(("kind", "content"), [("png", PNG), ("jpeg", JPEG), ("svg+xml", SVG)])
def test_r25_images_that_can_be_drawn_are_taken(kind: str, content: bytes) -> None:
    check_logo(data_url(kind, content))


@pytest.mark.parametrize("side", [16, 4000])
def test_r25_the_sides_have_limits_that_are_taken(side: int) -> None:
    check_logo(data_url("png", an_image("PNG", side, 16)))


@pytest.mark.parametrize(("width", "height"), [(15, 16), (16, 15), (4001, 20), (20, 4001)])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_r25_too_small_and_too_large_is_refused(form: str, width: int, height: int) -> None:
    with pytest.raises(BrokenImage, match=f"16 to 4000 pixels.*is {width} x {height}"):
        check_logo(data_url(form.lower(), an_image(form, width, height)))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("png", JPEG),
        ("jpeg", PNG),
        ("svg+xml", PNG),
        ("png", SVG),
        ("png", PNG[:8]),
        ("png", PNG[:33]),
        ("png", PNG[:-20]),
        ("png", PNG[:60] + b"\0\0\0\0" + PNG[64:]),
        ("jpeg", JPEG[: len(JPEG) // 2]),
        ("jpeg", JPEG[:200] + b"\xff\xd9"),
        ("jpeg", b"\xff\xd8\xff"),
        ("jpeg", b"\xff\xd8\xff\xe0\x00\x00" * 3 + b"\xff\xd9"),
        ("svg+xml", b"<svg/>"),
        ("svg+xml", b"<html/>"),
        ("svg+xml", b"\xff\xfe"),
        ("svg+xml", SVG[:-3]),
        ("svg+xml", an_svg("", 'width="3000" height="2"')),
    ],
)
def test_r25_what_is_not_what_it_says_or_is_broken_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(BrokenImage):
        check_logo(data_url(kind, content))


def test_r25_a_header_that_promises_more_than_can_be_unpacked_is_refused_unread() -> None:
    bomb = PNG[:16] + (100_000).to_bytes(4, "big") + (100_000).to_bytes(4, "big") + PNG[24:]

    with pytest.raises(BrokenImage, match="16 to 4000"):
        check_logo(data_url("png", bomb))
    assert size_of(bomb, ImageKind.PNG) == (100_000, 100_000)


@pytest.mark.parametrize(
    "svg",
    [
        an_svg("<script>alert(1)</script>"),
        an_svg('<rect onload="alert(1)"/>'),
        an_svg("", 'onload="alert(1)"'),
        an_svg('<a href="javascript:alert(1)"><rect/></a>'),
        an_svg('<image href="https://example.org/x.png"/>'),
        an_svg(f'<image xlink:href="{data_url("png", PNG)}"/>', XLINK),
        an_svg('<use href="https://example.org/x.svg#a"/>'),
        an_svg('<use xlink:href="file:///etc/passwd#a"/>', XLINK),
        an_svg("<foreignObject><p/></foreignObject>"),
        an_svg('<set attributeName="href" to="x"/>'),
        an_svg('<rect fill="url(https://example.org/x)"/>'),
        an_svg("<rect style=\"fill: URL( 'https://example.org/x' )\"/>"),
        an_svg("<style>@import 'https://example.org/x.css';</style>"),
        an_svg("<style>rect { fill: url(//example.org/x) }</style>"),
        an_svg("<style><![CDATA[rect { fill: u\\72l(//example.org/x) }]]></style>"),
        an_svg("&a;", head='<!DOCTYPE svg [<!ENTITY a "b">]>'),
        an_svg("", head='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        an_svg("", head='<?xml-stylesheet href="https://example.org/x.css"?>'),
        an_svg("<use href='#a'/>" * 11),
        an_svg("<g>" * 60 + "</g>" * 60),
        an_svg("<path/>" * 2000),
    ],
)
def test_r25_an_svg_runs_nothing_loads_nothing_and_does_not_unfold(svg: bytes) -> None:
    with pytest.raises(BrokenImage, match=r"must not|too complicated"):
        check_logo(data_url("svg+xml", svg))


@pytest.mark.parametrize(
    "svg",
    [
        an_svg("", head='<?xml version="1.0" encoding="UTF-8"?>'),
        an_svg(
            "",
            head='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
            '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
        ),
        an_svg(
            '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs>'
            '<g id="b"><rect width="9" height="9" fill="url(#a)"/></g><use xlink:href="#b" x="9"/>',
            XLINK,
        ),
        an_svg("<style>rect { fill: url('#a') }</style>"),
        an_svg('<n:view xmlns:n="http://example.org/drawing" n:zoom="1"/>'),
        an_svg("<title>Kurse GmbH</title><text>Kurse</text>"),
    ],
)
def test_r25_what_drawing_programs_write_is_taken(svg: bytes) -> None:
    check_logo(data_url("svg+xml", svg))
