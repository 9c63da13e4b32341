"""Sending webhooks to backends' endpoints over HTTP, by Standard Webhooks.

An endpoint is not trusted: redirects are not followed, only the status of an answer is kept, each
call has a time limit, and addresses that cannot be a backend's are not called, whatever name leads
to them.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

from adapters.retry_after import pause_asked

_PATIENCE: Final = timedelta(seconds=15)
_CONNECT_SECONDS: Final = 5
_LONGEST_ANSWER: Final = 16_384
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "dunning-webhooks/1"}

_OF_CLOUDS: Final = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16"))
)

_Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Answer:
    """The result of a call: the status, or `words` that say why there is none.

    `retry_after` is the pause that the endpoint asked for.
    """

    words: str
    status: int | None = None
    is_reached: bool = True
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def is_gone(self) -> bool:
        return self.status == HTTPStatus.GONE


class WebhookEndpoint:
    """An endpoint to which messages are sent, over one connection if it keeps it open."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, secret: str, *, patience: timedelta
    ) -> None:
        self._http = http
        self._url = url
        self._webhook = Webhook(secret)
        self._patience = patience

    async def deliver(self, webhook_id: str, content: dict[str, Any], *, at: datetime) -> Answer:
        """Send a message, signed with a moment. An endpoint's errors are returned, not raised."""
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        at = at.astimezone(UTC)
        headers = _HEADERS | {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(webhook_id, at, body),
        }
        heard: httpx.Response | None = None
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                posted = self._http.stream("POST", self._url, content=body, headers=headers)
                async with posted as heard:
                    await _hear_out(heard)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Answer(f"not reached: {type(error).__name__}", is_reached=False)
        except (httpx.RequestError, TimeoutError) as error:
            if heard is None:
                return Answer(f"no answer: {type(error).__name__}")
        assert heard is not None
        status = heard.status_code
        return Answer(str(status), status, retry_after=pause_asked(heard))


class WebhookEndpoints:
    """Access to the endpoints of backends."""

    def __init__(self, *, patience: timedelta = _PATIENCE) -> None:
        self._patience = patience
        self._tls = httpx.create_ssl_context()

    @asynccontextmanager
    async def reach(self, url: str, secret: str) -> AsyncIterator[WebhookEndpoint]:
        """Open one endpoint; it shares nothing with others, not even connections."""
        # With its own transport the client ignores proxies in the environment.
        transport = _CheckedAddresses(httpx.AsyncHTTPTransport(verify=self._tls))
        timeout = httpx.Timeout(self._patience.total_seconds(), connect=_CONNECT_SECONDS)
        async with httpx.AsyncClient(
            transport=transport, timeout=timeout, follow_redirects=False
        ) as http:
            yield WebhookEndpoint(http, url, secret, patience=self._patience)


class _CheckedAddresses(httpx.AsyncBaseTransport):
    """A transport that connects to exactly the addresses that it checked.

    A name might resolve to another address the next time.
    """

    def __init__(self, inner: httpx.AsyncHTTPTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        host = url.raw_host.decode()
        request.extensions = {**request.extensions, "sni_hostname": host}
        failed: httpx.TransportError = httpx.ConnectError("no address of the host may be called")
        for address in await _addresses(host):
            request.url = url.copy_with(host=str(address))
            try:
                return await self._inner.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _addresses(host: str) -> list[_Address]:
    """Return the addresses of a host that may be called, the preferred one first."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError("the host has no address") from error
    addresses = dict.fromkeys(ip_address(entry[4][0]) for entry in found)
    return [address for address in addresses if may_be_called(address)]


def may_be_called(address: _Address) -> bool:
    """Whether an address can be a backend's; one in a private network can.

    Clouds serve the secrets of their machines at link-local addresses, and at a few others.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return True
    if address in _OF_CLOUDS:
        return False
    return not (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


async def _hear_out(answer: httpx.Response) -> None:
    """Read the rest of a short answer, so that the connection can be used again."""
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > _LONGEST_ANSWER:
            return
