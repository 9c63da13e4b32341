"""The moment at which an attempt of an activity began, as cases count time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.heartbeats import HAS_BEGUN

# In a simulation: by how much the machine may be behind the scenario's clock.
_LAG: Final = timedelta(minutes=5)


def attempt_moment(
    clock_shift: timedelta, *, planned_at: datetime, asked_at: datetime | None = None
) -> datetime:
    """Return when the attempt began: Temporal's time minus the shift of the case's clock.

    A local activity does not know Temporal's clock: `asked_at` is what the workflow says.

    In a simulation, what was planned for a moment happens at that moment, however slow the machine
    is. An attempt after a failed one has its real time.
    """
    info = activity.info()
    at = asked_at if info.is_local and asked_at else info.started_time - clock_shift
    is_played = bool(clock_shift) and _is_first(info)
    return planned_at if is_played and planned_at <= at < planned_at + _LAG else at


def _is_first(info: activity.Info) -> bool:
    """Whether no earlier attempt has begun; each leaves a heartbeat to say so.

    On a very slow machine an attempt may get lost between the server and the worker.
    """
    if not info.is_local:
        activity.heartbeat(HAS_BEGUN)
    return info.attempt == 1 or not (info.is_local or info.heartbeat_details)
