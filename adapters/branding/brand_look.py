"""The look of a seller's mails and letters (R25), with defaults for what the seller left open."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Final

from pydantic import BaseModel

from adapters.branding.images import LOGO_BOX, BrokenImage, ImageKind
from adapters.branding.png import plain_size
from models.seller import Alignment, Brand

PLAIN_PRIMARY: Final = "#1f2937"
PLAIN_ACCENT: Final = "#1d4ed8"
_BRANDS_KEPT: Final = 32


class Logo(BaseModel, frozen=True):
    """A PNG that mail programs and letters can show; its size is in pixels."""

    content: bytes
    width: int
    height: int


class BrandLook(BaseModel, frozen=True):
    """A seller's logo and two colours, as `#rrggbb`.

    The primary colour is for headers and lines, the accent for what matters most.
    """

    logo: Logo | None = None
    logo_alignment: Alignment = Alignment.LEFT
    primary: str = PLAIN_PRIMARY
    accent: str = PLAIN_ACCENT


@lru_cache(maxsize=_BRANDS_KEPT)
def brand_look_of(brand: Brand) -> BrandLook:
    """Return the look of a seller's settings; a logo that we have not drawn is left out."""
    return BrandLook(
        logo=kept_logo(brand.logo) if brand.logo else None,
        logo_alignment=brand.logo_alignment,
        primary=brand.primary_color or PLAIN_PRIMARY,
        accent=brand.accent_color or PLAIN_ACCENT,
    )


def kept_logo(data_url: str) -> Logo | None:
    """Return a logo that we have drawn; None for any other image.

    `adapters.branding.drawing` draws an image as such a logo.
    """
    try:
        content, kind = opened(data_url)
    except BrokenImage:
        return None
    size = plain_size(content, LOGO_BOX) if kind is ImageKind.PNG else None
    return size and Logo(content=content, width=size.width, height=size.height)


def opened(data_url: str) -> tuple[bytes, ImageKind]:
    """Return the image in a `data:` URL, and the kind that the URL names. Raises `BrokenImage`."""
    head, _, encoded = data_url.partition(",")
    try:
        kind = ImageKind(head.removeprefix("data:image/").removesuffix(";base64"))
        content = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise BrokenImage("must be a PNG, JPEG or SVG image as a data: URL in base64") from None
    if not content:
        raise BrokenImage("must be a PNG, JPEG or SVG image as a data: URL in base64")
    return content, kind


def closed(png: bytes) -> str:
    """Return the `data:` URL of a PNG."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
