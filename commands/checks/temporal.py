"""Checks of Temporal: reachable, with our namespace, search attributes, workers and Schedules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from commands.checks.findings import Finding, ok, problem, warning, within_limit
from runtime.clock import Clock
from runtime.configuration import WrongSettings
from runtime.pollers import ACTIVITIES, WORKFLOWS, pollers
from runtime.search_attributes import lacking, type_name
from runtime.temporal import TemporalUnavailable, connect
from starter.delivery.schedules import DAILY_PROOF, SWEEP
from workflows import CASES_QUEUE, MAIL_QUEUE, PARTNER_QUEUE, WEBHOOKS_QUEUE
from workflows.search_attributes import SEARCH_ATTRIBUTES

QUEUES: Final = (
    (CASES_QUEUE, WORKFLOWS),
    (CASES_QUEUE, ACTIVITIES),
    (MAIL_QUEUE, ACTIVITIES),
    (PARTNER_QUEUE, ACTIVITIES),
    (WEBHOOKS_QUEUE, WORKFLOWS),
    (WEBHOOKS_QUEUE, ACTIVITIES),
)
SCHEDULES: Final = (SWEEP, DAILY_PROOF)
UNREACHABLE: Final = "is it running, and are TEMPORAL_ADDRESS and TEMPORAL_TLS right?"
_NOT_FOR_US: Final = "has the key or the certificate the right to it?"
_START_A_WORKER: Final = "start one: dunning worker"
# A worker polls at least once a minute.
_JUST_NOW: Final = timedelta(minutes=2)


async def temporal(clock: Clock, *, one_machine: bool = False) -> list[Finding]:
    """Check Temporal; if it cannot be reached, report only that.

    `one_machine`: the database is a file, so all workers must run on one machine.
    """
    clients: list[Client] = []
    found = await within_limit("temporal", _reached(clients), UNREACHABLE)
    if not clients:
        return found
    client = clients[0]
    looks: list[tuple[str, Awaitable[list[Finding]]]] = [
        ("search attributes", _attributes(client)),
        ("workers", _workers(client, clock, one_machine=one_machine)),
        ("schedules", _schedules(client)),
    ]
    more = await asyncio.gather(*(within_limit(*look, _NOT_FOR_US) for look in looks))
    return [*found, *(finding for findings in more for finding in findings)]


async def _reached(clients: list[Client]) -> list[Finding]:
    """Check that the server answers; if it has our namespace, append the client to `clients`."""
    try:
        client = await connect()
    except WrongSettings as wrong:
        remedy = "see the variables TEMPORAL_… in docs/operating.md"
        return [problem("temporal", line, remedy) for line in wrong.problems]
    except TemporalUnavailable as error:
        return [problem("temporal", str(error), UNREACHABLE)]
    found = [ok("temporal", f"answers at {client.service_client.config.target_host}")]
    name = client.namespace
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            return [*found, problem("namespace", f"{name}: {_words(error)}", _NOT_FOR_US)]
        create = "run: dunning temporal setup --create-namespace"
        return [*found, problem("namespace", f"there is none of the name {name}", create)]
    clients.append(client)
    return [*found, ok("namespace", name)]


async def _attributes(client: Client) -> list[Finding]:
    try:
        missing, wrong = await lacking(client, SEARCH_ATTRIBUTES)
    except RPCError as error:
        return [warning("search attributes", _words(error), "look at them where you manage it")]
    found = []
    for key in wrong:
        says = f"{key.name} is of another type than {type_name(key)}"
        remedy = (
            f"run: temporal operator search-attribute remove --namespace {client.namespace} "
            f"--name {key.name}; then: dunning temporal setup"
        )
        found.append(problem("search attributes", says, remedy))
    if missing:
        says = f"not registered: {', '.join(key.name for key in missing)}"
        found.append(problem("search attributes", says, "run: dunning temporal setup"))
    return found or [ok("search attributes", "all registered")]


async def _workers(client: Client, clock: Clock, *, one_machine: bool) -> list[Finding]:
    found = await asyncio.gather(*(_asking(client, clock, *queue) for queue in QUEUES))
    idle = [queue for queue, asking in zip(QUEUES, found, strict=True) if not asking]
    workers = {worker for asking in found for worker in asking}
    machines = {worker.rpartition("@")[2] for worker in workers}
    if one_machine and len(machines) > 1:
        says = f"on {len(machines)} machines, but SQLite is a file on one of them"
        return [warning("workers", says, "use PostgreSQL")]
    if not idle:
        return [ok("workers", f"{len(workers)}, for all task queues")]
    return [
        warning("workers", f"nobody takes {_kind(kind)} of the queue {name}", _START_A_WORKER)
        for name, kind in idle
    ]


async def _asking(
    client: Client, clock: Clock, name: str, kind: TaskQueueType.ValueType
) -> set[str]:
    """Return the workers that polled this queue within the last two minutes."""
    since = clock.now() - _JUST_NOW
    return {
        poller.identity
        for poller in await pollers(client, name, kind)
        if poller.last_access_time.ToDatetime(tzinfo=UTC) > since
    }


async def _schedules(client: Client, names: Sequence[str] = SCHEDULES) -> list[Finding]:
    found = []
    for name in names:
        try:
            described = await client.get_schedule_handle(name).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            found.append(warning("schedules", f"{name} is not there", _START_A_WORKER))
            continue
        if described.schedule.state.paused:
            remedy = f"run: temporal schedule toggle --unpause --schedule-id {name}"
            found.append(warning("schedules", f"{name} is paused", remedy))
    return found or [ok("schedules", ", ".join(names))]


def _kind(kind: TaskQueueType.ValueType) -> str:
    return "workflows" if kind == WORKFLOWS else "activities"


def _words(error: RPCError) -> str:
    return error.status.name.lower().replace("_", " ")
