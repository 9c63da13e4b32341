"""R24: in a scenario the player starts the summaries of debts, instead of a Schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from activities.summaries import is_summary_day
from dunning.days import DAY, first_instant
from dunning.summaries import Rhythm, summary_due_on
from models.payloads import SendSummaries
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from simulation.world import World
from workflows import CASES_QUEUE
from workflows.debt_summaries import DebtSummariesWorkflow

_FAR: Final = 62


class Summaries:
    """Knows when each seller's next summaries are due, and has them sent."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._next: dict[str, datetime] = {}

    async def look_up(self, seller_id: str, *, after: datetime) -> None:
        """Plan the seller's next summaries; none if it wants none."""
        self._next.pop(seller_id, None)
        async with self._world.database.reading() as session:
            seller = await session.get(SellerRow, seller_id)
        if seller is not None and (moment := _moment_after(after, *_profile_and_settings(seller))):
            self._next[seller_id] = moment

    def before(self, moment: datetime) -> Iterator[tuple[datetime, str]]:
        """Yield summaries due before `moment`; call `look_up` before asking again."""
        yield from sorted((at, seller) for seller, at in self._next.items() if at < moment)

    async def send(self, seller_id: str, moment: datetime) -> None:
        """Advance the seller's cases to a moment, and have its summaries sent."""
        async with self._world.database.reading() as session:
            profile, settings = _profile_and_settings(await session.get_one(SellerRow, seller_id))
            day = moment.astimezone(profile.zone).date()
            if not await is_summary_day(session, seller_id, settings, day):
                return
        orders = await self._world.orders_to_advance(moment, seller_id=seller_id)
        await self._world.advance_all(sorted(orders), moment, leave_idle=True)
        shift = self._world.clock.shift(moment)
        await self._world.temporal.execute_workflow(
            DebtSummariesWorkflow.run,
            SendSummaries(seller_id=seller_id, at=moment, clock_shift=shift),
            id=f"debt-summary/{seller_id}/{day}",
            task_queue=CASES_QUEUE,
        )


def _profile_and_settings(seller: SellerRow) -> tuple[SellerProfile, SellerSettings]:
    return (
        SellerProfile.model_validate(seller.profile),
        SellerSettings.model_validate(seller.settings),
    )


def _moment_after(
    after: datetime, profile: SellerProfile, settings: SellerSettings
) -> datetime | None:
    """When the sending window next opens on a day that may have summaries."""
    if settings.debt_summary is Rhythm.OFF:
        return None
    today = after.astimezone(profile.zone).date()
    for day in (today + ahead * DAY for ahead in range(_FAR)):
        opens = first_instant(day, settings.sending_window.opens, profile.time_zone)
        # With business days it depends on the customers' countries: that is looked at then.
        may_be = settings.business_days_only or summary_due_on(day, settings.debt_summary)
        if may_be and opens > after:
            return opens
    return None
