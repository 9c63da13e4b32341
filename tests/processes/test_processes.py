"""API and worker as processes of their own: killed, told to end, talking to the outside."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bench.databases import Databases
from tests.bodies import a_seller
from tests.images import SLOW_SVG, SVG, data_url
from tests.patience import eventually
from tests.processes.deployment import Deployment, answers, opened_deployment, order
from tests.webhook_receiver import receiving

PROFILE = a_seller(time_zone="UTC")


@pytest.fixture(scope="module")
async def deployment(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> AsyncIterator[Deployment]:
    """The API and one worker. A test that ends the worker starts another."""
    async with (
        opened_deployment(tmp_path_factory.mktemp("processes"), databases) as opened,
        opened.temporal(),
    ):
        await opened.prepare()
        await opened.start("api")
        await opened.start("worker")
        await eventually(lambda: answers(opened.api))
        yield opened


async def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(
    deployment: Deployment,
) -> None:
    first = await _opened(deployment, "s-1", "A-1")

    # Killed between the mail server's answer and the commit, a notice may go out again (R16).
    await eventually(lambda: _notice_is_recorded(deployment, first))
    worker = deployment.processes[-1]
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    second = await _opened(deployment, "s-1", "A-2")

    await deployment.start("worker")

    await eventually(lambda: _notice_is_recorded(deployment, second))
    stopped = await deployment.ask(f"/v1/cases/{first}/stop")
    assert (stopped.status_code, stopped.json()["stage"]) == (200, "stopped")
    notices = [mail for mail in deployment.mails() if "invoice_notice" in mail]
    notices = [mail for mail in notices if first in mail or second in mail]
    assert notices == sorted(
        f"<{case_id}.1.invoice_notice@example.com>" for case_id in (first, second)
    )


async def test_a_worker_that_is_told_to_stop_ends_well(deployment: Deployment) -> None:
    worker = deployment.processes[-1]
    await eventually(lambda: _listens(worker))

    worker.send_signal(signal.SIGTERM)

    assert await worker.wait() == 0
    await deployment.start("worker")


async def test_a_backend_is_told_what_happens(deployment: Deployment) -> None:
    async with receiving() as receiver:
        made = await deployment.api.post("/v1/webhook_endpoints", json={"url": receiver.url})
        case_id = await _opened(deployment, "s-2", "B-1")
        (await deployment.api.post(f"/v1/cases/{case_id}/stop")).raise_for_status()

        await receiver.wait_for(2)

        told = [one.verified(made.json()["secret"])["data"] for one in receiver.received]
        history = (await deployment.api.get(f"/v1/cases/{case_id}")).json()["history"]
        assert [event["event"] for event in told] == ["stage.changed", "case.closed"]
        assert all(event in history for event in told)

        path = f"/v1/webhook_endpoints/{made.json()['id']}"
        replayed = await deployment.api.post(f"{path}/replay")
        assert (replayed.status_code, replayed.json()) == (202, {"replayed": 2})
        await receiver.wait_for(4)
        assert receiver.ids()[2:] == receiver.ids()[:2]
        assert (await deployment.api.delete(path)).is_success


async def test_r25_a_logo_that_never_ends_holds_up_nobody(deployment: Deployment) -> None:
    for seller_id in ("s-3", "s-4"):
        assert (await deployment.api.put(f"/v1/sellers/{seller_id}", json=PROFILE)).is_success

    setting = asyncio.create_task(_set_logo(deployment.api, "s-3", SLOW_SVG))
    answered = 0
    while not setting.done():
        assert (await deployment.api.get("/healthz")).status_code == 200
        answered += 1

    assert answered > 1
    assert (await setting).status_code == 422
    drawn = await _set_logo(deployment.api, "s-4", SVG)
    assert drawn.json()["brand"]["logo"].startswith("data:image/png;base64,")


async def _opened(deployment: Deployment, seller_id: str, order_id: str) -> str:
    """The case of a new order of a seller."""
    (await deployment.api.put(f"/v1/sellers/{seller_id}", json=PROFILE)).raise_for_status()
    body = order(order_id) | {"seller_id": seller_id}
    opened = await deployment.api.post("/v1/orders", json=body)
    assert opened.status_code == 201
    case_id: str = opened.json()["cases"][0]["case_id"]
    return case_id


async def _set_logo(api: httpx.AsyncClient, seller_id: str, svg: bytes) -> httpx.Response:
    body = {"brand": {"logo": data_url("svg+xml", svg)}}
    return await api.patch(f"/v1/sellers/{seller_id}/settings", json=body)


async def _notice_is_recorded(deployment: Deployment, case_id: str) -> bool:
    case = (await deployment.api.get(f"/v1/cases/{case_id}")).json()
    return any(event["event"] == "notice.sent" for event in case["history"])


async def _listens(worker: asyncio.subprocess.Process) -> bool:
    """The worker has put its signal handlers in place: Linux lists them as caught signals."""
    status = await asyncio.to_thread(Path(f"/proc/{worker.pid}/status").read_text)
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
