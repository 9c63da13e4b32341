"""A process of the API that has lost Temporal, and the sweep that comes when it is back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import httpx
from sqlmodel import col, select
from temporalio.client import Client

from activities.sweep import SweepActivities
from adapters.partner.debitura import event_reader
from dunning.case.plan import Plan
from models.outbox import is_unsent_or_behind
from models.tables import CaseRow
from runtime.database import Database
from simulation.world import World
from starter.app import create_app
from starter.delivery.client import CaseClient, workflow_id_of
from starter.delivery.sender import PlanSender
from starter.services import Services
from tests.activity_runs import started
from tests.prepared_routes import prepared
from tests.starter.backend import Backend

_GRACE = timedelta(minutes=1)


def process(world: World, database: Database, temporal: Client) -> httpx.AsyncClient:
    """Another process of the API, on this database and this server."""
    cases = CaseClient(temporal, world.clock)
    services = Services(
        database=database,
        cases=cases,
        send_plans_soon=PlanSender(database, cases, world.clock).send_or_leave,
        clock=world.clock,
    )
    secret = world.partner.secret
    assert secret is not None
    app = prepared(create_app, services, read_partner_event=event_reader([secret]))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://dunning.localhost",
        headers={"Authorization": world.api.headers["Authorization"]},
    )


async def unsent(backend: Backend) -> list[CaseRow]:
    """The cases of a seller of which Temporal has still to hear something."""
    async with backend.world.database.reading() as session:
        query = select(CaseRow).where(CaseRow.seller_id == backend.seller_id, is_unsent_or_behind())
        return list(await session.exec(query.order_by(col(CaseRow.order_id))))


async def orders_unsent(backend: Backend) -> list[str]:
    return [row.order_id for row in await unsent(backend)]


async def sweep(backend: Backend, temporal: Client | None = None) -> int:
    """What the worker does about what is left over; how many cases Temporal had not heard of."""
    world = backend.world
    cases = CaseClient(temporal or world.temporal, world.clock)
    sender = PlanSender(world.database, cases, world.clock)
    activities = SweepActivities(
        send_unsent=sender.send_unsent,
        ask_sellers=sender.ask_sellers,
        revive=_nobody,
        renew_schedules=_none,
    )
    started_at = backend.now + _GRACE
    environment = started(started_at)
    with world.clock.at(started_at):
        count: int = await environment.run(activities.send_unsent)
    return count


async def plan_in_temporal(backend: Backend, order_id: str = "A-1") -> Plan:
    """What the workflow of a case goes by, also after it has ended."""
    workflow_id = workflow_id_of(backend.case_id(order_id))
    handle = backend.world.temporal.get_workflow_handle(workflow_id)
    plan: Plan = await handle.query("plan", result_type=Plan)
    return plan


async def plan_in_row(backend: Backend, order_id: str = "A-1") -> Plan:
    async with backend.world.database.reading() as session:
        row = await session.get_one(CaseRow, backend.case_id(order_id))
    return Plan.model_validate(row.plan)


async def _nobody(_now: datetime) -> AsyncIterator[int]:
    for count in _NOBODY:
        yield count


async def _none() -> int:
    return 0


_NOBODY: Sequence[int] = ()
