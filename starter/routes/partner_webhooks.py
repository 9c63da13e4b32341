"""Webhooks of the collection partner: signed, without a key, and each event taken once (R15).

An event only says that something has changed: the case then asks the partner for the claim's
status. So it does not matter which events come, how often and in which order.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.partner.debitura.webhooks import EXAMPLE as PARTNER_EVENT
from adapters.partner.standard_webhooks import BadSignature, PartnerEvent, ReadEvent
from dunning.case.claims import claim_changed
from models.changes import change_case
from models.outbox import CaseRef
from models.tables import ClaimRow, PartnerEventRow
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.refusals import NotFound, Problem
from starter.services import ServicesDep

log = structlog.get_logger()
router = APIRouter(prefix="/v1/partner", tags=["partner"])

_OPENAPI: Final[dict[str, Any]] = {
    "security": [],  # signed, without a key
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}


@router.post("/webhooks", openapi_extra=_OPENAPI)
@described(
    {200: Success(examples.PARTNER_EVENT_TAKEN, documents.PartnerEventTaken)},
    body=PARTNER_EVENT,
    may_be_unknown=True,
)
async def take_event(request: Request, services: ServicesDep) -> dict[str, Any]:
    """Take an event; 404 for a claim that is not known yet, so that it is told again."""
    read: ReadEvent | None = request.app.state.read_partner_event
    body, now = await request.body(), services.clock.now()
    try:
        if read is None:
            raise BadSignature("no secret is set: DUNNING_PARTNER_WEBHOOK_SECRET")
        event = read(request.headers, body, now)
    except BadSignature as error:
        log.warning("partner_event_refused", reason=str(error))
        raise Problem(HTTPStatus.UNAUTHORIZED, f"Not taken: {error}.") from None
    unsent = await services.database.in_transaction(partial(_note, event=event, now=now))
    if unsent is None:
        return {"status": "known"}
    await services.send_plans_soon(unsent)
    return {"status": "taken"}


async def _note(
    session: AsyncSession, *, event: PartnerEvent, now: datetime
) -> list[CaseRef] | None:
    """Have the claim checked; None if the event is known. Raises `NotFound` without a claim."""
    is_meant = [ClaimRow.partner_id == event.partner_id]
    if event.reference is not None:
        is_meant.append(ClaimRow.reference == event.reference)
    claim = (await session.exec(select(ClaimRow).where(or_(*is_meant)))).first()
    if claim is None or claim.partner_id is None:
        raise NotFound("claim")
    if await session.get(PartnerEventRow, event.event_id) is not None:
        return None
    session.add(
        PartnerEventRow(
            event_id=event.event_id, reference=claim.reference, kind=event.type, received_at=now
        )
    )
    reference = claim.reference
    changed = await change_case(
        session, claim.case_id, lambda case, _inputs: claim_changed(case, reference), at=now
    )
    return changed.unsent
