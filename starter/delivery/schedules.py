"""The Schedules of the sweep and of the daily proof."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from models.outbox import forget_sent_questions
from models.payloads import DailyProof
from runtime.database import Database
from workflows import CASES_QUEUE
from workflows.daily_proof import DailyProofWorkflow
from workflows.sweep import SweepWorkflow

log = structlog.get_logger()

SWEEP: Final = "dunning-sweep"
DAILY_PROOF: Final = "dunning-daily-proof"
_AT_NIGHT: Final = ScheduleCalendarSpec(
    hour=[ScheduleRange(2)], minute=[ScheduleRange(30)], comment="every night, UTC"
)


async def ensure_schedules(client: Client, *, sweep_every: timedelta) -> bool:
    """Create or update the Schedules that this version of the system needs.

    Return whether there was no sweep: then Temporal is new, or has lost its data.
    """
    was_missing = await put_schedule(client, SWEEP, _sweep(sweep_every))
    await put_schedule(client, DAILY_PROOF, _daily_proof())
    return was_missing


async def keep_schedules(client: Client, database: Database, *, sweep_every: timedelta) -> None:
    """R28: check again and again that the sweep's Schedule exists, and create it if it does not."""
    while True:
        await asyncio.sleep(sweep_every.total_seconds())
        try:
            if not await _is_there(client, SWEEP):
                log.warning("schedules_missing")
                if await ensure_schedules(client, sweep_every=sweep_every):
                    await send_questions_again(database)
        except (RPCError, RuntimeError, SQLAlchemyError) as error:
            log.warning("schedules_not_looked_at", reason=type(error).__name__)


async def send_questions_again(database: Database) -> None:
    """After Temporal has lost its data: have the sweep send it again what each seller needs."""
    async with database.writing() as session:
        await forget_sent_questions(session)


async def put_schedule(client: Client, schedule_id: str, wanted: Schedule) -> bool:
    """Create or replace a Schedule; return whether there was none."""
    try:
        await client.create_schedule(schedule_id, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(_replace_with(wanted))
        return False
    return True


async def _is_there(client: Client, schedule_id: str) -> bool:
    try:
        await client.get_schedule_handle(schedule_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


def _sweep(every: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(SweepWorkflow.run, id=SWEEP, task_queue=CASES_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        # One run at a time; after an outage one run makes up for all missed ones.
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)
        ),
    )


def _daily_proof() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            DailyProofWorkflow.run, DailyProof(), id=DAILY_PROOF, task_queue=CASES_QUEUE
        ),
        spec=ScheduleSpec(calendars=[_AT_NIGHT]),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(hours=12)
        ),
    )


def _replace_with(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def replaced(now: ScheduleUpdateInput) -> ScheduleUpdate:
        # An operator may have paused it: that stays.
        wanted.state = now.description.schedule.state
        return ScheduleUpdate(schedule=wanted)

    return replaced
