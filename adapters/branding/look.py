"""How a seller's mails and letters look (R25), with all that is left open filled in."""

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


class Look(BaseModel, frozen=True):
    """Colours are `#rrggbb`: the primary one of headers and lines, the accent of what counts."""

    logo: Logo | None = None
    logo_alignment: Alignment = Alignment.LEFT
    primary: str = PLAIN_PRIMARY
    accent: str = PLAIN_ACCENT


@lru_cache(maxsize=_BRANDS_KEPT)
def look_of(brand: Brand) -> Look:
    """The look that a seller's settings ask for, without a logo that was not drawn by us."""
    return Look(
        logo=kept_logo(brand.logo) if brand.logo else None,
        logo_alignment=brand.logo_alignment,
        primary=brand.primary_color or PLAIN_PRIMARY,
        accent=brand.accent_color or PLAIN_ACCENT,
    )


def kept_logo(data_url: str) -> Logo | None:
    """A logo as it is kept; None for any other image: `adapters.branding.drawing` makes it one."""
    try:
        content, kind = opened(data_url)
    except BrokenImage:
        return None
    size = plain_size(content, LOGO_BOX) if kind is ImageKind.PNG else None
    return size and Logo(content=content, width=size.width, height=size.height)


def opened(data_url: str) -> tuple[bytes, ImageKind]:
    """The image in a `data:` URL, and of which kind it says it is. Raises `BrokenImage`."""
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
    """The `data:` URL of a PNG."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
