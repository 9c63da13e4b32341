"""The messages of a case as they were sent (R27)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from starter.openapi import examples
from starter.openapi.described import Success, described
from starter.reading.sent_messages import MessageQuery, sent_message
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/cases", tags=["cases"])


@router.get("/{case_id}/messages/{message_id}", response_class=Response)
@described({200: Success(examples.MESSAGE, media_type="message/rfc822", also=examples.PARTS)})
async def get_message(
    case_id: str, message_id: str, asked: Annotated[MessageQuery, Query()], services: ServicesDep
) -> Response:
    """A message as the mail server got it, or one part of it."""
    return await sent_message(case_id, message_id, asked, services)
