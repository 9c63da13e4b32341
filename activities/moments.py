"""When an attempt of an activity began, as cases count time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.heartbeats import HAS_BEGUN

# Where a scenario is played: by how much the machine may be behind the scenario's clock.
_LAG: Final = timedelta(minutes=5)


def attempt_moment(
    clock_shift: timedelta, *, planned_at: datetime, asked_at: datetime | None = None
) -> datetime:
    """By Temporal's clock, less the shift of the case's.

    In a local activity only the workflow knows Temporal's clock: `asked_at` is what it says.

    Where a scenario is played, what was planned for a moment happens at that moment, however
    slow the machine is. An attempt after a failed one happens when it happens.
    """
    info = activity.info()
    at = asked_at if info.is_local and asked_at else info.started_time - clock_shift
    is_played = bool(clock_shift) and _is_first(info)
    return planned_at if is_played and planned_at <= at < planned_at + _LAG else at


def _is_first(info: activity.Info) -> bool:
    """Whether no earlier attempt has begun; each leaves a heartbeat that says that it has.

    On a very slow machine an attempt may get lost on its way from the server to the worker.
    """
    if not info.is_local:
        activity.heartbeat(HAS_BEGUN)
    return info.attempt == 1 or not (info.is_local or info.heartbeat_details)
