"""The sweep: tells Temporal what it missed by a crash or an outage, and starts lost cases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.run_action import translated_errors

CountInSteps = Callable[[datetime], AsyncIterator[int]]
"""Works through cases in steps, as of a moment; yields how many each step had."""
CountAtOnce = Callable[[], Awaitable[int]]
# The process that committed it is still sending it.
_GRACE: Final = timedelta(seconds=10)


class SweepActivities:
    """The activities that bring Temporal up to SQL."""

    def __init__(
        self,
        *,
        send_unsent: CountInSteps,
        ask_sellers: CountAtOnce,
        revive: CountInSteps,
        renew_schedules: CountAtOnce,
    ) -> None:
        self._send_unsent = send_unsent
        self._ask_sellers = ask_sellers
        self._revive = revive
        self._renew_schedules = renew_schedules

    @activity.defn(name="tell_untold")
    async def send_unsent(self) -> int:
        """Have sellers asked (R21), and send Temporal the plans that it lacks; return how many."""
        with translated_errors():
            await self._ask_sellers()
            return await with_heartbeats(_total(self._send_unsent(_started_at() - _GRACE)))

    @activity.defn(name="revive_cases")
    async def revive_cases(self) -> int:
        """Start lost cases, and send the plan to cases that act by an old one; return how many."""
        with translated_errors():
            return await with_heartbeats(_total(self._revive(_started_at())))

    @activity.defn(name="renew_schedules")
    async def renew_schedules(self) -> int:
        """R24: renew the Schedules of summaries that are not as wanted; return how many."""
        with translated_errors():
            return await self._renew_schedules()


async def _total(counts: AsyncIterator[int]) -> int:
    return sum([count async for count in counts])


def _started_at() -> datetime:
    return activity.info().started_time
