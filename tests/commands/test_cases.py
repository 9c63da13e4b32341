"""`dunning cases revive` starts the cases that Temporal has lost (R28)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, update
from temporalio.worker import Worker
from typer.testing import CliRunner

from commands.main import app
from dunning.case.inputs import CaseInputs
from dunning.case.plan import Plan
from dunning.case.requests import apply_request
from dunning.case.state import DunningCase
from dunning.requests import Request, Verb
from models.changes import change_case
from models.orders import cancel_order, locked_order
from models.payloads import RunCase
from models.tables import CaseRow
from runtime.clock import SystemClock
from runtime.ports import free_port
from runtime.temporal import TemporalUnavailable
from starter.delivery import revive as revive_module
from starter.delivery.client import workflow_id_of
from tests.commands.system import System
from tests.seeded import row_of
from worker import without_import_checks
from workflows import CASES_QUEUE
from workflows.case import DunningCaseWorkflow

pytestmark = pytest.mark.one_database

HOUR = timedelta(hours=1)


async def revive(*options: str) -> str:
    """What the command says."""
    run = await asyncio.to_thread(CliRunner().invoke, app, ["cases", "revive", *options])
    if run.exception is not None:
        raise run.exception
    assert run.exit_code == 0
    return run.output.strip()


async def ask(
    system: System, case_id: str, verb: Verb, at: datetime, *, answers_workflow: bool = False
) -> None:
    """Somebody asks something of a case; Temporal has heard of it, by what SQL says, or not."""

    def change(case: DunningCase, inputs: CaseInputs) -> DunningCase:
        return apply_request(case, Request(verb=verb), inputs, at)

    async with system.database.writing() as session:
        await change_case(session, case_id, change, at=at, answers_workflow=answers_workflow)


async def test_r28_cases_that_were_ended_by_force_run_again(system: System) -> None:
    first, second, third = await system.open("A-1", "A-2", "A-3")
    await system.send([first, second, third])
    await system.terminate(first, third, others=[second])
    before = await row_of(system.database, first)

    assert await revive() == "2 were started or told their plan"

    assert await system.running([first, second, third]) == [True] * 3
    assert await row_of(system.database, first) == before
    await system.index_says([first, second, third])
    assert await revive() == "0 were started or told their plan"


async def test_a_dry_run_says_how_many_are_lost_and_changes_nothing(system: System) -> None:
    first, second, unsent = await system.open("A-1", "A-2", "A-3")
    await system.send([first, second])
    await system.terminate(first, others=[second])

    for _ in range(2):
        assert await revive("--dry-run") == "1 are lost"

    assert await system.running([first]) == [False]
    assert (await row_of(system.database, unsent)).sent_version == 0


async def test_a_case_is_started_with_the_plan_of_its_row(system: System) -> None:
    """What it heard before is in the run that is gone."""
    [case_id] = await system.open("A-1", ago=HOUR)
    await system.send([case_id])
    await ask(system, case_id, Verb.HOLD, SystemClock().now(), answers_workflow=True)
    await system.terminate(case_id)

    assert await revive() == "1 were started or told their plan"

    handle = system.temporal.get_workflow_handle(workflow_id_of(case_id))
    begun = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    [given] = await system.temporal.data_converter.decode(begun.input.payloads, [RunCase])
    row = await row_of(system.database, case_id)
    assert row.version > 1
    assert given.plan == Plan.model_validate(row.plan)


async def test_after_all_of_temporals_database_was_lost_every_case_runs_again(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than are looked at in one go; nothing tells that they have ever been there."""
    monkeypatch.setattr(revive_module, "_BATCH_SIZE", 5)
    cases = await system.open(*(f"A-{number}" for number in range(7)))
    async with system.database.writing() as session:
        await session.exec(update(CaseRow).values(sent_version=col(CaseRow.version)))

    assert await revive("--dry-run") == "7 are lost"
    assert await revive() == "7 were started or told their plan"

    assert await system.running(cases) == [True] * 7


async def test_an_ended_case_is_not_started_again_but_a_stopped_one_waits_for_its_start(
    system: System,
) -> None:
    running, stopped, canceled = await system.open("A-1", "A-2", "A-3", ago=HOUR)
    await system.send([running, stopped, canceled])
    await ask(system, stopped, Verb.STOP, SystemClock().now(), answers_workflow=True)
    async with system.database.writing() as session:
        order = await locked_order(session, "s-1", "A-3")
        assert order is not None
        await cancel_order(session, order, at=SystemClock().now())
        await change_case(session, canceled, at=SystemClock().now(), answers_workflow=True)
    await system.terminate(running, stopped, canceled)

    assert await revive() == "2 were started or told their plan"

    assert await system.running([running, stopped, canceled]) == [True, True, False]


async def test_cases_of_which_temporal_has_not_heard_are_told_too(system: System) -> None:
    cases = await system.open("A-1", "A-2")

    assert await revive() == "2 were started or told their plan"

    assert await system.running(cases) == [True, True]
    assert [(await row_of(system.database, one)).sent_version for one in cases] == [1, 1]


async def test_a_case_that_runs_by_an_old_plan_is_told_the_new_one(system: System) -> None:
    """As after Temporal's database was restored from an older copy: SQL says that it has heard."""
    [case_id] = await system.open("A-1", ago=2 * HOUR)
    then = SystemClock().now() - HOUR
    await ask(system, case_id, Verb.HOLD, then)
    worker = Worker(
        system.temporal,
        task_queue=CASES_QUEUE,
        workflows=[DunningCaseWorkflow],
        workflow_runner=without_import_checks(),
    )
    async with worker:
        await system.send([case_id])
        held = await plan_of_run(system, case_id)  # it has nothing to do but to wait
        await ask(system, case_id, Verb.RESUME, then, answers_workflow=True)

        assert await revive() == "1 were started or told their plan"

        plan = await plan_of_run(system, case_id)
    assert held.actions == ()
    assert plan == Plan.model_validate((await row_of(system.database, case_id)).plan)
    assert plan.version > held.version


async def test_without_temporal_it_says_so(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")

    with pytest.raises(TemporalUnavailable, match="Connection refused"):
        await revive()


async def plan_of_run(system: System, case_id: str) -> Plan:
    """The plan that the workflow of a case goes by."""
    handle = system.temporal.get_workflow_handle(workflow_id_of(case_id))
    plan: Plan = await handle.query("plan", result_type=Plan)
    return plan
