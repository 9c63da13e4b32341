"""Dependencies of the routes, built once in `sandbox.partner.app`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from sandbox.partner.agency import Agency
from sandbox.partner.claims import Claim
from sandbox.partner.webhook_sender import WebhookSender
from sandbox.partner.wire import Paging, parsed_query


async def _agency(request: Request) -> Agency:
    agency: Agency = request.app.state.agency
    return agency


async def _webhook_sender(request: Request) -> WebhookSender:
    webhook_sender: WebhookSender = request.app.state.webhook_sender
    return webhook_sender


AgencyDep = Annotated[Agency, Depends(_agency)]
WebhookSenderDep = Annotated[WebhookSender, Depends(_webhook_sender)]


async def _paging(request: Request) -> Paging:
    return parsed_query(request.query_params, Paging)


PagingDep = Annotated[Paging, Depends(_paging)]


def claim_of(agency: Agency, case_id: str) -> Claim:
    """Return a case; raise 404 if there is none."""
    claim = agency.memory.claims.get(case_id)
    if claim is None:
        raise HTTPException(404, "There is no such case.")
    return claim
