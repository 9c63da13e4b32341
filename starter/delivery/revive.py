"""Finding the cases that Temporal has lost, and starting them again (R28).

They are found by comparing rows with what runs. A workflow that was canceled, terminated or lost
with Temporal's database does not end its case.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from dunning.stages import WORKFLOW_ENDS_AT
from models.outbox import LATE, is_late
from models.tables import CaseRow
from runtime.database import Database
from starter.delivery.client import CaseClient

_ENDED_SINCE: Final = timedelta(hours=1)
_BATCH_SIZE: Final = 100


class Reviver:
    """Finds cases that should run and do not, and starts them.

    Every method raises `TemporalUnavailable` if Temporal does not answer.
    """

    def __init__(self, database: Database, cases: CaseClient) -> None:
        self._database = database
        self._cases = cases
        self._looked_at = ""

    async def lost(self, now: datetime, *, thorough: bool = False) -> AsyncIterator[list[str]]:
        """Find the cases that should run and do not, some at a time.

        It examines cases whose runs ended by force in the last hour, and overdue cases. It examines
        all cases if fewer run than should, or if `thorough`.
        """
        async for some in self._cases.ended_by_force(since=now - _ENDED_SINCE):
            if found := await self._not_running(_should_run(), some):
                yield found
        is_complete = not thorough and await self._as_many_run_as_should()
        looked_at = is_late(now - LATE) if is_complete else _should_run() | is_late(now - LATE)
        async for page in self._pages(looked_at):
            if found := await self._not_running(looked_at, page):
                yield found

    async def revive(self, now: datetime, *, thorough: bool = False) -> AsyncIterator[int]:
        """Start lost cases and wake stuck ones; yield how many, as the work goes on."""
        started: set[str] = set()  # Temporal's index may still show them as not running
        async for case_ids in self.lost(now, thorough=thorough):
            rows = await self._rows(col(CaseRow.case_id).in_(set(case_ids) - started))
            for row in rows:
                await self._cases.start_if_lost(row)
                started.add(row.case_id)
            yield len(rows)
        yield await self._wake_stuck(now)

    async def _wake_stuck(self, now: datetime) -> int:
        """Send overdue cases their plan again if their workflow is doing nothing.

        Such workflows have an older plan, as after Temporal's database was restored from an older
        copy.
        """
        after = col(CaseRow.case_id) > self._looked_at
        rows = await self._rows(is_late(now - LATE) & after)
        self._looked_at = rows[-1].case_id if len(rows) == _BATCH_SIZE else ""
        stuck = [row for row in rows if not await self._cases.is_at_work(row.case_id)]
        for row in stuck:
            await self._cases.send_plan(row)
        return len(stuck)

    async def _as_many_run_as_should(self) -> bool:
        return await self._cases.count_running() >= await self._count(_should_run())

    async def _not_running(
        self, these: ColumnElement[bool], case_ids: Collection[str]
    ) -> list[str]:
        rows = await self._rows(these & col(CaseRow.case_id).in_(case_ids))
        running = await self._cases.running_of([row.case_id for row in rows]) if rows else ()
        return [row.case_id for row in rows if row.case_id not in running]

    async def _pages(self, these: ColumnElement[bool]) -> AsyncIterator[Collection[str]]:
        after = ""
        while True:
            rows = await self._rows(these & (col(CaseRow.case_id) > after))
            if not rows:
                return
            after = rows[-1].case_id
            yield [row.case_id for row in rows]

    async def _rows(self, these: ColumnElement[bool]) -> list[CaseRow]:
        query = select(CaseRow).where(these).order_by(col(CaseRow.case_id)).limit(_BATCH_SIZE)
        async with self._database.reading() as session:
            return list(await session.exec(query))

    async def _count(self, these: ColumnElement[bool]) -> int:
        async with self._database.reading() as session:
            return (
                await session.exec(select(func.count()).select_from(CaseRow).where(these))
            ).one()


def _should_run() -> ColumnElement[bool]:
    """Cases that have a workflow and are not over.

    A case whose plan was never sent is left to `send_unsent`.
    """
    return (col(CaseRow.sent_version) > 0) & col(CaseRow.stage).not_in(list(WORKFLOW_ENDS_AT))
