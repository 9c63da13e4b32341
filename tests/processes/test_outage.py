"""Temporal is away. Calls are answered as ever; when it is back, every case goes on by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import Client, ScheduleHandle, WorkflowExecutionStatus
from temporalio.service import RPCError

from bench.databases import Databases
from starter.delivery.client import workflow_id_of
from starter.delivery.summary_schedules import summary_schedule_id_of
from tests.bodies import a_payment, a_seller
from tests.patience import eventually
from tests.processes.deployment import Deployment, answers, opened_deployment, order


@pytest.fixture(scope="module")
async def deployment(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> AsyncIterator[Deployment]:
    """The API and a worker that run, and have had a Temporal server that is away now."""
    async with opened_deployment(tmp_path_factory.mktemp("outage"), databases) as opened:
        opened.environment["DUNNING_SWEEP_SECONDS"] = "2"
        await opened.prepare()
        async with opened.temporal():
            await opened.start("api")
            await opened.start("worker")
            await eventually(lambda: answers(opened.api))
            await eventually(lambda: _ready(opened))
        yield opened


async def test_what_is_decided_while_temporal_is_away_reaches_its_cases_when_it_is_back(
    deployment: Deployment,
) -> None:
    kept = ("--db-filename", str(deployment.folder / "temporal.db"))
    async with deployment.temporal(*kept):
        await _put(deployment, "s-1")
        known = [await _opened(deployment, f"A-{number}") for number in range(1, 5)]
        for case_id in known:
            await eventually(partial(_has, deployment, case_id, "notice.sent"))
    to_pay, to_cancel, to_stop, to_hold = known

    assert (await deployment.api.get("/readyz")).status_code == 503
    born_away = await _opened(deployment, "A-5")
    paid_away = await _opened(deployment, "A-6")
    for number, order_id in enumerate(("A-1", "A-6")):
        paid = await deployment.api.post("/v1/payments", json=_payment(f"p-{number}", order_id))
        assert paid.status_code == 201
    canceled = await deployment.api.post("/v1/orders/s-1/A-2/cancel")
    assert canceled.status_code == 200
    stopped = await deployment.api.post(f"/v1/cases/{to_stop}/stop")
    assert (stopped.status_code, stopped.json()["stage"]) == (200, "stopped")
    held = await deployment.api.post(f"/v1/cases/{to_hold}/hold", json=_until_next_month())
    assert (held.status_code, held.json()["stage"]) == (200, "on_hold")
    refused = await deployment.api.post(f"/v1/cases/{to_hold}/escalate")
    assert (refused.status_code, refused.json()["reason"]) == (409, "final_notice_not_sent")
    ended = {to_pay: "paid", paid_away: "paid", to_cancel: "canceled"}
    waiting = {to_stop: "stopped", to_hold: "on_hold"}
    for case_id, stage in (ended | waiting).items():
        assert (await _case(deployment, case_id))["stage"] == stage

    async with deployment.temporal(*kept) as temporal:
        for case_id, stage in ended.items():
            await eventually(partial(_has_ended, temporal, case_id, stage))
        for case_id, stage in waiting.items():
            await eventually(partial(_waits, temporal, case_id, stage))
        await eventually(lambda: _has(deployment, born_away, "notice.sent"))
        await eventually(lambda: _none_is_unsent(deployment))

    told = [mail for mail in deployment.mails() if "invoice_notice" in mail]
    assert len(told) == len(set(told))
    assert {case_id for case_id in known if any(case_id in mail for mail in told)} == set(known)
    assert not any(paid_away in mail for mail in told)


async def test_r28_cases_of_which_temporal_has_lost_its_database_are_started_again(
    deployment: Deployment,
) -> None:
    async with deployment.temporal():
        await _put(deployment, "s-2")
        case_id = await _opened(deployment, "B-1", seller_id="s-2")
        await eventually(lambda: _has(deployment, case_id, "notice.sent"))

    async with deployment.temporal() as temporal:
        await eventually(lambda: _runs(temporal, case_id))
        await eventually(lambda: _waits(temporal, case_id, "scheduled"))
        assert (await deployment.api.post(f"/v1/cases/{case_id}/stop")).status_code == 200
        await eventually(lambda: _waits(temporal, case_id, "stopped"))

    assert len(deployment.mails()) == len(set(deployment.mails()))


async def test_r24_a_schedule_follows_the_settings_also_after_an_outage(
    deployment: Deployment,
) -> None:
    await _put(deployment, "s-3", time_zone="Europe/Berlin")
    await _set(deployment, "s-3", debt_summary="weekly")  # Temporal is away

    async with deployment.temporal() as temporal:
        schedule = temporal.get_schedule_handle(summary_schedule_id_of("s-3"))
        await eventually(lambda: _zone_is(schedule, "Europe/Berlin"))

        await _put(deployment, "s-3", time_zone="America/Santiago")
        await eventually(lambda: _zone_is(schedule, "America/Santiago"))
        await schedule.trigger()
        await eventually(lambda: _summaries_were_looked_for(temporal))
        await _set(deployment, "s-3", debt_summary="off")
        await eventually(lambda: _zone_is(schedule, None))


async def _put(deployment: Deployment, seller_id: str, time_zone: str = "UTC") -> None:
    profile = a_seller(time_zone=time_zone)
    (await deployment.api.put(f"/v1/sellers/{seller_id}", json=profile)).raise_for_status()


async def _set(deployment: Deployment, seller_id: str, **settings: str) -> None:
    answer = await deployment.api.patch(f"/v1/sellers/{seller_id}/settings", json=settings)
    answer.raise_for_status()


async def _zone_is(schedule: ScheduleHandle, time_zone: str | None) -> bool:
    try:
        known = await schedule.describe()
    except RPCError:  # there is none
        return time_zone is None
    return known.schedule.spec.time_zone_name == time_zone


async def _summaries_were_looked_for(temporal: Client) -> bool:
    query = "WorkflowType = 'DebtSummaries' AND ExecutionStatus = 'Completed'"
    return (await temporal.count_workflows(query)).count > 0


async def _none_is_unsent(deployment: Deployment) -> bool:
    return "dunning_cases_untold 0.0" in (await deployment.api.get("/metrics")).text


async def _opened(deployment: Deployment, order_id: str, *, seller_id: str = "s-1") -> str:
    body = order(order_id) | {"seller_id": seller_id}
    answer = await deployment.api.post("/v1/orders", json=body)
    assert answer.status_code == 201
    case_id: str = answer.json()["cases"][0]["case_id"]
    return case_id


def _until_next_month() -> dict[str, str]:
    last_day = datetime.now(UTC).date() + timedelta(days=30)
    return {"until": last_day.isoformat(), "reason": "a promise to pay"}


def _payment(payment_id: str, order_id: str) -> dict[str, Any]:
    return a_payment(order_id=order_id, payment_id=payment_id)


async def _has_ended(temporal: Client, case_id: str, stage: str) -> bool:
    """The workflow of a case has heard of its end."""
    handle = temporal.get_workflow_handle(workflow_id_of(case_id))
    try:
        described = await handle.describe()
    except RPCError:  # it has not heard of the case at all
        return False
    is_over = described.status is WorkflowExecutionStatus.COMPLETED
    return is_over and bool(await handle.result() == stage)


async def _runs(temporal: Client, case_id: str) -> bool:
    try:
        described = await temporal.get_workflow_handle(workflow_id_of(case_id)).describe()
    except RPCError:
        return False
    return described.status is WorkflowExecutionStatus.RUNNING


async def _waits(temporal: Client, case_id: str, stage: str) -> bool:
    """The workflow of a case goes by a plan of this stage."""
    plan = await temporal.get_workflow_handle(workflow_id_of(case_id)).query("plan")
    return bool(plan["stage"] == stage)


async def _ready(deployment: Deployment) -> bool:
    return (await deployment.api.get("/readyz")).is_success


async def _case(deployment: Deployment, case_id: str) -> dict[str, Any]:
    document: dict[str, Any] = (await deployment.api.get(f"/v1/cases/{case_id}")).json()
    return document


async def _has(deployment: Deployment, case_id: str, event: str) -> bool:
    history = (await _case(deployment, case_id))["history"]
    return any(entry["event"] == event for entry in history)
