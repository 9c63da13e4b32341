"""A worker that is killed between the partner's answer and the record: there is one claim."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.clock import SystemClock
from runtime.ports import address_of, bind
from sandbox.partner import create_partner_app
from tests.bodies import a_seller, an_address
from tests.patience import PATIENCE_SECONDS, eventually
from tests.processes.deployment import Deployment, answers, order

KEY = {"XApiKey": "sandbox"}


def _unanswered_once(app: ASGIApp, instead: Callable[[], Awaitable[object]]) -> ASGIApp:
    """The partner, which takes its first claim and then does something instead of answering."""
    waiting = [instead]

    async def keep_back(_: Message) -> None:
        """An answer that nobody hears."""

    async def partner(scope: Scope, receive: Receive, send: Send) -> None:
        creates = scope.get("method") == "POST" and scope["path"].endswith("/cases")
        await app(scope, receive, keep_back if creates and waiting else send)
        if creates and waiting:
            await waiting.pop()()

    return partner


@asynccontextmanager
async def _served(app: ASGIApp) -> AsyncIterator[str]:
    bound = bind(0, setting="DUNNING_PARTNER_PORT")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield address_of(bound)
    finally:
        server.should_exit = True
        await serving


async def test_r16_a_worker_killed_after_the_partners_answer_makes_one_claim(
    deployment: Deployment, tmp_path: Path
) -> None:
    killed = asyncio.Event()

    async def kill() -> None:
        worker.kill()
        await worker.wait()
        killed.set()

    sandbox = create_partner_app(
        api_key="sandbox", claims_file=tmp_path / "claims.jsonl", clock=SystemClock().now
    )
    async with (
        deployment.temporal(),
        _served(_unanswered_once(sandbox, kill)) as address,
    ):
        deployment.environment["DUNNING_PARTNER_URL"] = address
        await deployment.prepare()
        await deployment.start("api")
        worker = await deployment.start("worker")
        await eventually(lambda: answers(deployment.api))
        case_id = await _case_with_final_notice(deployment)
        assert (await deployment.ask(f"/v1/cases/{case_id}/escalate")).status_code == 200
        async with asyncio.timeout(PATIENCE_SECONDS):
            await killed.wait()
        assert "claim.submitted" not in await _events(deployment, case_id)
        # R17: it may be at the partner, and that stands in SQL: it takes no worker to say so.
        stop = await deployment.ask(f"/v1/cases/{case_id}/stop")
        assert (stop.status_code, stop.json()["reason"]) == (409, "handoff_begun")

        # It takes the attempt up when nothing more is heard of the worker that was killed.
        await deployment.start("worker")

        async def is_recorded() -> bool:
            return "claim.submitted" in await _events(deployment, case_id)

        await eventually(is_recorded)
        assert (await _events(deployment, case_id)).count("claim.submitted") == 1
        reference = (await _case(deployment, case_id))["claim"]["reference"]
        async with httpx.AsyncClient(base_url=address, headers=KEY) as http:
            claims = (await http.get("/cases")).json()
        assert claims["page"]["totalResults"] == 1
        assert claims["cases"][0]["creditorReference"] == reference


async def _case_with_final_notice(deployment: Deployment) -> str:
    """An order that somebody else has reminded of, for which the agency would be next."""
    seller = a_seller(time_zone="UTC", address=an_address())
    (await deployment.api.put("/v1/sellers/s-1", json=seller)).raise_for_status()
    settings = {"dunning_option": "court", "auto_handoff": False}
    (await deployment.api.patch("/v1/sellers/s-1/settings", json=settings)).raise_for_status()
    today = datetime.now(UTC).date()
    ago = {"payment_reminder": 40, "first_notice": 35, "final_notice": 25}
    body = order("A-1") | {
        "invoice_date": (today - timedelta(days=45)).isoformat(),
        "notices_sent": [
            {"kind": kind, "sent_on": (today - timedelta(days=days)).isoformat()}
            for kind, days in ago.items()
        ],
    }
    body["customer"] |= {"first_name": "Ada", "language": "de", "address": an_address()}
    opened = await deployment.api.post("/v1/orders", json=body)
    opened.raise_for_status()
    case_id: str = opened.json()["cases"][0]["case_id"]

    async def can_be_escalated() -> bool:
        return "escalate" in (await _case(deployment, case_id))["actions"]

    await eventually(can_be_escalated)
    return case_id


async def _case(deployment: Deployment, case_id: str) -> dict[str, Any]:
    case: dict[str, Any] = (await deployment.api.get(f"/v1/cases/{case_id}")).json()
    return case


async def _events(deployment: Deployment, case_id: str) -> list[str]:
    return [event["event"] for event in (await _case(deployment, case_id))["history"]]
