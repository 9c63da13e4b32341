"""How soon an order's invoice notice leaves: alone, under a burst, beside another's import."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx

from bench.figures import percentile, show
from bench.mailbox import Mailbox
from bench.orders import order
from bench.running import everything
from runtime.clock import SystemClock

_RATES: Final = (5, 15)
_SECONDS: Final = 20
_EVENTS_A_MINUTE: Final = 1_000
_EVENTS_OF_A_CANCELLATION: Final = 3
_IMPORTED: Final = 8_000
_PAUSE_SECONDS: Final = 5
_NDJSON: Final = {"Content-Type": "application/x-ndjson"}
_NO_CONTENT: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Placed:
    """When each case's order was sent to the API."""

    at: dict[str, datetime] = field(default_factory=dict)

    async def place(self, api: httpx.AsyncClient, body: dict[str, Any]) -> None:
        at = SystemClock().now()
        answer = await api.post("/v1/orders", json=body)
        answer.raise_for_status()
        self.at[answer.json()["cases"][0]["case_id"]] = at

    async def seconds(self, mailbox: Mailbox) -> list[float]:
        """From each order to its invoice notice."""
        arrived = await mailbox.arrivals(self.at.keys())
        missing = len(self.at) - len(arrived)
        if missing:
            show("never arrived", str(missing))
        return [(arrived[case] - self.at[case]).total_seconds() for case in arrived]


async def main() -> None:
    numbers = iter(range(1_000_000, 2_000_000))
    async with everything() as running, running.client() as api:
        mailbox = Mailbox(running.mails)
        await _sellers(api)
        for rate in _RATES:
            placed = await _steadily(api, numbers, rate=rate, seconds=_SECONDS)
            _show(f"order to invoice notice, {rate} orders/s", await placed.seconds(mailbox))
        await _burst(api, mailbox, numbers)
        await _beside_an_import(api, mailbox, numbers)


async def _sellers(api: httpx.AsyncClient) -> None:
    for number in range(20):
        profile = {"company_name": "Kurse GmbH", "email": "shop@example.org", "time_zone": "UTC"}
        (await api.put(f"/v1/sellers/s-{number}", json=profile)).raise_for_status()
        settings = {"auto_handoff": True}
        answer = await api.patch(f"/v1/sellers/s-{number}/settings", json=settings)
        answer.raise_for_status()


async def _steadily(
    api: httpx.AsyncClient, numbers: Iterator[int], *, rate: float, seconds: float
) -> Placed:
    """Orders at a steady rate, whether the ones before are answered or not."""
    placed, calls, clock = Placed(), [], asyncio.get_running_loop()
    began = clock.time()
    for turn in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + turn / rate - clock.time()))
        calls.append(asyncio.create_task(placed.place(api, _order(numbers))))
    await asyncio.gather(*calls)
    return placed


async def _burst(api: httpx.AsyncClient, mailbox: Mailbox, numbers: Iterator[int]) -> None:
    """A thousand events in a minute for one endpoint, beside a quiet seller's orders."""
    rate, seconds = _RATES[0], 60
    first = await _cancellations(api, numbers)
    quiet, _ = await asyncio.gather(
        _steadily(api, numbers, rate=rate, seconds=seconds), _canceled(api, first, seconds)
    )
    _show("orders beside a burst, no endpoint", await quiet.seconds(mailbox))
    second = await _cancellations(api, numbers)
    async with _endpoint(api) as heard:
        told, _ = await asyncio.gather(
            _steadily(api, numbers, rate=rate, seconds=seconds), _canceled(api, second, seconds)
        )
        ended = SystemClock().now()
        _show("orders beside a burst, one endpoint", await told.seconds(mailbox))
        expected = len(second) * _EVENTS_OF_A_CANCELLATION
        before = -1
        while len(heard) < expected and len(heard) != before:
            before = len(heard)
            await asyncio.sleep(6 * _PAUSE_SECONDS)
        show("events of the burst that were told", f"{len(heard)} of {expected}")
        last = max(heard, default=ended)
        show("the last of them, after the burst", f"{(last - ended).total_seconds():.1f} s")


async def _cancellations(api: httpx.AsyncClient, numbers: Iterator[int]) -> list[str]:
    """Paths that cancel one order each, whose cases begin long before."""
    orders = [_order(numbers) for _ in range(_EVENTS_A_MINUTE // _EVENTS_OF_A_CANCELLATION)]
    content = "\n".join(map(json.dumps, orders))
    answer = await api.post("/v1/orders/batch", content=content, headers=_NDJSON)
    cases = [json.loads(line)["cases"][0]["case_id"] for line in answer.text.splitlines()]
    await _has_begun(api, cases[-1])
    return [f"/v1/orders/{one['seller_id']}/{one['order_id']}/cancel" for one in orders]


async def _has_begun(api: httpx.AsyncClient, case_id: str) -> None:
    """Wait until the invoice notice of the last of many orders was sent."""
    while True:
        history = (await api.get(f"/v1/cases/{case_id}")).json()["history"]
        if any(entry["event"] == "notice.sent" for entry in history):
            return
        await asyncio.sleep(_PAUSE_SECONDS)


async def _canceled(api: httpx.AsyncClient, paths: list[str], seconds: float) -> None:
    """Orders canceled one after the other, at a steady rate."""
    clock, calls = asyncio.get_running_loop(), []
    began = clock.time()
    for turn, path in enumerate(paths):
        await asyncio.sleep(max(0.0, began + turn * seconds / len(paths) - clock.time()))
        calls.append(asyncio.create_task(api.post(path)))
    for answer in await asyncio.gather(*calls):
        answer.raise_for_status()


@asynccontextmanager
async def _endpoint(api: httpx.AsyncClient) -> AsyncIterator[list[datetime]]:
    """A backend that takes all webhooks; when each of them arrived."""
    heard: list[datetime] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.split("content-length: ")[1].split("\r\n")[0])
                await reader.readexactly(length)
                heard.append(SystemClock().now())
                writer.write(_NO_CONTENT)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/told"
        answer = await api.post("/v1/webhook_endpoints", json={"url": url})
        answer.raise_for_status()
        yield heard
        path = f"/v1/webhook_endpoints/{answer.json()['id']}"
        (await api.delete(path)).raise_for_status()


async def _beside_an_import(
    api: httpx.AsyncClient, mailbox: Mailbox, numbers: Iterator[int]
) -> None:
    """One seller's thousands of orders at once; another's come one at a time."""
    lines = (_order(numbers) | {"seller_id": "s-1"} for _ in range(_IMPORTED))
    content = "\n".join(map(json.dumps, lines))
    imported = asyncio.create_task(api.post("/v1/orders/batch", content=content, headers=_NDJSON))
    placed = Placed()
    for _ in range(24):
        await placed.place(api, _order(numbers) | {"seller_id": "s-2"})
        await asyncio.sleep(_PAUSE_SECONDS)
    (await imported).raise_for_status()
    _show("beside another's import of 8,000", await placed.seconds(mailbox))


def _order(numbers: Iterator[int]) -> dict[str, Any]:
    """An order of today, whose invoice notice is sent at once, at any hour."""
    return order(next(numbers)) | {"invoice_date": SystemClock().now().date().isoformat()}


def _show(what: str, seconds: list[float]) -> None:
    middle, high = percentile(seconds, 50), percentile(seconds, 95)
    show(what, f"p50 {middle * 1000:.0f} ms, p95 {high * 1000:.0f} ms, max {max(seconds):.2f} s")


if __name__ == "__main__":
    asyncio.run(main())
