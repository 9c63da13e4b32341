"""R25: the logo and the colours of a seller, as they are given, kept and refused."""

from __future__ import annotations

import base64
import secrets

import pytest

from dunning.colors import LEGIBLE, contrast, text_on
from tests.images import SVG, an_image, an_svg, data_url
from tests.starter.backend import Backend, Document, Untouched, refused

SETTINGS = "/v1/sellers/{s}/settings"
PNG = an_image("PNG")


async def set_brand(backend: Backend, **brand: str | None) -> Document:
    settings = await backend.granted("PATCH", SETTINGS, {"brand": brand})
    shown: Document = settings["brand"]
    return shown


@pytest.mark.parametrize(
    "logo",
    [data_url("png", PNG), data_url("jpeg", an_image("JPEG")), data_url("svg+xml", SVG)],
)
async def test_r25_a_logo_is_shown_as_it_was_given(backend: Backend, logo: str) -> None:
    await set_brand(backend, logo=logo)

    seller = await backend.granted("GET", "/v1/sellers/{s}")

    assert seller["settings"]["brand"]["logo"] == logo


async def test_bad_input_r25_a_logo_that_cannot_be_shown(untouched: Untouched) -> None:
    logos = [
        data_url("png", PNG[:-30]),
        data_url("jpeg", PNG),
        data_url("png", an_image("PNG", 15, 100)),
        data_url("jpeg", an_image("JPEG", 100, 4001)),
        data_url("svg+xml", an_svg("<script>alert(1)</script>")),
        data_url("svg+xml", an_svg("&a;", head='<!DOCTYPE svg [<!ENTITY a "b">]>')),
        data_url("gif", b"GIF89a"),
    ]
    bodies = [{"brand": {"logo": logo}} for logo in logos]

    await untouched.refuses_each("PATCH", SETTINGS, bodies, "brand.logo")


async def test_bad_input_r25_a_logo_of_more_than_300_kb(untouched: Untouched) -> None:
    noise = base64.b64encode(secrets.token_bytes(300_001)).decode()
    logo = data_url("svg+xml", an_svg(f"<desc>{noise}</desc>"))

    await untouched.refuses("PATCH", SETTINGS, {"brand": {"logo": logo}}, "brand.logo")


async def test_r25_what_is_wrong_with_a_logo_is_said(backend: Backend) -> None:
    body = {"brand": {"logo": data_url("png", an_image("PNG", 4001, 16))}}

    answer = await backend.send("PATCH", SETTINGS, body)

    refused(answer, 422, "brand.logo")
    [error] = answer.json()["errors"]
    assert error["message"] == "must be 16 to 4000 pixels wide and high, and is 4001 x 16"


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#777777", "#ff0000", "#ffff00"])
async def test_r25_any_color_is_taken_and_text_on_it_can_be_read(
    backend: Backend, color: str
) -> None:
    brand = await set_brand(backend, primary_color=color, accent_color=color.upper())

    assert (brand["primary_color"], brand["accent_color"]) == (color, color)
    assert contrast(text_on(color), color) >= LEGIBLE
