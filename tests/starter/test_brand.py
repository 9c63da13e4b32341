"""R25: the logo and the colours of a seller, as they are given, kept, shown and refused."""

from __future__ import annotations

import base64
import secrets
from email import message_from_bytes
from email.policy import SMTP

import pytest
from pypdfium2 import PdfDocument

from adapters.branding.brand_look import opened
from adapters.branding.images import LOGO_BOX
from adapters.branding.png import plain_size
from dunning.colors import LEGIBLE, contrast, text_on
from starter.intake import logos
from tests.bodies import a_seller
from tests.images import (
    DASHED_SVG,
    RED,
    SVG,
    a_bomb,
    a_chunk,
    a_png,
    an_image,
    an_svg,
    data_url,
    shown,
)
from tests.offline import NOW, OfflineApi
from tests.starter.backend import Backend, Document, Untouched, refused

pytestmark = pytest.mark.one_database

SETTINGS = "/v1/sellers/{s}/settings"
PNG = an_image("PNG")


async def set_brand(backend: Backend, **brand: str | None) -> Document:
    settings = await backend.granted("PATCH", SETTINGS, {"brand": brand})
    shown: Document = settings["brand"]
    return shown


@pytest.mark.parametrize(
    ("kind", "content", "color"),
    [
        ("png", PNG, RED),
        ("png", a_png(beside=a_chunk(b"iCCP", b"x\0\0" + a_bomb())), (0, 0, 0)),
        ("jpeg", an_image("JPEG"), RED),
        ("svg+xml", SVG, (0x1D, 0x4E, 0xD8)),
    ],
)
async def test_r25_what_is_kept_of_a_logo_is_a_png(
    backend: Backend, kind: str, content: bytes, color: tuple[int, int, int]
) -> None:
    answered = await set_brand(backend, logo=data_url(kind, content))

    settings = (await backend.granted("GET", "/v1/sellers/{s}"))["settings"]

    assert settings["brand"] == answered
    content, kept_kind = opened(settings["brand"]["logo"])
    assert kept_kind == "png"
    assert plain_size(content, LOGO_BOX) is not None
    middle = shown(content).getpixel((50, 50))[:3]
    assert all(abs(a - b) < 3 for a, b in zip(middle, color, strict=True))


@pytest.mark.parametrize(
    ("kind", "content"), [("png", PNG), ("jpeg", an_image("JPEG")), ("svg+xml", SVG)]
)
async def test_r25_settings_that_are_read_and_written_again_stay_the_same(
    backend: Backend, offline: OfflineApi, kind: str, content: bytes
) -> None:
    settings = await backend.granted(
        "PATCH", SETTINGS, {"brand": {"logo": data_url(kind, content), "accent_color": "#0b5394"}}
    )
    other = Backend(offline, f"{backend.seller_id} elsewhere")
    await other.granted("PUT", "/v1/sellers/{s}", a_seller())

    for _ in range(3):
        assert await backend.granted("PATCH", SETTINGS, settings) == settings
    assert await other.granted("PATCH", SETTINGS, settings) == settings


@pytest.mark.parametrize(
    ("logo", "words"),
    [
        (data_url("svg+xml", DASHED_SVG), "dashed lines"),
        (data_url("png", a_png(packed=a_bomb())), "more data than its size says"),
        (data_url("png", an_image("PNG", 2000, 60)), "at most 12 times as wide as high"),
        (data_url("jpeg", an_image("JPEG", 60, 1200)), "and is 60 x 1200"),
        (data_url("png", bytes(300_001)), "300 kB"),
    ],
)
async def test_r25_why_a_logo_is_refused_is_said_in_words(
    untouched: Untouched, logo: str, words: str
) -> None:
    answer = await untouched.backend.send("PATCH", SETTINGS, {"brand": {"logo": logo}})

    refused(answer, 422, "brand.logo")
    [error] = answer.json()["errors"]
    assert words in error["message"]


async def test_r25_a_mail_and_a_letter_show_the_kept_logo(backend: Backend) -> None:
    brand = await set_brand(backend, logo=data_url("svg+xml", SVG))
    kept, _ = opened(str(brand["logo"]))

    file = await backend.send("GET", "/v1/sellers/{s}/preview/first_notice?part=eml")
    letter = await backend.send("GET", "/v1/sellers/{s}/preview/first_notice?part=pdf")

    message = message_from_bytes(file.content, policy=SMTP)
    logos = [part.get_content() for part in message.walk() if part.get_filename() == "logo.png"]
    assert logos == [kept]
    page = PdfDocument(letter.content)[0].render(scale=2).to_pil()
    assert (0x1D, 0x4E, 0xD8) in {color for _, color in page.getcolors(maxcolors=1_000_000)}


async def test_r25_a_logo_of_an_unknown_seller_is_not_drawn(
    offline: OfflineApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logos, "draw", None)
    body = {"brand": {"logo": data_url("png", PNG)}}

    with offline.clock.at(NOW):
        refused(await offline.api.patch("/v1/sellers/s-nobody/settings", json=body), 404)


async def test_bad_input_r25_a_logo_that_cannot_be_shown(untouched: Untouched) -> None:
    logos = [
        data_url("png", PNG[:-30]),
        data_url("jpeg", an_image("JPEG", 100, 4001)),
        data_url("svg+xml", an_svg("<script>alert(1)</script>")),
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
