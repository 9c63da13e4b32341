"""A message of a case as it was sent: the mail as a page, the letter as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from console.own_cases import own_case
from console.visitor import VisitorDep
from starter.reading.sent_messages import MessageQuery, sent_message
from starter.services import ServicesDep

router = APIRouter()


@router.get("/cases/{case_id}/messages/{message_id}")
async def message(
    case_id: str,
    message_id: str,
    asked: Annotated[MessageQuery, Query()],
    visitor: VisitorDep,
    services: ServicesDep,
) -> Response:
    await own_case(services, visitor, case_id)
    return await sent_message(case_id, message_id, asked, services)
