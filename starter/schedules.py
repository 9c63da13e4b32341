"""What Temporal starts by itself, again and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

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

from models.messages import DailyProof
from workflows import CASES_QUEUE
from workflows.daily_proof import DailyProofWorkflow
from workflows.leftovers import DeliverLeftoversWorkflow

LEFTOVERS: Final = "dunning-leftovers"
DAILY_PROOF: Final = "dunning-daily-proof"
_AT_NIGHT: Final = ScheduleCalendarSpec(
    hour=[ScheduleRange(2)], minute=[ScheduleRange(30)], comment="every night, UTC"
)


async def ensure_schedules(client: Client, *, sweep_every: timedelta) -> None:
    """Have the Schedules that this version of the system needs, as it needs them."""
    await put_schedule(client, LEFTOVERS, _leftovers(sweep_every))
    await put_schedule(client, DAILY_PROOF, _daily_proof())


async def put_schedule(client: Client, schedule_id: str, wanted: Schedule) -> None:
    """Have a Schedule as it is wanted, whether there was one or not."""
    try:
        await client.create_schedule(schedule_id, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(_replace_with(wanted))


def _leftovers(every: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            DeliverLeftoversWorkflow.run, id=LEFTOVERS, task_queue=CASES_QUEUE
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        # One at a time, and after an outage one run makes up for all that were missed.
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
        # Whether an operator has paused it is the operator's to say.
        wanted.state = now.description.schedule.state
        return ScheduleUpdate(schedule=wanted)

    return replaced
