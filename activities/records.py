"""Writing down what a case knows: its journal, its stage, what comes next."""

from __future__ import annotations

from temporalio import activity

from activities.casework import Casework, run_id_of
from activities.tries import take
from dunning.deeds import Outcome, Result
from models.casebook import record
from models.messages import RecordCase, Recorded, TakeDeed
from runtime.database import Database


class RecordActivities:
    """What is left over when no other activity of the same moment could write it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="end_hold")
    async def end_hold(self, task: TakeDeed) -> Result:
        """R19: the hold ends with its last day, in the time zone that the seller has then."""
        return await take(self._database, task, self._end_hold)

    async def _end_hold(self, work: Casework) -> Result:
        return await work.finish(work.result(work.hindrance() or Outcome.DONE))

    @activity.defn(name="record_case")
    async def record_case(self, task: RecordCase) -> Recorded:
        run_id = run_id_of(activity.info())
        async with self._database.writing() as session:
            return await record(session, task.case, known=task.known, run_id=run_id, at=task.at)
