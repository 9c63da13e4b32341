"""What all deeds have in common: reading a case as it is now, writing down what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from adapters.calendars import terms_now
from dunning.case import DunningCase
from dunning.claims import ClaimStatus
from dunning.days import Terms
from dunning.deeds import Facts, Outcome, Result
from dunning.history import Event
from dunning.plan import DunningOption
from dunning.stages import BlockedBy
from models.casebook import CaseSuperseded, case_of, case_row, write_result
from models.dossier import Dossier, load_dossier
from models.locks import LOCKED
from models.messages import TakeDeed
from models.tables import CaseRow, CustomerRow
from runtime.database import Database

SUPERSEDED = "Superseded"


class AlreadyDone(Exception):
    """An earlier attempt wrote down what came of the deed; only its word got lost."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.outcome)
        self.result = result


@dataclass(frozen=True)
class Casework:
    """One deed of a case, from reading to recording."""

    database: Database
    task: TakeDeed
    at: datetime
    dossier: Dossier
    case: DunningCase
    terms: Terms

    @classmethod
    async def begin(cls, database: Database, task: TakeDeed) -> Casework:
        """The case as the books and the settings have it at this moment.

        The time is that at which the attempt began, by the server's clock, as the case counts
        it. Raises `AlreadyDone` if an earlier attempt got as far as the database.
        """
        at = activity.info().started_time - task.clock_shift
        async with database.reading() as session:
            dossier = await load_dossier(session, task.case_id)
        _check(dossier.row, task)
        terms = terms_now(dossier, at)
        case = dossier.case.renewed(dossier.facts, terms)
        return cls(database, task, at, dossier, case, terms)

    def hindrance(self) -> Outcome | None:
        """What keeps the deed from being done now; None if nothing does."""
        return self.case.hindrance(
            self.task.deed, self.at, address_complete=self.dossier.address_complete
        )

    def result(
        self,
        outcome: Outcome,
        *,
        blocked_by: BlockedBy | None = None,
        option: DunningOption | None = None,
        reference: str | None = None,
        facts: Facts | None = None,
        claim: ClaimStatus | None = None,
        told: tuple[str, ...] = (),
    ) -> Result:
        unchanged = self.terms == self.dossier.case.terms
        return Result(
            deed=self.task.deed,
            outcome=outcome,
            at=self.at,
            terms=None if unchanged else self.terms,
            facts=facts or self.dossier.facts,
            blocked_by=blocked_by,
            option=option,
            reference=reference,
            claim=claim,
            told=told,
        )

    async def finish(
        self,
        result: Result,
        *,
        events: Iterable[Event] = (),
        rows: Iterable[SQLModel] = (),
        also: Callable[[AsyncSession], Awaitable[Result | None]] | None = None,
    ) -> Result:
        """Write down what came of the deed, in one transaction with what it did.

        `also` is what else changes with it in the books; it may know better what came of it.
        """
        run_id = run_id_of(activity.info())
        async with self.database.writing() as session:
            row = await case_row(session, self.task.case_id)
            try:
                _check(row, self.task)
            except AlreadyDone as done:
                return done.result
            if result.outcome is Outcome.BLOCKED and await self._is_mended(session, result):
                # What was mended while it was tried is tried again; the seller hears nothing new.
                result, events, rows = self.result(Outcome.NOT_NOW), (), ()
            session.add_all(rows)
            if also is not None:
                result = await also(session) or result
            await write_result(session, row, result, run_id=run_id, events=events)
        return result

    async def _is_mended(self, session: AsyncSession, result: Result) -> bool:
        """Whether what blocks the case was changed since it was read (R14)."""
        before = self.dossier.customer
        query = select(CustomerRow).where(
            CustomerRow.seller_id == before.seller_id,
            CustomerRow.customer_id == before.customer_id,
        )
        now = (await session.exec(query.with_for_update(**LOCKED))).one()
        if result.blocked_by is BlockedBy.ADDRESS:
            return not now.missing
        return result.blocked_by is BlockedBy.EMAIL and now.email != before.email


def run_id_of(info: activity.Info) -> str:
    """The run of the case that an activity works for."""
    if info.workflow_run_id is None:
        raise RuntimeError("this activity is for workflows only")
    return info.workflow_run_id


def _check(row: CaseRow, task: TakeDeed) -> None:
    """Whether the row is where the run that asks believes it to be.

    While a deed is under way its own run may note other things; another run may not.
    """
    written = case_of(row).version
    if row.run_id != run_id_of(activity.info()):
        if written != task.known:
            raise CaseSuperseded
    elif written.results == task.known.results + 1:
        raise AlreadyDone(Result.model_validate(row.last_result))
    elif written.results != task.known.results:
        raise CaseSuperseded


def superseded(error: CaseSuperseded) -> ApplicationError:
    return ApplicationError("another run got further", type=SUPERSEDED, non_retryable=True)
