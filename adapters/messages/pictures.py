"""The pictures of a page: the seller's logo and the payment code, sent with the mail."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from adapters.branding.brand_look import BrandLook, Logo
from adapters.messages.mime import Image, content_id

_LOGO_WIDTH: Final = 240
_LOGO_HEIGHT: Final = 72


class Picture(NamedTuple):
    """An image of the page, with the size at which it is shown."""

    content_id: str
    width: int
    height: int


def pictures_of(
    look: BrandLook, qr_png: bytes | None, message_id: str
) -> tuple[tuple[Image, ...], dict[str, Any]]:
    """Return the images of a mail, and the values that its page needs for them."""
    images: list[Image] = []
    pictures: dict[str, Any] = {"look": look, "logo": None, "qr_code": None}
    if look.logo is not None:
        cid = content_id("logo", message_id)
        images.append(Image(cid, look.logo.content, "png", "logo.png"))
        pictures["logo"] = Picture(cid, *_shown_size(look.logo))
    if qr_png is not None:
        cid = content_id("payment-code", message_id)
        images.append(Image(cid, qr_png, "png", "payment-code.png"))
        pictures["qr_code"] = cid
    return tuple(images), pictures


def _shown_size(logo: Logo) -> tuple[int, int]:
    """Return the size of the logo on the page: its own, or smaller to fit the header."""
    scale = min(1, _LOGO_WIDTH / logo.width, _LOGO_HEIGHT / logo.height)
    return max(1, round(logo.width * scale)), max(1, round(logo.height * scale))
