"""The doctor on Temporal, and the command that mends what it finds there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.worker import Worker

from commands.checks.findings import Finding, State
from commands.checks.temporal import QUEUES, temporal
from commands.temporal import WrongTypes, set_up
from runtime.clock import SystemClock
from runtime.ports import free_port
from runtime.search_attributes import lacking
from runtime.temporal import TemporalUnavailable, connect
from starter.delivery.schedules import DAILY_PROOF, SWEEP, ensure_schedules
from tests.patience import eventually
from workflows.search_attributes import SEARCH_ATTRIBUTES

Env = pytest.MonkeyPatch


async def found(check: str) -> list[Finding]:
    return [finding for finding in await temporal(SystemClock()) if finding.check == check]


async def test_a_server_that_is_not_there_is_the_only_problem(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")

    (finding,) = await temporal(SystemClock())

    assert (finding.check, finding.state) == ("temporal", State.PROBLEM)
    assert "Connection refused" in finding.says


async def test_a_namespace_that_is_not_there_is_a_problem_with_the_command_to_make_it(
    namespace: str, monkeypatch: Env
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")

    (finding,) = await found("namespace")

    assert finding.state is State.PROBLEM
    assert finding.remedy == "run: dunning temporal setup --create-namespace"


async def test_missing_search_attributes_are_a_problem_until_they_are_set_up(
    namespace: str,
) -> None:
    (missing,) = await found("search attributes")
    added = await set_up(wait=0)

    assert (missing.state, missing.remedy) == (State.PROBLEM, "run: dunning temporal setup")
    assert all(key.name in missing.says for key in SEARCH_ATTRIBUTES)
    assert added == [key.name for key in SEARCH_ATTRIBUTES]
    assert await lacking(await connect(), SEARCH_ATTRIBUTES) == ([], [])
    assert [finding.state for finding in await found("search attributes")] == [State.OK]
    assert await set_up(wait=0) == []


async def test_a_search_attribute_of_another_type_is_a_problem_and_is_left_alone(
    namespace: str, server: Client
) -> None:
    name = "DunningDue"
    request = AddSearchAttributesRequest(
        namespace=namespace, search_attributes={name: IndexedValueType.INDEXED_VALUE_TYPE_TEXT}
    )
    await server.operator_service.add_search_attributes(request)

    with pytest.raises(WrongTypes, match="DunningDue must be Datetime"):
        await set_up(wait=0)

    wrong, *_ = await found("search attributes")
    assert "DunningDue is of another type than Datetime" in wrong.says
    assert "search-attribute remove" in (wrong.remedy or "")


async def test_a_namespace_is_made_if_that_is_asked_for(namespace: str, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", f"{namespace}-new")

    await set_up(wait=0, create_namespace=True)
    await set_up(wait=0, create_namespace=True)

    assert [finding.state for finding in await found("namespace")] == [State.OK]
    assert [finding.state for finding in await found("search attributes")] == [State.OK]


async def test_setting_up_gives_up_on_a_server_that_is_not_there(
    bare: Path, monkeypatch: Env
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")

    with pytest.raises(TemporalUnavailable):
        await set_up(wait=0)


async def test_queues_that_nobody_serves_are_warnings(namespace: str) -> None:
    @activity.defn
    async def nothing() -> None: ...

    client = await connect()
    assert [finding.state for finding in await found("workers")] == [State.WARNING] * len(QUEUES)

    async def mail_is_served() -> bool:
        says = [finding.says for finding in await found("workers")]
        return len(says) == len(QUEUES) - 1 and not any("mail" in words for words in says)

    async with Worker(client, task_queue="mail", activities=[nothing]):
        await eventually(mail_is_served)


async def test_workers_on_two_machines_are_a_warning_if_the_database_is_a_file(
    namespace: str,
) -> None:
    @activity.defn
    async def nothing() -> None: ...

    client = await connect()

    def of(machine: str, queue: str) -> Worker:
        return Worker(client, task_queue=queue, activities=[nothing], identity=f"7@{machine}")

    async def two_machines_are_told() -> bool:
        looked = await temporal(SystemClock(), one_machine=True)
        says = [finding.says for finding in looked if finding.check == "workers"]
        return says == ["on 2 machines, but SQLite is a file on one of them"]

    async with of("a", "mail"), of("b", "partner"):
        await eventually(two_machines_are_told)


async def test_schedules_that_are_not_there_or_paused_are_warnings(namespace: str) -> None:
    absent = await found("schedules")
    client = await connect()
    await ensure_schedules(client, sweep_every=timedelta(hours=1))
    (there,) = await found("schedules")
    await client.get_schedule_handle(SWEEP).pause()
    await client.get_schedule_handle(DAILY_PROOF).pause()
    paused = await found("schedules")

    names = ("dunning-sweep", "dunning-daily-proof")
    assert [one.says for one in absent] == [f"{name} is not there" for name in names]
    assert there.state == State.OK
    assert [one.says for one in paused] == [f"{name} is paused" for name in names]
    assert {one.state for one in (*absent, *paused)} == {State.WARNING}
    for name, one in zip(names, paused, strict=True):
        assert f"toggle --unpause --schedule-id {name}" in (one.remedy or "")
