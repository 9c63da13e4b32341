"""How a seller's mails and letters look (R25), with all that is left open filled in."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Final, Literal

from pydantic import BaseModel

from adapters.images import BrokenImage, ImageKind, Size, drawn, size_of
from adapters.svg import check_svg
from models.seller import Alignment, Brand

PLAIN_PRIMARY: Final = "#1f2937"
PLAIN_ACCENT: Final = "#1d4ed8"
_SMALLEST_SIDE, _LONGEST_SIDE = 16, 4000
_BRANDS_KEPT: Final = 32


class Logo(BaseModel, frozen=True):
    """An image that mail programs and letters can show; its size is in pixels."""

    content: bytes
    subtype: Literal["png", "jpeg"]
    width: int
    height: int


class Look(BaseModel, frozen=True):
    """Colours are `#rrggbb`: the primary one of headers and lines, the accent of what counts."""

    logo: Logo | None = None
    logo_alignment: Alignment = Alignment.LEFT
    primary: str = PLAIN_PRIMARY
    accent: str = PLAIN_ACCENT


@lru_cache(maxsize=_BRANDS_KEPT)
def look_of(brand: Brand) -> Look:
    """The look that a seller's settings ask for; a logo that cannot be shown is left out."""
    return Look(
        logo=_shown(brand.logo) if brand.logo else None,
        logo_alignment=brand.logo_alignment,
        primary=brand.primary_color or PLAIN_PRIMARY,
        accent=brand.accent_color or PLAIN_ACCENT,
    )


def check_logo(data_url: str) -> None:
    """Raises `BrokenImage` if a logo cannot be shown, and says what is wrong with it."""
    content, kind = _opened(data_url)
    logo = _logo(content, kind)
    if kind is not ImageKind.SVG:
        drawn(logo.content, kind)


def _shown(data_url: str) -> Logo | None:
    try:
        return _logo(*_opened(data_url))
    except BrokenImage:
        return None


def _logo(content: bytes, kind: ImageKind) -> Logo:
    """A PNG or JPEG as it is, an SVG as a PNG: mail programs show no SVG."""
    if kind is ImageKind.SVG:
        check_svg(content)
        content, kind = drawn(content, kind), ImageKind.PNG
    size = _checked(size_of(content, kind))
    subtype: Literal["png", "jpeg"] = "png" if kind is ImageKind.PNG else "jpeg"
    return Logo(content=content, subtype=subtype, width=size.width, height=size.height)


def _checked(size: Size) -> Size:
    if not all(_SMALLEST_SIDE <= side <= _LONGEST_SIDE for side in size):
        raise BrokenImage(
            f"must be {_SMALLEST_SIDE} to {_LONGEST_SIDE} pixels wide and high, "
            f"and is {size.width} x {size.height}"
        )
    return size


def _opened(data_url: str) -> tuple[bytes, ImageKind]:
    head, _, encoded = data_url.partition(",")
    try:
        kind = ImageKind(head.removeprefix("data:image/").removesuffix(";base64"))
        content = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise BrokenImage("must be a PNG, JPEG or SVG image as a data: URL in base64") from None
    if not content:
        raise BrokenImage("must be a PNG, JPEG or SVG image as a data: URL in base64")
    return content, kind
