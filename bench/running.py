"""How soon `dunning up` is ready, and how fast the running system takes orders."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import httpx

from bench.figures import percentile, show
from bench.orders import ORDERS, batch, order

_DUNNING: Final = Path(sys.executable).parent / "dunning"
_PARTS: Final = ("API", "TEMPORAL", "TEMPORAL_UI", "SMTP", "MAIL_PAGE", "PARTNER", "METRICS")
_CALLERS: Final = 20
_ORDERS_OF_A_CALLER: Final = 25
_SELLERS: Final = 20


@dataclass(frozen=True)
class Running:
    """A running `dunning up`, and what it says about itself."""

    said: str
    seconds: float
    folder: Path

    @property
    def mails(self) -> Path:
        return self.folder / "mails"

    @property
    def api(self) -> str:
        return self._found(r"API=(\S+)/v1")

    @property
    def key(self) -> str:
        return self._found(r"KEY=(\S+)")

    def client(self) -> httpx.AsyncClient:
        """A backend, which may do everything."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.api, headers=headers, timeout=300)

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        if found is None:
            raise ValueError(f"`dunning up` did not say {pattern}: {self.said}")
        return found[1]


@asynccontextmanager
async def everything() -> AsyncIterator[Running]:
    """The whole system in a folder of its own, on any free ports."""
    with TemporaryDirectory(prefix="dunning-bench-") as folder:
        began = perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(_DUNNING, "up", "--data", folder),
            cwd=folder,
            env=os.environ | {f"DUNNING_{part}_PORT": "0" for part in _PARTS},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        said, seconds = "", 0.0
        while "KEY=" not in said and (line := (await process.stdout.readline()).decode()):
            seconds = seconds or perf_counter() - began
            said += line
        try:
            yield Running(said, seconds, Path(folder))
        finally:
            process.send_signal(signal.SIGINT)
            await process.communicate()


async def main() -> None:
    async with everything() as running:
        show("dunning up, until it is ready", f"{running.seconds:.1f} s")
        async with running.client() as api:
            for number in range(_SELLERS):
                profile = {"company_name": "Kurse GmbH", "email": "shop@example.org"}
                (await api.put(f"/v1/sellers/s-{number}", json=profile)).raise_for_status()
            await _one_by_one(api)
            await batch(api, "POST /v1/orders/batch, the system running", 201)


async def _one_by_one(api: httpx.AsyncClient) -> None:
    """From many callers at once, each of which sends its next order when one is answered."""
    times: list[float] = []

    async def caller(first: int) -> None:
        for number in range(first, first + _ORDERS_OF_A_CALLER):
            began = perf_counter()
            answer = await api.post("/v1/orders", json=order(number))
            times.append(perf_counter() - began)
            answer.raise_for_status()

    began = perf_counter()
    await asyncio.gather(
        *(caller(ORDERS + number * _ORDERS_OF_A_CALLER) for number in range(_CALLERS))
    )
    took = perf_counter() - began
    show(f"POST /v1/orders, {_CALLERS} callers, p95", f"{percentile(times, 95) * 1000:.0f} ms")
    show(f"POST /v1/orders, {_CALLERS} callers", f"{len(times) / took:.0f} orders/s")


if __name__ == "__main__":
    asyncio.run(main())
