"""Endpoints, the URLs at which a backend wants to be told of events, and their waiting messages."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Any, Final

import httpx
from fastapi import APIRouter, Request, Response, status
from pydantic import AfterValidator, StringConstraints
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.webhook_endpoint import may_be_called
from models.tables import WebhookEndpointRow
from models.webhook_queue import (
    drop_waiting,
    endpoint_of_key,
    endpoints_of_key,
    replay_messages,
)
from starter.edge.keys import CallerDep, ForBackends
from starter.input.fields import Strict, Timestamp, is_id
from starter.openapi import examples, webhook_documents
from starter.openapi.described import Success, described
from starter.refusals import NotFound, wrong
from starter.services import ServicesDep

router = APIRouter(
    prefix="/v1/webhook_endpoints", tags=["webhook endpoints"], dependencies=[ForBackends]
)

_LONGEST_URL: Final = 2000
_MOST_OF_A_KEY: Final = 20
_REPLAYED: Final = timedelta(days=7)
_SECRET_BYTES: Final = 32
_GRAPHIC: Final = re.compile(r"[!-~]+")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)
_HIGHEST_PORT: Final = 65_535


def _url(value: str) -> str:
    """Check a URL to which messages can be posted; it must not contain credentials."""
    url = _parsed(value)
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise ValueError("must be a URL such as https://backend.example/webhooks")
    if url.userinfo:
        raise ValueError("must not contain a user name or password")
    if "#" in value:
        raise ValueError("must not have a fragment")
    if _is_number(url.host):
        raise ValueError("must name a host, or an address as 192.0.2.1 is written")
    if not _may_be_called(url.host):
        raise ValueError("is at an address that is not called")
    return value


def _parsed(value: str) -> httpx.URL | None:
    """Return the URL if every program reads it alike, else None."""
    if not _GRAPHIC.fullmatch(value) or "\\" in value:
        return None
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL:
        return None
    return url if url.port is None or 0 < url.port <= _HIGHEST_PORT else None


class EndpointBody(Strict):
    """Where to tell what happens: `POST /v1/webhook_endpoints`."""

    url: Annotated[str, StringConstraints(max_length=_LONGEST_URL), AfterValidator(_url)]


class ReplayBody(Strict):
    """From when on; without a time the last seven days."""

    since: Timestamp | None = None


@router.post("", status_code=status.HTTP_201_CREATED)
@described(
    {201: Success(examples.NEW_ENDPOINT, webhook_documents.NewWebhookEndpoint)},
    body=examples.ENDPOINT_BODY,
)
async def create_endpoint(
    body: EndpointBody, caller: CallerDep, services: ServicesDep, request: Request
) -> dict[str, Any]:
    """Be told at a URL what happens from now on; the secret is shown this one time."""
    url = httpx.URL(body.url)
    if url.scheme == "http" and not (
        request.app.state.allows_http_webhooks or _is_loopback(url.host)
    ):
        raise wrong("url", "must begin with https://")
    row = WebhookEndpointRow(
        endpoint_id=f"endpoint-{secrets.token_hex(8)}",
        key_id=caller.key_id,
        url=body.url,
        secret=f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}",
        created_at=services.clock.now(),
    )
    async with services.database.writing() as session:
        if len(await endpoints_of_key(session, caller.key_id)) >= _MOST_OF_A_KEY:
            raise wrong("url", f"would be one too many: a key has {_MOST_OF_A_KEY} at most")
        session.add(row)
    return {
        "id": row.endpoint_id,
        "url": row.url,
        "secret": row.secret,
        "created_at": row.created_at.isoformat(),
    }


@router.get("")
@described({200: Success(examples.ENDPOINTS, webhook_documents.WebhookEndpoints)})
async def list_endpoints(caller: CallerDep, services: ServicesDep) -> dict[str, Any]:
    """The endpoints of the calling key, how much waits for each and what it answered last."""
    async with services.database.reading() as session:
        rows = await endpoints_of_key(session, caller.key_id)
    return {"items": [_document(row, waiting) for row, waiting in rows]}


@router.delete("/{endpoint_id}", status_code=status.HTTP_204_NO_CONTENT)
@described({204: None})
async def delete_endpoint(endpoint_id: str, caller: CallerDep, services: ServicesDep) -> Response:
    """Tell it nothing any more, also of what has happened already."""
    async with services.database.writing() as session:
        row = await _own(session, caller.key_id, endpoint_id)
        row.deleted_at = services.clock.now()
        session.add(row)
        await drop_waiting(session, endpoint_id, words="deleted")
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{endpoint_id}/replay", status_code=status.HTTP_202_ACCEPTED)
@described({202: Success(examples.REPLAYED, webhook_documents.Replayed)}, body=examples.REPLAY_BODY)
async def replay(
    endpoint_id: str, caller: CallerDep, services: ServicesDep, body: ReplayBody | None = None
) -> dict[str, int]:
    """Tell it again, also what it has taken or what was given up, under the same webhook ids.

    An endpoint that has answered 410 is told things again from then on.
    """
    now = services.clock.now()
    since = (body.since if body else None) or now - _REPLAYED
    async with services.database.writing() as session:
        row = await _own(session, caller.key_id, endpoint_id)
        row.gone_at = None
        session.add(row)
        replayed = await replay_messages(session, endpoint_id, since=since, at=now)
    return {"replayed": replayed}


async def _own(session: AsyncSession, key_id: str, endpoint_id: str) -> WebhookEndpointRow:
    """Return an endpoint of this key. Raises `NotFound`, also for another key's."""
    row = await endpoint_of_key(session, key_id, endpoint_id) if is_id(endpoint_id) else None
    if row is None:
        raise NotFound("webhook endpoint")
    return row


def _document(row: WebhookEndpointRow, waiting: int) -> dict[str, Any]:
    return {
        "id": row.endpoint_id,
        "url": row.url,
        "created_at": row.created_at.isoformat(),
        "waiting": waiting,
        "last_answer": row.last_answer,
        "last_answer_at": row.last_answer_at.isoformat() if row.last_answer_at else None,
        "gone_at": row.gone_at.isoformat() if row.gone_at else None,
    }


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name alone, whatever a name server says."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_number(host: str) -> bool:
    """Whether a host is an address in a spelling that programs read differently: `0x7f.1`."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return bool(_NUMBER.fullmatch(last))
    return False


def _may_be_called(host: str) -> bool:
    """Whether a host may be called; the addresses of a name are checked when it is called."""
    try:
        return may_be_called(ip_address(host))
    except ValueError:
        return True
