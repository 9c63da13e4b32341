"""Activities run as if the server had started them at a moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio.testing import ActivityEnvironment

from dunning.actions import ActionKind
from dunning.case.plan import Plan
from models.payloads import DoAction


def started(at: datetime, *, attempt: int = 1) -> ActivityEnvironment:
    """Where an activity runs that the server started at a moment."""
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, started_time=at, attempt=attempt)
    return environment


async def act(
    activity: Callable[[DoAction], Awaitable[Plan]],
    case_id: str,
    kind: ActionKind,
    at: datetime,
    *,
    attempt: int = 1,
) -> Plan:
    """Run the activity of an action as if the server had started it at a moment."""
    environment = started(at, attempt=attempt)
    task = DoAction(case_id=case_id, kind=kind, at=at, clock_shift=timedelta(0))
    plan: Plan = await environment.run(activity, task)
    return plan
