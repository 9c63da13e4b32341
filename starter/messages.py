"""The messages of a case, to be opened as they were sent (R27)."""

from __future__ import annotations

import base64
import re
import zlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from sqlmodel import select

from models.tables import MessageRow
from starter.fields import Strict, is_id
from starter.problems import NotFound
from starter.services import Provided

router = APIRouter(prefix="/v1/cases", tags=["cases"])

_MESSAGE_ID: Final = re.compile(r"<([!-~]+)>|[!-~]+")
# Styles stand in the mail itself; nothing is run, and nothing is asked of anybody else.
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


class MessageQuery(Strict):
    part: Part | None = None


@router.get("/{case_id}/messages/{message_id}", response_class=Response)
async def get_message(
    case_id: str, message_id: str, asked: Annotated[MessageQuery, Query()], services: Provided
) -> Response:
    """A message as the mail server got it, or one part of it."""
    async with services.database.reading() as session:
        row = None
        if is_id(case_id) and (known := _MESSAGE_ID.fullmatch(message_id)):
            query = select(MessageRow).where(
                MessageRow.case_id == case_id,
                MessageRow.message_id == f"<{known[1] or known[0]}>",
            )
            row = (await session.exec(query)).first()
    if row is None or row.content is None:
        raise NotFound("message")
    content = zlib.decompress(row.content)
    if asked.part is None:
        return _file(content, "message/rfc822", f"{row.kind}.eml", how="attachment")
    answer = _part(message_from_bytes(content, policy=SMTP), asked.part, name=row.kind)
    if answer is None:
        raise NotFound("part of this message")
    return answer


def _part(message: EmailMessage, wanted: Part, *, name: str) -> Response | None:
    """One part as a page, a text or a file; None if the message has none."""
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


def _with_images(html: str, message: EmailMessage) -> str:
    """The page with the images that came in the same message."""
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
