"""Temporal is away: orders and payments are taken, and when it is back every case is right."""

from __future__ import annotations

from typing import Any

from temporalio.client import Client

from runtime.embedded import embedded_server
from runtime.ports import free_port
from starter.schedules import LEFTOVERS
from tests.processes.site import Site, answers, eventually, order
from workflows.search import SEARCH_ATTRIBUTES


async def test_facts_taken_while_temporal_is_away_reach_their_cases_when_it_is_back(
    site: Site,
) -> None:
    port = free_port()
    site.environment["TEMPORAL_ADDRESS"] = f"127.0.0.1:{port}"
    kept = ("--db-filename", str(site.folder / "temporal.db"))
    await site.prepare()
    async with embedded_server(SEARCH_ATTRIBUTES, *kept, port=port):
        await site.start("api")
        await site.start("worker")
        await eventually(lambda: answers(site))
        profile = {"company_name": "Kurse GmbH", "email": "seller@example.org"}
        (await site.api.put("/v1/sellers/s-1", json=profile)).raise_for_status()
        running = await _opened(site, "A-1")
        to_cancel = await _opened(site, "A-2")
        await eventually(lambda: _has(site, running, "notice.sent"))
        await eventually(lambda: _has(site, to_cancel, "notice.sent"))

    assert (await site.api.get("/readyz")).status_code == 503
    born_away = await _opened(site, "A-3")
    paid_away = await _opened(site, "A-4")
    for number, order_id in enumerate(("A-1", "A-4")):
        paid = await site.api.post("/v1/payments", json=_payment(f"p-{number}", order_id))
        assert paid.status_code == 201
    canceled = await site.api.post("/v1/orders/s-1/A-2/cancel")
    assert canceled.status_code == 200
    assert (await site.api.post(f"/v1/cases/{running}/stop")).status_code == 503

    async with embedded_server(SEARCH_ATTRIBUTES, *kept, port=port) as temporal:
        await eventually(lambda: _ready(site))
        await _sweep(temporal)
        await eventually(lambda: _stands(site, running, "paid"))
        await eventually(lambda: _stands(site, to_cancel, "canceled"))
        await eventually(lambda: _stands(site, paid_away, "paid"))
        await eventually(lambda: _has(site, born_away, "notice.sent"))
        metrics = (await site.api.get("/metrics")).text
        assert "dunning_deliveries_waiting 0.0" in metrics
        await site.end()

    told = [mail for mail in site.mails() if "invoice_notice" in mail]
    assert len(told) == len(set(told))
    assert not any(paid_away in mail for mail in told)


async def _opened(site: Site, order_id: str) -> str:
    answer = await site.api.post("/v1/orders", json=order(order_id))
    assert answer.status_code == 201
    case_id: str = answer.json()["cases"][0]["case_id"]
    return case_id


def _payment(payment_id: str, order_id: str) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "seller_id": "s-1",
        "order_id": order_id,
        "amount": "119.00",
        "currency": "EUR",
        "paid_at": "2026-03-02T10:00:00+01:00",
    }


async def _sweep(temporal: Client) -> None:
    """What the Schedule does every half minute, now: it has waited for its grace."""

    async def swept() -> bool:
        await temporal.get_schedule_handle(LEFTOVERS).trigger()
        return True

    await eventually(swept)


async def _ready(site: Site) -> bool:
    return (await site.api.get("/readyz")).is_success


async def _case(site: Site, case_id: str) -> dict[str, Any]:
    document: dict[str, Any] = (await site.api.get(f"/v1/cases/{case_id}")).json()
    return document


async def _has(site: Site, case_id: str, event: str) -> bool:
    history = (await _case(site, case_id))["history"]
    return any(entry["event"] == event for entry in history)


async def _stands(site: Site, case_id: str, stage: str) -> bool:
    return bool((await _case(site, case_id))["stage"] == stage)
