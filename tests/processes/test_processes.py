"""Worker and API as processes of their own: killed, started again, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.processes.site import Site, answers, eventually, order


async def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(site: Site) -> None:
    await site.prepare()
    await site.start("api")
    worker = await site.start("worker")
    await eventually(lambda: answers(site))
    profile = {"company_name": "Kurse GmbH", "email": "seller@example.org"}
    (await site.api.put("/v1/sellers/s-1", json=profile)).raise_for_status()
    first = (await site.api.post("/v1/orders", json=order("A-1"))).json()["cases"][0]["case_id"]

    # Killed between the mail server's answer and the commit, a notice may go out again (R16).
    await eventually(lambda: _notice_is_recorded(site, first))
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    opened = await site.api.post("/v1/orders", json=order("A-2"))
    second = opened.json()["cases"][0]["case_id"]
    assert opened.status_code == 201

    await site.start("worker")

    await eventually(lambda: _notice_is_recorded(site, second))
    stopped = await site.ask(f"/v1/cases/{first}/stop")
    assert (stopped.status_code, stopped.json()["stage"]) == (200, "stopped")
    notices = [mail for mail in site.mails() if "invoice_notice" in mail]
    assert notices == sorted(
        f"<{case_id}.1.invoice_notice@example.com>" for case_id in (first, second)
    )


async def test_a_worker_that_is_told_to_stop_ends_well(site: Site) -> None:
    await site.run("db", "upgrade")
    worker = await site.start("worker")
    await eventually(lambda: _listens(worker))

    worker.send_signal(signal.SIGTERM)

    assert await worker.wait() == 0


async def _notice_is_recorded(site: Site, case_id: str) -> bool:
    case = (await site.api.get(f"/v1/cases/{case_id}")).json()
    return any(event["event"] == "notice.sent" for event in case["history"])


async def _listens(worker: asyncio.subprocess.Process) -> bool:
    """The worker has put its signal handlers in place: Linux lists them as caught signals."""
    status = await asyncio.to_thread(Path(f"/proc/{worker.pid}/status").read_text)
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
