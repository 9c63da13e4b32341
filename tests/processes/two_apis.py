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
from tests.patience import PATIENCE_SECONDS, eventually
from tests.processes.deployment import Deployment, answers, known_answer


@dataclass
class TwoApis:
    """The processes, and a client of each API."""

    deployment: Deployment
    clients: tuple[httpx.AsyncClient, httpx.AsyncClient]

    async def both(self, method: str, path: str, body: Any = None) -> list[httpx.Response]:
        """The same call of both at once, each with its own key; neither is an error."""
        json_body = {} if body is None else {"json": body}
        found = await asyncio.gather(
            *(
                known_answer(
                    api, method, path, headers={"Idempotency-Key": f"{path} {number}"}, **json_body
                )
                for number, api in enumerate(self.clients)
            )
        )
        for answer in found:
            assert answer.status_code < 500, answer.text
        return found

    async def case(self, case_id: str) -> dict[str, Any]:
        document: dict[str, Any] = (await self.clients[0].get(f"/v1/cases/{case_id}")).json()
        return document


@asynccontextmanager
async def started_apis(deployment: Deployment, *, workers: int) -> AsyncIterator[TwoApis]:
    """All of them, and a seller; at the end none of them may have died."""
    await deployment.prepare()
    await deployment.start("api")
    port = free_port()
    await deployment.start("api", "--api-port", str(port))
    for _ in range(workers):
        await deployment.start("worker")
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}",
        headers=deployment.api.headers,
        timeout=PATIENCE_SECONDS,
    ) as second:
        opened = TwoApis(deployment, (deployment.api, second))
        await eventually(lambda: answers(deployment.api))
        await eventually(lambda: answers(second))
        profile = a_seller(time_zone="UTC")
        await opened.both("PUT", "/v1/sellers/s-1", profile)
        yield opened
        assert all(process.returncode is None for process in deployment.processes)
        await deployment.end()
