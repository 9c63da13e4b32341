"""Two API processes, and workers, on one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from runtime.ports import free_port
from tests.bodies import a_seller
from tests.patience import PATIENCE_SECONDS
from tests.processes.site import Site, answers, eventually, known_answer


@dataclass
class Fleet:
    """The processes, and a client of each API."""

    site: Site
    apis: tuple[httpx.AsyncClient, httpx.AsyncClient]

    async def both(self, method: str, path: str, body: Any = None) -> list[httpx.Response]:
        """The same call of both at once, each with its own key; neither is an error."""
        json_body = {} if body is None else {"json": body}
        found = await asyncio.gather(
            *(
                known_answer(
                    api, method, path, headers={"Idempotency-Key": f"{path} {number}"}, **json_body
                )
                for number, api in enumerate(self.apis)
            )
        )
        for answer in found:
            assert answer.status_code < 500, answer.text
        return found

    async def case(self, case_id: str) -> dict[str, Any]:
        document: dict[str, Any] = (await self.apis[0].get(f"/v1/cases/{case_id}")).json()
        return document


@asynccontextmanager
async def started_fleet(site: Site, *, workers: int) -> AsyncIterator[Fleet]:
    """All of them, and a seller; at the end none of them may have died."""
    await site.prepare()
    await site.start("api")
    port = free_port()
    await site.start("api", "--api-port", str(port))
    for _ in range(workers):
        await site.start("worker")
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=site.api.headers, timeout=PATIENCE_SECONDS
    ) as second:
        opened = Fleet(site, (site.api, second))
        await eventually(lambda: answers(site.api))
        await eventually(lambda: answers(second))
        profile = a_seller(time_zone="UTC")
        await opened.both("PUT", "/v1/sellers/s-1", profile)
        yield opened
        assert all(process.returncode is None for process in site.processes)
        await site.end()
