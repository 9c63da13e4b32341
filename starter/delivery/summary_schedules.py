"""The Schedules that send summaries of debts, one for each seller that wants them (R24).

A seller's row has the Schedule that is wanted, and the one that Temporal has. If they differ,
Temporal is updated: at once, or by the sweep.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from models.debt_summaries import sellers_to_reschedule
from models.locks import LOCKED
from models.payloads import SendSummaries
from models.tables import SellerRow
from runtime.database import Database
from runtime.temporal import TemporalUnavailable
from starter.delivery.client import within_reach
from starter.delivery.schedules import put_schedule
from workflows import CASES_QUEUE
from workflows.debt_summaries import DebtSummariesWorkflow
from workflows.search_attributes import SELLER

log = structlog.get_logger()

_CATCH_UP: Final = timedelta(hours=3)
_A_SWEEP: Final = 1000
_TURNS: Final = 3


def summary_schedule_id_of(seller_id: str) -> str:
    return f"debt-summary/{seller_id}"


class SummarySchedules:
    """Creates, changes and deletes the Schedules according to the sellers' settings."""

    def __init__(self, database: Database, temporal: Client) -> None:
        self._database = database
        self._temporal = temporal

    async def renew_or_leave(self, seller_id: str) -> None:
        """Renew a seller's Schedule; if Temporal is away, leave it to the sweep."""
        try:
            await self.renew(seller_id)
        except (TemporalUnavailable, SQLAlchemyError) as error:
            log.warning("schedule_postponed", seller=seller_id, reason=type(error).__name__)

    async def renew_all(self) -> int:
        """Renew all Schedules that are not as their sellers want them; return how many."""
        async with self._database.reading() as session:
            sellers = await sellers_to_reschedule(session, limit=_A_SWEEP)
        for seller_id in sellers:
            await self.renew_or_leave(seller_id)
        return len(sellers)

    async def renew(self, seller_id: str) -> None:
        """Renew a seller's Schedule. Raises `TemporalUnavailable` if Temporal does not answer."""
        for _ in range(_TURNS):  # the settings may change again in the meantime
            async with self._database.reading() as session:
                seller = await session.get_one(SellerRow, seller_id)
            if seller.summary_wanted == seller.summary_schedule:
                return
            async with within_reach():
                await self._renew(seller_id, seller.summary_wanted)
            async with self._database.writing() as session:
                row = await session.get_one(SellerRow, seller_id, with_for_update=LOCKED)
                row.summary_schedule = seller.summary_wanted
                session.add(row)

    async def _renew(self, seller_id: str, wanted: str | None) -> None:
        schedule_id = summary_schedule_id_of(seller_id)
        if wanted is not None:
            await put_schedule(self._temporal, schedule_id, _schedule(seller_id, wanted))
            return
        try:
            await self._temporal.get_schedule_handle(schedule_id).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


def _schedule(seller_id: str, wanted: str) -> Schedule:
    time, _, time_zone = wanted.partition(" ")
    hour, minute = map(int, time.split(":"))
    return Schedule(
        action=ScheduleActionStartWorkflow(
            DebtSummariesWorkflow.run,
            SendSummaries(seller_id=seller_id),
            id=summary_schedule_id_of(seller_id),
            task_queue=CASES_QUEUE,
            typed_search_attributes=TypedSearchAttributes([SearchAttributePair(SELLER, seller_id)]),
        ),
        spec=ScheduleSpec(
            calendars=[
                ScheduleCalendarSpec(hour=[ScheduleRange(hour)], minute=[ScheduleRange(minute)])
            ],
            time_zone_name=time_zone,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
    )
