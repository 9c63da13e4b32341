"""Writing down what a case knows: its journal, its stage, what comes next."""

from __future__ import annotations

from temporalio import activity

from activities.casework import run_id_of
from models.casebook import record
from models.messages import RecordCase, Recorded
from runtime.database import Database


class RecordActivities:
    """What is left over when no other activity of the same moment could write it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="record_case")
    async def record_case(self, task: RecordCase) -> Recorded:
        run_id = run_id_of(activity.info())
        async with self._database.writing() as session:
            return await record(session, task.case, known=task.known, run_id=run_id, at=task.at)
