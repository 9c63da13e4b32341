"""Webhooks: subscribing, listing what was sent, and sending it again."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from sandbox.partner import documents
from sandbox.partner.agency import Agency
from sandbox.partner.announcing import example
from sandbox.partner.answers import answer, present
from sandbox.partner.claims import Dispatch, Webhook
from sandbox.partner.routes.provided import AgencyDep, WebhookSenderDep, claim_of
from sandbox.partner.wire import NewWebhook, ReplaySince, Since, parsed, parsed_query

router = APIRouter()


@router.post("/webhooks")
async def subscribe(request: Request, agency: AgencyDep) -> Response:
    _, new = parsed(await request.body(), NewWebhook)
    events = list(dict.fromkeys(new.events))
    hook = agency.subscribe(new.url, events, is_test_mode=new.is_test_mode)
    return answer(documents.webhook(hook, with_secret=True), status=201)


@router.get("/webhooks")
async def list_webhooks(agency: AgencyDep) -> Response:
    return answer([documents.webhook(hook) for hook in agency.memory.webhooks.values()])


@router.get("/webhooks/events")
async def list_events(
    case_id: Annotated[str, Query(alias="caseId")], request: Request, agency: AgencyDep
) -> Response:
    """List the webhook events of a case, newest first; with `since` only those from then on."""
    claim = claim_of(agency, case_id)
    since = parsed_query(request.query_params, Since).since
    told = [d for d in agency.memory.dispatches.values() if d.claim_id == claim.claim_id]
    recent = [dispatch for dispatch in told if since is None or dispatch.at >= since]
    return answer([documents.event(dispatch) for dispatch in reversed(recent)])


@router.post("/webhooks/events/{event_id}/replay")
async def replay(event_id: str, agency: AgencyDep) -> Response:
    dispatch = _dispatch(agency, event_id)
    agency.replay(dispatch.dispatch_id)
    return answer(
        {
            "eventsReplayed": 1,
            "eventId": dispatch.dispatch_id,
            "subscriptionId": dispatch.webhook_id,
            "eventType": dispatch.type,
        }
    )


@router.post("/webhooks/{webhook_id}/replay")
async def count_since(webhook_id: str, request: Request, agency: AgencyDep) -> Response:
    """Count the cases that are as new as `sinceUtc`; like the real service, send nothing again."""
    hook = _webhook(agency, webhook_id)
    _, asked = parsed(await request.body(), ReplaySince)
    claims = agency.memory.claims.values()
    recent = [
        claim
        for claim in claims
        if claim.at >= asked.since_utc and claim.is_test is hook.is_test_mode
    ]
    return answer({"eventsReplayed": len(recent)})


@router.delete("/webhooks/{webhook_id}")
async def unsubscribe(webhook_id: str, agency: AgencyDep) -> Response:
    agency.unsubscribe(_webhook(agency, webhook_id))
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/test")
async def test(webhook_id: str, agency: AgencyDep, webhook_sender: WebhookSenderDep) -> Response:
    """Send an event of a case that does not exist, and answer with the result."""
    hook = _webhook(agency, webhook_id)
    event_id, payload = example(hook, at=agency.clock())
    loop = asyncio.get_running_loop()
    began = loop.time()
    outcome = await webhook_sender.call(hook, event_id, payload)
    return answer(
        present(
            success=outcome.error is None,
            httpStatusCode=outcome.status,
            durationMs=round((loop.time() - began) * 1000),
            errorMessage=outcome.error,
            errorCategory=outcome.category,
            testPayload=json.loads(payload),
        )
    )


def _webhook(agency: Agency, webhook_id: str) -> Webhook:
    hook = agency.memory.webhooks.get(webhook_id)
    if hook is None:
        raise HTTPException(404, "There is no such webhook.")
    return hook


def _dispatch(agency: Agency, dispatch_id: str) -> Dispatch:
    dispatch = agency.memory.dispatches.get(dispatch_id)
    if dispatch is None or dispatch.webhook_id not in agency.memory.webhooks:
        raise HTTPException(404, "There is no such event.")
    return dispatch
