"""R25: an SVG shows shapes and asks for nothing, and what looks too costly is refused in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.branding.images import BrokenImage
from adapters.branding.svg import check_svg
from tests.images import DASHED_SVG, a_doubling_svg, a_png, an_svg, curves, data_url

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
SPACES = " " * 200_000


def is_taken(svg: bytes) -> bool:
    try:
        check_svg(svg)
    except BrokenImage:
        return False
    return True


@pytest.mark.parametrize(
    "svg",
    [
        an_svg("<script>alert(1)</script>"),
        an_svg('<rect onload="alert(1)"/>'),
        an_svg("", 'onload="alert(1)"'),
        an_svg('<a href="javascript:alert(1)"><rect/></a>'),
        an_svg('<image href="https://example.org/x.png"/>'),
        an_svg(f'<image xlink:href="{data_url("png", a_png())}"/>', XLINK),
        an_svg('<use href="https://example.org/x.svg#a"/>'),
        an_svg('<use xlink:href="file:///etc/passwd#a"/>', XLINK),
        an_svg("<foreignObject><p/></foreignObject>"),
        an_svg('<set attributeName="href" to="x"/>'),
        an_svg('<rect fill="url(https://example.org/x)"/>'),
        an_svg('<rect fill="url(#a) url(https://example.org/x)"/>'),
        an_svg('<rect fill="url()"/>'),
        an_svg("<rect style=\"fill: URL( 'https://example.org/x' )\"/>"),
        an_svg("<style>@import 'https://example.org/x.css';</style>"),
        an_svg("<style>rect { fill: url(//example.org/x) }</style>"),
        an_svg("<style>rect { fill: u<!-- -->rl(//example.org/x) }</style>"),
        an_svg(f"<style>{SPACES[:8188]}url(//example.org/x)</style>"),
        an_svg("<style><![CDATA[rect { fill: u\\72l(//example.org/x) }]]></style>"),
        an_svg("&a;", head='<!DOCTYPE svg [<!ENTITY a "b">]>'),
        an_svg("", head='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        an_svg("", head='<?xml-stylesheet href="https://example.org/x.css"?>'),
    ],
)
def test_r25_an_svg_runs_nothing_and_loads_nothing(svg: bytes) -> None:
    with pytest.raises(BrokenImage, match="must not"):
        check_svg(svg)


@pytest.mark.parametrize(
    "svg",
    [
        an_svg("<use href='#a'/>" * 11),
        an_svg("<g>" * 60 + "</g>" * 60),
        an_svg("<path/>" * 2000),
        an_svg(f'<path d="{curves(12_000)}"/>'),
        an_svg(f'<polygon points="{"9 9 " * 30_000}"/>'),
        a_doubling_svg(path=curves(6_000)),
        an_svg(f'<mask id="a"><path d="{curves(2_000)}"/></mask>' + '<g mask="url(#a)"/>' * 50),
        an_svg(
            f'<clipPath id="a"><path d="{curves(2_000)}"/></clipPath>'
            + "<g style=\"clip-path:url( '#a' )\"/>" * 50
        ),
        an_svg(
            "".join(f'<mask id="m{n}" mask="url(#m{n + 1})"/>' for n in range(1900))
            + '<g mask="url(#m0)"/>'
        ),
    ],
)
def test_r25_an_svg_that_unfolds_to_too_much_is_refused(svg: bytes) -> None:
    with pytest.raises(BrokenImage, match="too complicated; give it as a PNG"):
        check_svg(svg)


@pytest.mark.parametrize(
    "svg",
    [
        DASHED_SVG,
        an_svg('<rect stroke-dasharray="5"/>'),
        an_svg('<rect style="stroke: red; stroke-dasharray : 5 5"/>'),
        an_svg("<style>rect { stroke-dasharray:5px }</style>"),
    ],
)
def test_r25_dashed_lines_are_refused_for_a_short_file_can_ask_for_millions(svg: bytes) -> None:
    with pytest.raises(BrokenImage, match="must not contain dashed lines"):
        check_svg(svg)


@pytest.mark.parametrize(
    "inside",
    [
        '<g id="a"><use href="#a"/></g>',
        '<mask id="a"><rect mask="url(#b)"/></mask><mask id="b"><rect mask="url(#a)"/></mask>'
        '<rect mask="url(#a)"/>',
    ],
)
def test_r25_an_element_does_not_repeat_itself(inside: str) -> None:
    with pytest.raises(BrokenImage, match="within itself"):
        check_svg(an_svg(inside))


@pytest.mark.parametrize(
    "svg",
    [b"<svg/>", b"<html/>", b"\xff\xfe", an_svg("")[:-3], a_png(), b"", b"<svg xmlns='x'/>"],
)
def test_r25_what_is_no_svg_is_refused(svg: bytes) -> None:
    with pytest.raises(BrokenImage, match="is no SVG image"):
        check_svg(svg)


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
        an_svg('<rect style="stroke-dasharray:none" stroke-dasharray="none"/>'),
        an_svg('<rect style="stroke-dasharray: none; fill: url(#a)"/>' * 1900),
        an_svg(f'<path d="{curves(4_000)}"/>'),
        a_doubling_svg(),
    ],
)
def test_r25_what_drawing_programs_write_is_taken(svg: bytes) -> None:
    check_svg(svg)


@given(st.text(alphabet="url('\") #a/", max_size=40))
def test_r25_an_address_leads_into_the_image_or_is_refused(value: str) -> None:
    """Against the one expression that says it all, and takes the square of its length."""
    leads_elsewhere = re.search(r"url\s*\(\s*['\"]?\s*[^#'\"\s]", value)
    svg = an_svg(f'<rect fill="{value.replace(chr(34), "&quot;")}"/>')

    assert not (leads_elsewhere and is_taken(svg))


@pytest.mark.parametrize("text", ["url(" + SPACES, "url" + SPACES, "url(" * 50_000])
def test_r25_no_text_takes_the_square_of_its_length_to_check(text: str) -> None:
    """With the square of it this would take hours."""
    with pytest.raises(BrokenImage):
        check_svg(an_svg(f'<rect fill="{text}"/><script/>'))
