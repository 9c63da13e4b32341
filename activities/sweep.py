"""The sweep: tells Temporal what a crash or an outage left untold, and starts lost cases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.retries import translated_errors

Counted = Callable[[datetime], AsyncIterator[int]]
"""Does something about some cases at a time, as of a moment; how many they were."""
Renew = Callable[[], Awaitable[int]]
# What was committed a moment ago is being told by whoever committed it.
_GRACE: Final = timedelta(seconds=10)


class SweepActivities:
    """Brings Temporal up to what stands in SQL."""

    def __init__(
        self, *, tell_untold: Counted, ask_sellers: Renew, revive: Counted, renew_schedules: Renew
    ) -> None:
        self._tell_untold = tell_untold
        self._ask_sellers = ask_sellers
        self._revive = revive
        self._renew_schedules = renew_schedules

    @activity.defn(name="tell_untold")
    async def tell_untold(self) -> int:
        """Tell Temporal the plans that it has not heard of; how many."""
        with translated_errors():
            await self._ask_sellers()
            return await with_heartbeats(_total(self._tell_untold(_started_at() - _GRACE)))

    @activity.defn(name="revive_cases")
    async def revive_cases(self) -> int:
        """Start lost cases, and tell the plan to those that go by an old one; how many."""
        with translated_errors():
            return await with_heartbeats(_total(self._revive(_started_at())))

    @activity.defn(name="renew_schedules")
    async def renew_schedules(self) -> int:
        """R24: renew the Schedules of summaries that are not as wanted; for how many sellers."""
        with translated_errors():
            return await self._renew_schedules()


async def _total(counts: AsyncIterator[int]) -> int:
    return sum([count async for count in counts])


def _started_at() -> datetime:
    return activity.info().started_time
