"""A message as it was sent, or one part of it (R27)."""

from __future__ import annotations

import re
import zlib
from email import message_from_bytes
from email.policy import SMTP
from typing import Final

from fastapi import Response
from sqlmodel import select

from models.histories import was_sent
from models.tables import MessageRow
from starter.input.fields import Strict, is_id
from starter.messages.mail_parts import Part, part_of, whole
from starter.refusals import NotFound
from starter.services import Services

_MESSAGE_ID: Final = re.compile(r"<([!-~]+)>|[!-~]+")


class MessageQuery(Strict):
    part: Part | None = None


async def sent_message(
    case_id: str, message_id: str, asked: MessageQuery, services: Services
) -> Response:
    """Return a message of a case as the mail server got it, or one part of it.

    Raises `NotFound`.
    """
    async with services.database.reading() as session:
        row = None
        if is_id(case_id) and (known := _MESSAGE_ID.fullmatch(message_id)):
            query = select(MessageRow).where(
                MessageRow.case_id == case_id,
                MessageRow.message_id == f"<{known[1] or known[0]}>",
                was_sent(),
            )
            row = (await session.exec(query)).first()
    if row is None or row.content is None:
        raise NotFound("message")
    content = zlib.decompress(row.content)
    if asked.part is None:
        return whole(content, name=row.kind)
    answer = part_of(message_from_bytes(content, policy=SMTP), asked.part, name=row.kind)
    if answer is None:
        raise NotFound("part of this message")
    return answer
