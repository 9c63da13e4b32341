"""What goes on between us and the collection partner while it has a claim (R15)."""

from __future__ import annotations

from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.casework import Casework
from activities.claim_content import documents_of, exact
from activities.tries import take
from adapters.partner import (
    ClaimHandle,
    ClaimRefused,
    ClaimReport,
    ClaimUnknown,
    CollectionPartner,
    DocumentRefused,
    PaymentToReport,
    ReportKind,
)
from dunning.at_partner import claim_events
from dunning.deeds import Fee, Movement, Outcome, Payment, Result, Reversal
from dunning.history import Detail, Event, EventName
from dunning.state import Claim
from models.messages import TakeDeed
from models.tables import ClaimRow
from runtime.database import Database

_REASONS = {
    True: "The order was canceled.",
    False: "The creditor asks you to stop.",
}
_KINDS: dict[type[Movement], ReportKind] = {
    Payment: ReportKind.PAYMENT,
    Reversal: ReportKind.REVERSAL,
    Fee: ReportKind.COSTS,
}


class ClaimActivities:
    """Gives documents, reports money, asks to stop, and asks how a claim stands; each once."""

    def __init__(self, database: Database, partner: CollectionPartner) -> None:
        self._database = database
        self._partner = partner

    @activity.defn(name="attach_documents")
    async def attach_documents(self, task: TakeDeed) -> Result:
        """The invoice notice and the letters, as they were sent."""
        return await take(self._database, task, self._attach)

    @activity.defn(name="report_money")
    async def report_money(self, task: TakeDeed) -> Result:
        """Money that reached the seller, went back, or joined as costs since the handoff."""
        return await take(self._database, task, self._report)

    @activity.defn(name="withdraw_claim")
    async def withdraw_claim(self, task: TakeDeed) -> Result:
        """The agency is asked to stop; that it has stopped is its own to say."""
        return await take(self._database, task, self._withdraw)

    @activity.defn(name="check_claim")
    async def check_claim(self, task: TakeDeed) -> Result:
        """How the claim stands now, whatever was told of it before and in which order."""
        return await take(self._database, task, self._check)

    async def _attach(self, work: Casework) -> Result:
        claim, handle = await self._claim(work)
        if claim is None or handle is None or work.hindrance() is not None:
            return await work.finish(work.result(Outcome.NOT_NOW))
        async with self._database.reading() as session:
            documents = await documents_of(work, session)
        events = []
        for document in documents:
            try:
                await self._partner.attach(handle, document)
            except DocumentRefused as refused:
                events.append(_document_refused(work, claim, document.name, str(refused)))
        return await work.finish(work.result(Outcome.DONE), events=events)

    async def _report(self, work: Casework) -> Result:
        claim, handle = await self._claim(work)
        if claim is None or handle is None or work.hindrance() is not None:
            return await work.finish(work.result(Outcome.NOT_NOW))
        events = []
        outcome = Outcome.DONE
        for move in work.case.untold:
            try:
                await self._partner.report(handle, _report_of(work, claim, move))
            except (ClaimRefused, ClaimUnknown) as refused:
                outcome = Outcome.PASSED_OVER
                events.append(_not_heard(work, claim, move.key, str(refused)))
            else:
                events.append(_reported(work, claim, move))
        told = tuple(move.key for move in work.case.untold)
        return await work.finish(work.result(outcome, told=told), events=events)

    async def _withdraw(self, work: Casework) -> Result:
        claim, handle = await self._claim(work)
        if claim is None or handle is None or work.hindrance() is not None:
            return await work.finish(work.result(Outcome.NOT_NOW))
        reason = _REASONS[work.case.ends_with_order]
        key = f"{claim.reference}/withdrawal"
        try:
            await self._partner.withdraw(handle, key=key, reason=reason)
        except (ClaimRefused, ClaimUnknown) as refused:
            refusal = _not_heard(work, claim, "withdrawal", str(refused))
            return await work.finish(work.result(Outcome.PASSED_OVER), events=[refusal])
        return await work.finish(work.result(Outcome.DONE))

    async def _check(self, work: Casework) -> Result:
        claim, handle = await self._claim(work)
        if claim is None or handle is None:
            return await work.finish(work.result(Outcome.NOT_NOW))
        report = await self._partner.status(handle)
        events = claim_events(
            claim, report.status, at=work.at, reason=report.words, is_over=work.case.is_over
        )
        result = work.result(Outcome.DONE, reference=claim.reference, claim=report.status)
        return await work.finish(result, events=events, also=partial(_note_report, work, report))

    async def _claim(self, work: Casework) -> tuple[Claim | None, ClaimHandle | None]:
        """The claim of a case, and how the partner knows it."""
        claim = work.case.claim
        if claim is None:
            return None, None
        async with self._database.reading() as session:
            row = await session.get_one(ClaimRow, claim.reference)
        if row.partner_id is None:
            return claim, None
        return claim, ClaimHandle(reference=claim.reference, partner_id=row.partner_id)


async def _note_report(work: Casework, report: ClaimReport, session: AsyncSession) -> None:
    """The claim's row as the board shows it; a rejected one says so."""
    claim = work.case.claim
    assert claim is not None
    row = await session.get_one(ClaimRow, claim.reference)
    status = report.status
    row.status = "rejected" if status.closing == "rejected" else status.phase
    row.close_code = status.close_code
    row.reason = report.words
    row.collected = status.collected.amount
    row.updated_at = work.at
    session.add(row)


def _report_of(work: Casework, claim: Claim, move: Movement) -> PaymentToReport:
    at = work.at if isinstance(move, Fee) else move.at
    return PaymentToReport(
        key=f"{claim.reference}/{move.key}",
        kind=_KINDS[type(move)],
        amount=exact(move.moved),
        currency=move.moved.currency,
        on=work.terms.day_of(at),
        open_amount=exact(work.case.owed),
    )


def _reported(work: Casework, claim: Claim, move: Movement) -> Event:
    detail: Detail = {
        "kind": _KINDS[type(move)],
        "amount": str(move.moved),
        "currency": move.moved.currency,
    }
    if not isinstance(move, Fee):
        detail["payment_id"] = move.payment_id
    return Event(
        key=f"{claim.reference}/reported/{move.key}",
        at=work.at,
        name=EventName.CLAIM_PAYMENT_REPORTED,
        detail=detail,
    )


def _not_heard(work: Casework, claim: Claim, what: str, words: str) -> Event:
    """The partner will never hear of it, as of a claim that it has closed: it is not told again."""
    return Event(
        key=f"{claim.reference}/refused/{what}",
        at=work.at,
        name=EventName.CLAIM_UPDATED,
        detail={"refused": what, "reason": words},
    )


def _document_refused(work: Casework, claim: Claim, name: str, words: str) -> Event:
    return Event(
        key=f"{claim.reference}/refused/{name}",
        at=work.at,
        name=EventName.CLAIM_UPDATED,
        detail={"document_refused": name, "reason": words},
    )
