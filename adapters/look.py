"""How a seller's mails and letters look (R25), with all that is left open filled in."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel

from models.seller import Alignment

PLAIN_PRIMARY: Final = "#1f2937"
PLAIN_ACCENT: Final = "#1d4ed8"


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
