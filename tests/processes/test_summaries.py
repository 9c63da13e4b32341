"""R24 in processes: what is set is in Temporal at once, or after an outage with the next sweep."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.service import RPCError

from runtime.embedded import embedded_server
from runtime.ports import free_port
from starter.delivery.schedules import SWEEP
from starter.delivery.summary_schedules import summary_schedule_id_of
from tests.processes.site import Site, answers, eventually
from workflows.search import SEARCH_ATTRIBUTES


async def test_r24_a_schedule_follows_the_settings_also_after_an_outage(site: Site) -> None:
    port = free_port()
    site.environment["TEMPORAL_ADDRESS"] = f"127.0.0.1:{port}"
    await site.prepare()
    await site.start("api")
    await eventually(lambda: answers(site))
    await _put(site, "Europe/Berlin")
    await _set(site, debt_summary="weekly")  # Temporal is away

    async with embedded_server(SEARCH_ATTRIBUTES, port=port) as temporal:
        await site.start("worker")
        await eventually(lambda: _runs(temporal))
        await temporal.get_schedule_handle(SWEEP).trigger()
        await eventually(lambda: _zone_is(temporal, "Europe/Berlin"))

        await _put(site, "America/Santiago")
        await eventually(lambda: _zone_is(temporal, "America/Santiago"))
        await temporal.get_schedule_handle(summary_schedule_id_of("s-1")).trigger()
        await eventually(lambda: _has_looked(temporal))
        await _set(site, debt_summary="off")
        await eventually(lambda: _zone_is(temporal, None))
        await site.end()


async def _put(site: Site, time_zone: str) -> None:
    profile = {"company_name": "Kurse GmbH", "email": "seller@example.org", "time_zone": time_zone}
    (await site.api.put("/v1/sellers/s-1", json=profile)).raise_for_status()


async def _set(site: Site, **settings: str) -> None:
    answer = await site.api.patch("/v1/sellers/s-1/settings", json=settings)
    answer.raise_for_status()


async def _runs(temporal: Client) -> bool:
    try:
        await temporal.get_schedule_handle(SWEEP).describe()
    except RPCError:
        return False
    return True


async def _zone_is(temporal: Client, time_zone: str | None) -> bool:
    try:
        known = await temporal.get_schedule_handle(summary_schedule_id_of("s-1")).describe()
    except RPCError:
        return time_zone is None
    return known.schedule.spec.time_zone_name == time_zone


async def _has_looked(temporal: Client) -> bool:
    query = "WorkflowType = 'DebtSummaries' AND ExecutionStatus = 'Completed'"
    return (await temporal.count_workflows(query)).count > 0
