"""A batch whose database goes away, and callers that do not read while they send."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.outbox import count_unsent, sellers_to_ask
from models.tables import OrderRow
from runtime.database import Database
from runtime.migrate import upgrade
from runtime.ports import address_of, bind
from tests.bodies import a_seller, ada, an_order
from tests.offline import NOW, OfflineApi
from tests.patience import PATIENCE_SECONDS
from tests.starter.backend import Document

BATCH = "/v1/orders/batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


class Unsteady(Database):
    """A database that fails at some transactions, counted from one, or never takes an order."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.begun = 0
        self.fails: dict[int, Exception] = {}
        self.does_not_take: str | None = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        self.begun += 1
        async with super().writing() as session:
            yield session
            if failure := self.fails.get(self.begun):
                raise failure
            if self.does_not_take is None:
                return
            if await session.get(OrderRow, ("s-1", self.does_not_take)) is not None:
                raise IntegrityError("", {}, ValueError("no"))

    async def orders(self) -> int:
        async with self.reading() as session:
            return (await session.exec(select(func.count()).select_from(OrderRow))).one()


@pytest.fixture
async def unsteady(tmp_path: Path) -> AsyncIterator[Unsteady]:
    opened = Unsteady(f"sqlite+aiosqlite:///{tmp_path / 'dunning.db'}")
    await upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def offline(unsteady: Unsteady) -> AsyncIterator[OfflineApi]:
    """The API with one seller; the transactions are counted from here on."""
    async with OfflineApi.opened(unsteady) as opened:
        assert (await opened.api.put("/v1/sellers/s-1", json=a_seller())).is_success
        unsteady.begun = 0
        yield opened


@pytest.fixture
def api(offline: OfflineApi) -> httpx.AsyncClient:
    return offline.api


def order(number: int) -> Document:
    return an_order(f"A-{number}", customer=ada(customer_id=f"c-{number}"))


def batch(count: int) -> bytes:
    return "".join(json.dumps(order(number)) + "\n" for number in range(count)).encode()


async def statuses(api: httpx.AsyncClient, content: bytes) -> list[int]:
    answers = [
        json.loads(line)
        for line in (await api.post(BATCH, content=content, headers=NDJSON)).text.split("\n")
        if line
    ]
    assert [answer["line"] for answer in answers] == sorted({answer["line"] for answer in answers})
    return [one["status"] for one in answers]


def away() -> OperationalError:
    return OperationalError("", {}, ConnectionError("away"))


async def test_a_database_that_goes_away_leaves_no_line_without_an_answer(
    api: httpx.AsyncClient, unsteady: Unsteady
) -> None:
    content = batch(250) + b"{\n" + batch(1)
    unsteady.fails = {transaction: away() for transaction in range(2, 100)}

    found = await statuses(api, content)

    assert found == [201] * 100 + [503] * 150 + [400] + [503]
    assert await unsteady.orders() == 100
    assert unsteady.begun == 3  # what is away is not asked again and again

    unsteady.fails = {}
    assert Counter(await statuses(api, content)) == {200: 101, 201: 150, 400: 1}
    assert await unsteady.orders() == 250


async def test_a_connection_that_was_cut_costs_no_line(
    api: httpx.AsyncClient, unsteady: Unsteady
) -> None:
    unsteady.fails = {2: away()}
    assert await statuses(api, batch(250)) == [201] * 250


async def test_a_line_that_the_database_does_not_take_spoils_no_neighbor(
    api: httpx.AsyncClient, unsteady: Unsteady
) -> None:
    unsteady.does_not_take = "A-1"

    assert await statuses(api, batch(4)) == [201, 500, 201, 201]
    assert await unsteady.orders() == 3


async def test_the_cases_of_a_batch_wait_in_the_books_until_temporal_hears_of_them(
    api: httpx.AsyncClient, unsteady: Unsteady
) -> None:
    await statuses(api, batch(3))

    async with unsteady.reading() as session:
        assert await count_unsent(session) == (3, NOW)
        assert [seller.seller_id for seller in await sellers_to_ask(session)] == ["s-1"]


# --- over a real connection -------------------------------------------------------------------


@asynccontextmanager
async def served(offline: OfflineApi) -> AsyncIterator[str]:
    """The API on a port of its own."""
    bound = bind(0, setting="DUNNING_API_PORT")
    bound.listen()
    config = uvicorn.Config(
        offline.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield address_of(bound)
    finally:
        server.should_exit = True
        await serving


async def connected(
    address: str, *, limit: int = 2**16
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which little is on its way at a time."""
    host, _, port = address.removeprefix("http://").partition(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**16)
    narrow.connect((host, int(port)))
    return await asyncio.open_connection(sock=narrow, limit=limit)


async def test_a_caller_may_send_all_before_it_reads_any_answer(
    api: httpx.AsyncClient, offline: OfflineApi
) -> None:
    """In both directions more than the network holds between the two."""
    lines = 3_000
    wrong = json.dumps({f"surplus_{number}": 1 for number in range(60)}).encode()
    body = (wrong + b" " * 3_000 + b"\n") * lines
    head = (
        f"POST {BATCH} HTTP/1.1\r\nHost: dunning\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {api.headers['Authorization']}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    async with served(offline) as address, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await connected(address, limit=1_000)
        writer.write(head.encode() + body)
        await writer.drain()
        answer = await reader.read(-1)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200")
    answer = re.sub(rb"\r\n[0-9a-f]+\r\n", b"", answer)  # where it was cut on its way
    assert answer.count(b'"status": 422') == lines
    assert f'"line": {lines},'.encode() in answer


async def test_a_caller_that_asks_for_leave_to_send_gets_it(
    api: httpx.AsyncClient, offline: OfflineApi
) -> None:
    body = batch(1)
    head = (
        f"POST {BATCH} HTTP/1.1\r\nHost: dunning\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {api.headers['Authorization']}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    async with served(offline) as address, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await connected(address)
        writer.write(head.encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        answer = await reader.read(-1)
        writer.close()

    assert b'"status": 201' in answer


async def test_what_a_caller_has_sent_before_it_hangs_up_is_opened(
    api: httpx.AsyncClient, offline: OfflineApi, unsteady: Unsteady
) -> None:
    head = (
        f"POST {BATCH} HTTP/1.1\r\nHost: dunning\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {api.headers['Authorization']}\r\nContent-Length: 1000000\r\n\r\n"
    )
    async with served(offline) as address, asyncio.timeout(PATIENCE_SECONDS):
        _, writer = await connected(address)
        writer.write(head.encode() + batch(3) + b'{"seller_id": ')
        await writer.drain()
        while await unsteady.orders() < 3:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        writer.close()
    assert await unsteady.orders() == 3
