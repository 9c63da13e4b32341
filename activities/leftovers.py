"""What a crash or an outage left undelivered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.tries import once_or_again

RenewSchedules = Callable[[], Awaitable[int]]
DeliverLeftovers = Callable[[datetime], AsyncIterator[int]]
# What was committed a moment ago is being delivered by whoever committed it.
_GRACE: Final = timedelta(seconds=10)


class LeftoverActivities:
    """Brings the facts that have been waiting for a while to their cases."""

    def __init__(self, deliver: DeliverLeftovers) -> None:
        self._deliver = deliver

    @activity.defn(name="deliver_leftovers")
    async def deliver_leftovers(self) -> int:
        """How many facts were waiting; what still cannot be delivered waits for the next time."""
        found = 0
        with once_or_again():
            async for some in self._deliver(activity.info().started_time - _GRACE):
                found += some
                activity.heartbeat(found)
        return found


class ScheduleSweep:
    """Tells Temporal of Schedules that it does not have as they are wanted (R24)."""

    def __init__(self, renew: RenewSchedules) -> None:
        self._renew = renew

    @activity.defn(name="renew_schedules")
    async def renew_schedules(self) -> int:
        """Of how many; those that it still does not take wait for the next time."""
        with once_or_again():
            return await self._renew()
