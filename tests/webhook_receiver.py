"""A webhook receiver, and helpers that put events into the outbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from unittest.mock import patch

from sqlmodel import col, select
from standardwebhooks import Webhook

from activities.webhooks import WebhookActivities
from adapters.webhook_endpoint import WebhookEndpoints
from dunning.history import Event, EventName
from models.histories import write_events
from models.keys import create_key
from models.payloads import SendWebhooks, WebhooksSent
from models.tables import WebhookEndpointRow, WebhookMessageRow
from runtime.database import Database
from runtime.ports import free_port
from tests.activity_runs import started
from tests.clocks import FixedClock
from tests.patience import PATIENCE_SECONDS

SECRET = "whsec_c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXMgbG9uZyEh"


@dataclass(frozen=True)
class Delivery:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    def verified(self, secret: str = SECRET) -> dict[str, Any]:
        """What the library of Standard Webhooks makes of it, at the moment that it names."""
        moment = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)

        class Then(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Self:
                return cls.fromtimestamp(moment.timestamp(), tz)

        with patch("standardwebhooks.webhooks.datetime", Then):
            content: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return content


@dataclass
class Receiver:
    """Answers 204, or what it is told to: each answer once, then 204 again.

    An answer is a status with headers; None is to hang up without one.
    """

    url: str
    received: list[Delivery] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]] | None] = field(default_factory=list)
    always: tuple[int, dict[str, str]] = (204, {})
    before_answering: Callable[[], Awaitable[object]] | None = None
    connections: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, count: int) -> None:
        """Wait until so many requests have come in."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.received) < count:
                self._news.clear()
                await self._news.wait()

    def will_answer(self, *statuses: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers += [(status, named) for status in statuses]

    def ids(self) -> list[str]:
        return [one.webhook_id for one in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Delivery(path=head[0].split()[1], headers=headers, body=body))
        self._news.set()
        if self.before_answering is not None:
            await self.before_answering()
        answer = self.answers.pop(0) if self.answers else self.always
        if answer is None:
            return False
        status, more = answer
        empty = {} if status == 204 else {"Content-Length": "0"}
        lines = [f"{name}: {value}" for name, value in (empty | more).items()]
        writer.write("\r\n".join([f"HTTP/1.1 {status} Any", *lines, "", ""]).encode())
        await writer.drain()
        return True


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver(url="")
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told"
    async with server:
        yield receiver
        server.close()


def nobody_listens() -> str:
    """A URL at which every connection is refused."""
    return f"http://127.0.0.1:{free_port()}/told"


async def add_endpoint(database: Database, url: str, at: datetime, name: str = "e-1") -> str:
    """An endpoint of a backend key of its own."""
    async with database.writing() as session:
        key = await create_key(session, at=at)
        session.add(
            WebhookEndpointRow(
                endpoint_id=name, key_id=key.key_id, url=url, secret=SECRET, created_at=at
            )
        )
    return name


async def key_of(database: Database, endpoint_id: str) -> str:
    async with database.reading() as session:
        return (await session.get_one(WebhookEndpointRow, endpoint_id)).key_id


async def happen(
    database: Database, case_id: str, at: datetime, *keys: str, name: str = "order.canceled"
) -> None:
    """Write events into the history of a case, one for each key, in one transaction."""
    events = [Event(key=key, at=at, name=EventName(name)) for key in keys]
    async with database.writing() as session:
        await write_events(session, case_id, events)


async def messages(database: Database, endpoint_id: str | None = None) -> list[WebhookMessageRow]:
    query = select(WebhookMessageRow).order_by(col(WebhookMessageRow.id))
    if endpoint_id is not None:
        query = query.where(WebhookMessageRow.endpoint_id == endpoint_id)
    async with database.reading() as session:
        return list(await session.exec(query))


async def send(
    database: Database,
    at: datetime,
    endpoint_id: str = "e-1",
    *,
    each_takes: timedelta = timedelta(0),
) -> datetime | None:
    """One turn as if the server had started it at a moment; when the next is due."""
    environment = started(at)
    activities = WebhookActivities(database, WebhookEndpoints(), FixedClock(step=each_takes))
    sent: WebhooksSent = await environment.run(
        activities.send_webhooks, SendWebhooks(endpoint_id=endpoint_id)
    )
    return sent.next_due_at
