"""The context of an action: reads the case before it, and changes the case after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.attempt_time import attempt_moment
from dunning.actions import REMINDING
from dunning.case.inputs import CaseInputs
from dunning.case.plan import Plan
from dunning.case.planning import is_due
from dunning.case.state import DunningCase
from dunning.case.update import brought_up
from dunning.days import Terms
from models.changes import Change, ChangedCase, change_case
from models.locks import lock_customer
from models.outbox import CaseRef
from models.payloads import DoAction
from models.snapshot import CaseSnapshot, load_snapshot, messages_before
from models.tables import CaseRow
from runtime.database import Database

AlsoChange = Callable[[AsyncSession, ChangedCase], Awaitable[list[CaseRef]]]
"""Changes more in SQL after the case; returns the other cases whose plans Temporal needs."""


class PlanChanged(Exception):
    """The case was changed while an action was being prepared; it has to be read again."""


@dataclass(frozen=True)
class ActionContext:
    """One action of a case, with the case as the ledger and the settings have it at this moment.

    `at` is when the attempt began, by Temporal's clock, as the case counts time.
    """

    database: Database
    task: DoAction
    at: datetime
    snapshot: CaseSnapshot
    case: DunningCase
    inputs: CaseInputs

    @classmethod
    async def begin(cls, database: Database, task: DoAction) -> ActionContext:
        async with database.reading() as session:
            snapshot = await load_snapshot(session, task.case_id)
        at = _moment_of(task, changed_at=snapshot.row.updated_at)
        inputs = snapshot.inputs(at)
        case = brought_up(snapshot.case, inputs, at)
        return cls(database, task, at, snapshot, case, inputs)

    @property
    def terms(self) -> Terms:
        return self.inputs.terms

    @property
    def is_planned(self) -> bool:
        """Whether the case still plans this action for now (R9, R10)."""
        return is_due(self.case, self.task.kind, self.at)

    async def bring_up(self) -> Plan:
        """Bring the case up to the moment of the attempt; return its plan."""
        async with self.database.writing() as session:
            changed = await self._change(session)
        return changed.plan

    async def change_case(
        self, change: Callable[[DunningCase], DunningCase], *, rows: Sequence[SQLModel] = ()
    ) -> Plan:
        """Change the case and add the rows in one transaction; return the new plan."""
        async with self.database.writing() as session:
            changed = await self._change(session, lambda case, _: change(case))
            session.add_all(rows)
        return changed.plan

    async def change_by_inputs(self, change: Change) -> Plan:
        """Change the case by what the ledger and the settings say; return the new plan."""
        async with self.database.writing() as session:
            changed = await self._change(session, change)
        return changed.plan

    async def change_with_others(
        self,
        change: Callable[[DunningCase], DunningCase],
        also: AlsoChange,
        *,
        rows: Sequence[SQLModel] = (),
    ) -> tuple[Plan, list[CaseRef]]:
        """Change the case, and more by `also`, in one transaction.

        Returns the new plan, and the other cases whose plans Temporal needs.
        """
        async with self.database.writing() as session:
            changed = await self._change(session, lambda case, _: change(case))
            session.add_all(rows)
            unsent = await also(session, changed)
            # `also` may have changed the ledger or the order, and so the case.
            changed = await self._change(session)
        return changed.plan, unsent

    async def _change(self, session: AsyncSession, change: Change | None = None) -> ChangedCase:
        return await change_case(
            session, self.task.case_id, change, at=self.at, answers_workflow=True
        )

    async def write_attempt(
        self, change: Callable[[DunningCase], DunningCase], row: SQLModel
    ) -> None:
        """R16: commit that a mail is about to be sent, before the mail server gets it.

        Writes `state` without `change_case`: version and plan stay, so Temporal has nothing to
        hear. Raises `PlanChanged` if the case was changed after it was read.
        """
        about_to_leave = change(self.snapshot.case)
        async with self.database.writing() as session:
            if self.task.kind in REMINDING and await self._customer_had_another_message(session):
                raise PlanChanged
            written = await session.exec(
                update(CaseRow)
                .where(
                    col(CaseRow.case_id) == self.task.case_id,
                    col(CaseRow.version) == self.snapshot.row.version,
                    ~col(CaseRow.is_behind),
                )
                .values(state=about_to_leave.model_dump(mode="json", exclude_defaults=True))
            )
            if not written.rowcount:
                raise PlanChanged
            await session.merge(row)

    async def _customer_had_another_message(self, session: AsyncSession) -> bool:
        """R9: whether the customer got another message after the case was read.

        Only checked where the law limits messages; those to one customer are then sent one by one.
        """
        if self.terms.lawful is None:
            return False
        snapshot = self.snapshot
        await lock_customer(session, snapshot.customer)
        now = await messages_before(session, snapshot.row, snapshot.customer, snapshot.profile)
        return now != snapshot.messages


def _moment_of(task: DoAction, *, changed_at: datetime) -> datetime:
    """Return when the attempt began, but not before the case's last change."""
    planned_at = max(task.planned_at or changed_at, changed_at)
    at = attempt_moment(task.clock_shift, planned_at=planned_at, asked_at=task.at)
    return max(at, changed_at)
