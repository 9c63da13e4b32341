"""Summaries of debts in a scenario: what a Schedule starts in real time is started here (R24)."""

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
    """The moments at which summaries are looked for, by each seller's settings as they are."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._next: dict[str, datetime] = {}

    async def look_up(self, seller_id: str, *, after: datetime) -> None:
        """Plan a seller's next moment; none if it wants no summaries."""
        self._next.pop(seller_id, None)
        async with self._world.database.reading() as session:
            seller = await session.get(SellerRow, seller_id)
        if seller is not None and (moment := _moment_after(after, *_told_by(seller))):
            self._next[seller_id] = moment

    def before(self, moment: datetime) -> Iterator[tuple[datetime, str]]:
        """The next moments before another, each with its seller; until they were looked up."""
        yield from sorted((at, seller) for seller, at in self._next.items() if at < moment)

    async def send(self, seller_id: str, moment: datetime) -> None:
        """What there is to send at a moment, when the cases have got there."""
        async with self._world.database.reading() as session:
            profile, settings = _told_by(await session.get_one(SellerRow, seller_id))
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


def _told_by(seller: SellerRow) -> tuple[SellerProfile, SellerSettings]:
    return (
        SellerProfile.model_validate(seller.profile),
        SellerSettings.model_validate(seller.settings),
    )


def _moment_after(
    after: datetime, profile: SellerProfile, settings: SellerSettings
) -> datetime | None:
    """When the window opens next on a day on which somebody may get a summary."""
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
