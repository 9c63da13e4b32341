"""Telling the seller, beside the ladder, what became of a case."""

from __future__ import annotations

from temporalio import activity

from activities.casework import Casework
from activities.notices import SellerDesk
from activities.tries import take
from adapters.mail import Mailer
from dunning.deeds import Outcome, Result
from dunning.history import Event
from models.messages import TakeDeed
from models.tables import ClaimRow
from runtime.database import Database


class SellerActivities:
    """Sends what a case has put down for its seller, each mail once."""

    def __init__(self, database: Database, mailer: Mailer, *, mail_from: str) -> None:
        self._database = database
        self._seller = SellerDesk(mailer, mail_from=mail_from)

    @activity.defn(name="tell_seller")
    async def tell_seller(self, task: TakeDeed) -> Result:
        return await take(self._database, task, self._tell)

    async def _tell(self, work: Casework) -> Result:
        """The first that waits; the others have a turn of their own."""
        if work.hindrance() is not None:
            return await work.finish(work.result(Outcome.NOT_NOW))
        tell = work.case.tells[0]
        reference = work.case.claim.reference if work.case.claim else work.case.last_claim
        events: list[Event] = await self._seller.tell(
            work,
            tell.about,
            effect=tell.key,
            blocked=True,
            reason=await self._partners_words(reference),
            outcome=tell.outcome,
            amount=tell.amount,
            claim_reference=reference,
        )
        return await work.finish(work.result(Outcome.DONE, told=(tell.key,)), events=events)

    async def _partners_words(self, reference: str | None) -> str | None:
        if reference is None:
            return None
        async with self._database.reading() as session:
            row = await session.get(ClaimRow, reference)
        return row.reason if row else None
