"""Sending events to webhooks: signed, and again until they are accepted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Final, NamedTuple

import httpx
import structlog
from standardwebhooks import Webhook as Signer

from sandbox.partner.claims import Dispatch, Webhook
from sandbox.partner.event_log import EventLog
from sandbox.partner.webhook_facts import Tried

log = structlog.get_logger()

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=15)
_TIMEOUT_SECONDS: Final = 10

Deliver = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Posts a body with headers to a URL, and returns the status."""


class Outcome(NamedTuple):
    """The result of a call; it was accepted if `error` is None."""

    status: int | None
    error: str | None
    category: str | None = None


_tls = cache(httpx.create_ssl_context)


async def over_http(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Post over HTTP, to a webhook outside this process; redirects are not followed."""
    async with (
        httpx.AsyncClient(verify=_tls(), timeout=_TIMEOUT_SECONDS, trust_env=False) as http,
        http.stream("POST", url, headers=dict(headers), content=body) as heard,
    ):
        return heard.status_code


class WebhookSender:
    """The sender of due events; a webhook that does not answer holds up no other."""

    def __init__(
        self,
        event_log: EventLog,
        clock: Callable[[], datetime],
        *,
        deliver: Deliver = over_http,
        first_pause: timedelta = FIRST_PAUSE,
    ) -> None:
        self._event_log = event_log
        self._clock = clock
        self._deliver = deliver
        self._first_pause = first_pause
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Send each event when it is due, until canceled."""
        while True:
            self._event_log.news.clear()
            try:
                await self.deliver_due()
            except OSError as error:
                log.error("webhooks_not_written_down", reason=type(error).__name__)
                await asyncio.sleep(_TIMEOUT_SECONDS)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_wait()):
                    await self._event_log.news.wait()

    async def deliver_due(self) -> None:
        """Send all events that are due by now; those that fail are due again later."""
        async with self._turn:
            while due := self._event_log.due(self._clock()):
                due.sort(key=lambda dispatch: dispatch.webhook_id)
                rounds = groupby(due, key=lambda dispatch: dispatch.webhook_id)
                await asyncio.gather(*(self._send_all(list(of_one)) for _, of_one in rounds))

    async def call(self, webhook: Webhook, event_id: str, payload: str) -> Outcome:
        """Call a webhook once, signed by Standard Webhooks with the present time."""
        now = self._clock().astimezone(UTC)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "partner-sandbox/1",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(webhook.secret).sign(event_id, now, payload),
        }
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                status = await self._deliver(webhook.url, headers, payload.encode())
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            return Outcome(None, type(error).__name__, _category(error))
        if 200 <= status < 300:
            return Outcome(status, None)
        return Outcome(status, f"answered {status}", "HttpError")

    async def _send_all(self, due: list[Dispatch]) -> None:
        for dispatch in due:
            webhook = self._event_log.memory.webhooks.get(dispatch.webhook_id)
            if webhook is None or dispatch.due_at is None:
                continue
            outcome = await self.call(webhook, dispatch.event_id, dispatch.payload)
            self._event_log.append(
                Tried(
                    at=self._clock(),
                    dispatch_id=dispatch.dispatch_id,
                    status=outcome.status,
                    error=outcome.error,
                    again_at=self._again_at(dispatch, outcome),
                )
            )

    def _again_at(self, dispatch: Dispatch, outcome: Outcome) -> datetime | None:
        if outcome.error is None:
            return self._clock() if dispatch.copies > 1 else None
        doubled: int = 2 ** min(dispatch.failures, 20)
        return self._clock() + min(self._first_pause * doubled, LONGEST_PAUSE)

    def _seconds_to_wait(self) -> float | None:
        due_at = self._event_log.next_due()
        return None if due_at is None else max((due_at - self._clock()).total_seconds(), 0)


def _category(error: Exception) -> str:
    """Return the partner's category for the failure of a call."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "TimeoutError"
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
        return "SslError"
    is_of_the_network = isinstance(error, httpx.TransportError | OSError)
    return "NetworkError" if is_of_the_network else "UnknownError"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
