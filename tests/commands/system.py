"""A database and a namespace of Temporal's, with cases in both, as commands find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import select
from temporalio.client import Client, WorkflowExecutionStatus

from models.tables import CaseRow
from runtime.clock import SystemClock
from runtime.database import Database
from starter.delivery.client import CaseClient, workflow_id_of
from starter.delivery.sender import PlanSender
from tests.models.sellers import order_of
from tests.patience import eventually


@dataclass
class System:
    """What the process is configured for."""

    url: str
    database: Database
    temporal: Client

    @property
    def cases(self) -> CaseClient:
        return CaseClient(self.temporal, SystemClock())

    async def open(self, *order_ids: str, ago: timedelta = timedelta(0)) -> list[str]:
        """A case for each order, of which Temporal has not heard."""
        at = SystemClock().now() - ago
        return [
            case_id
            for order_id in order_ids
            for case_id in await order_of(self.database, "s-1", order_id, at)
        ]

    async def send(self, case_ids: Sequence[str]) -> None:
        """Temporal hears of them: then they run, though no worker is there to do anything."""
        await PlanSender(self.database, self.cases, SystemClock()).send(case_ids)
        await self.index_says(case_ids)

    async def terminate(self, *case_ids: str, others: Sequence[str] = ()) -> None:
        """An operator ends some by force; others go on."""
        for case_id in case_ids:
            await self.temporal.get_workflow_handle(workflow_id_of(case_id)).terminate()
        await self.index_says(others)

    async def index_says(self, running: Sequence[str]) -> None:
        """Wait until Temporal's index says that of all cases these run."""

        async def is_so() -> bool:
            async with self.database.reading() as session:
                every = list(await session.exec(select(CaseRow.case_id)))
            return await self.cases.running_of(every) == set(running)

        await eventually(is_so)

    async def running(self, case_ids: Sequence[str]) -> list[bool]:
        """Of each case whether it runs, by the server itself."""
        handles = [self.temporal.get_workflow_handle(workflow_id_of(one)) for one in case_ids]
        found = [(await handle.describe()).status for handle in handles]
        return [status is WorkflowExecutionStatus.RUNNING for status in found]
