"""Writing down what a case knows: its journal, its stage, what comes next."""

from __future__ import annotations

from temporalio import activity

from activities.casework import superseded
from models.casebook import CaseSuperseded, record
from models.messages import RecordCase, Recorded
from runtime.database import Database


class RecordActivities:
    """What is left over when no other activity of the same moment could write it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="record_case")
    async def record_case(self, task: RecordCase) -> Recorded:
        try:
            async with self._database.writing() as session:
                written = await record(session, task.case, run=task.run, at=task.at)
        except CaseSuperseded as error:
            raise superseded(error) from error
        return Recorded(written=written)
