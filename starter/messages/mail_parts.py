"""A message for the browser: as a page, as text, its letter as PDF, or the whole as a file."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

from fastapi import Response

# A mail has its styles inside; scripts and requests to other hosts are forbidden.
_CLOSED_PAGE: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Part(StrEnum):
    """What of a message is asked for."""

    HTML = "html"
    TEXT = "text"
    PDF = "pdf"


def part_of(message: EmailMessage, wanted: Part, *, name: str) -> Response | None:
    """Return one part as a page, a text or a file; None if the message has none."""
    match wanted:
        case Part.HTML:
            if (body := message.get_body(("html",))) is not None:
                headers = _HEADERS | {"Content-Security-Policy": _CLOSED_PAGE}
                page = _with_images(body.get_content(), message)
                return Response(page, media_type="text/html", headers=headers)
        case Part.TEXT:
            if (body := message.get_body(("plain",))) is not None:
                return Response(body.get_content(), media_type="text/plain", headers=_HEADERS)
        case Part.PDF:
            for part in message.walk():
                if part.get_content_type() == "application/pdf":
                    letter = part.get_content()
                    return _file(letter, "application/pdf", f"{name}.pdf", how="inline")
    return None


def whole(content: bytes, *, name: str) -> Response:
    """Return the message as the mail server got it, as a file."""
    return _file(content, "message/rfc822", f"{name}.eml", how="attachment")


def _with_images(html: str, message: EmailMessage) -> str:
    """Return the page with the images of the same message inlined."""
    for part in message.walk():
        content_id = str(part["Content-ID"] or "").strip("<> ")
        if content_id and part.get_content_maintype() == "image":
            image = base64.b64encode(part.get_content()).decode()
            address = f"data:{part.get_content_type()};base64,{image}"
            html = html.replace(f"cid:{content_id}", address)
    return html


def _file(content: bytes, media_type: str, name: str, *, how: str) -> Response:
    disposition = {"Content-Disposition": f'{how}; filename="{name}"'}
    return Response(content, media_type=media_type, headers=_HEADERS | disposition)
