"""Talking to the collection partner about a claim that it has (R15)."""

from __future__ import annotations

from functools import partial
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.claim_content import documents_of, in_currency_digits
from activities.context import ActionContext
from activities.run_action import run_action
from adapters.partner.port import (
    ClaimHandle,
    ClaimRefused,
    ClaimReport,
    ClaimUnknown,
    CollectionPartner,
    DocumentRefused,
    PaymentToReport,
    ReportKind,
)
from dunning.case.claims import (
    claim_checked,
    documents_attached,
    money_reported,
    withdrawal_sent,
)
from dunning.case.plan import Plan
from dunning.case.state import DunningCase
from dunning.claims import Claim
from dunning.history import Detail, Event, EventName
from dunning.movements import Fee, Movement, Payment, Reversal, TakenBack
from models.changes import ChangedCase
from models.outbox import CaseRef
from models.payloads import DoAction
from models.tables import ClaimRow
from runtime.database import Database

_ORDER_CANCELED: Final = "The order was canceled."
_SELLER_ASKS: Final = "The creditor asks you to stop."
_KINDS: Final[dict[type[Movement], ReportKind]] = {
    Payment: ReportKind.PAYMENT,
    Reversal: ReportKind.REVERSAL,
    TakenBack: ReportKind.CORRECTION,
    Fee: ReportKind.COSTS,
}


class ClaimActivities:
    """The activities about a claim at the partner: documents, money, withdrawal, checks.

    All but the checks are done once.
    """

    def __init__(self, database: Database, partner: CollectionPartner) -> None:
        self._database = database
        self._partner = partner

    @activity.defn(name="attach_documents")
    async def attach_documents(self, task: DoAction) -> Plan:
        """Give the partner the invoice notice and the letters, as they were sent."""
        return await run_action(self._database, task, self._attach)

    @activity.defn(name="report_money")
    async def report_money(self, task: DoAction) -> Plan:
        """Report money that reached the seller or went back, and new costs, since the handoff."""
        return await run_action(self._database, task, self._report)

    @activity.defn(name="withdraw_claim")
    async def withdraw_claim(self, task: DoAction) -> Plan:
        """Ask the partner to stop; it reports itself when it has."""
        return await run_action(self._database, task, self._withdraw)

    @activity.defn(name="check_claim")
    async def check_claim(self, task: DoAction) -> Plan:
        """Read the claim's present status, whatever the partner reported before."""
        return await run_action(self._database, task, self._check)

    async def _attach(self, context: ActionContext) -> Plan:
        claim, handle = await self._claim(context)
        async with self._database.reading() as session:
            documents = await documents_of(context, session)
        events = []
        for document in documents:
            try:
                await self._partner.attach(handle, document)
            except DocumentRefused as refused:
                events.append(_document_refused(context, claim, document.name, str(refused)))
        return await context.change_case(lambda case: _with(documents_attached(case), events))

    async def _report(self, context: ActionContext) -> Plan:
        claim, handle = await self._claim(context)
        events, is_accepted = [], True
        moves = context.case.unreported
        for move in moves:
            try:
                await self._partner.report(handle, _report_of(context, claim, move))
            except (ClaimRefused, ClaimUnknown) as refused:
                is_accepted = False
                events.append(_report_refused(context, claim, move.key, str(refused)))
            else:
                events.append(_reported(context, claim, move))
        keys = [move.key for move in moves]
        return await context.change_case(
            lambda case: _with(money_reported(case, keys, is_accepted=is_accepted), events)
        )

    async def _withdraw(self, context: ActionContext) -> Plan:
        claim, handle = await self._claim(context)
        reason = _ORDER_CANCELED if context.case.ends_with_order else _SELLER_ASKS
        events, is_accepted = [], True
        try:
            await self._partner.withdraw(handle, key=f"{claim.reference}/withdrawal", reason=reason)
        except (ClaimRefused, ClaimUnknown) as refused:
            is_accepted = False
            events.append(_report_refused(context, claim, "withdrawal", str(refused)))
        return await context.change_case(
            lambda case: _with(withdrawal_sent(case, is_accepted=is_accepted), events)
        )

    async def _check(self, context: ActionContext) -> Plan:
        claim, handle = await self._claim(context)
        report = await self._partner.status(handle)
        checked = partial(
            claim_checked,
            reference=claim.reference,
            status=report.status,
            words=report.words,
            at=context.at,
        )
        plan, _ = await context.change_with_others(
            checked, also=partial(_note_report, context, claim, report)
        )
        return plan

    async def _claim(self, context: ActionContext) -> tuple[Claim, ClaimHandle]:
        """Return the claim of a case, and how the partner knows it."""
        claim = context.case.claim
        if claim is None:
            raise LookupError("this case has no claim")
        async with self._database.reading() as session:
            row = await session.get_one(ClaimRow, claim.reference)
        return claim, ClaimHandle(reference=claim.reference, partner_id=row.partner_id or "")


def _with(case: DunningCase, events: list[Event]) -> DunningCase:
    return case.changed(events=(*case.events, *events))


async def _note_report(
    context: ActionContext,
    claim: Claim,
    report: ClaimReport,
    session: AsyncSession,
    _changed: ChangedCase,
) -> list[CaseRef]:
    """Write the status to the claim's row; a rejected claim is `rejected` there, not `closed`."""
    row = await session.get_one(ClaimRow, claim.reference)
    status = report.status
    row.status = "rejected" if status.closing == "rejected" else status.phase
    row.close_code = status.close_code
    row.reason = report.words
    row.collected = status.collected.amount
    row.updated_at = context.at
    session.add(row)
    return []


def _report_of(context: ActionContext, claim: Claim, move: Movement) -> PaymentToReport:
    at = context.at if isinstance(move, Fee) else move.happened_at
    return PaymentToReport(
        key=f"{claim.reference}/{move.key}",
        kind=_KINDS[type(move)],
        amount=in_currency_digits(move.moved),
        currency=move.moved.currency,
        on=context.terms.day_of(at),
        open_amount=in_currency_digits(context.case.owed),
    )


def _reported(context: ActionContext, claim: Claim, move: Movement) -> Event:
    detail: Detail = {
        "kind": _KINDS[type(move)],
        "amount": str(move.moved),
        "currency": move.moved.currency,
    }
    if not isinstance(move, Fee):
        detail["payment_id"] = move.payment_id
    return Event(
        key=f"{claim.reference}/reported/{move.key}",
        at=context.at,
        name=EventName.CLAIM_PAYMENT_REPORTED,
        detail=detail,
    )


def _report_refused(context: ActionContext, claim: Claim, what: str, words: str) -> Event:
    """Return the entry for a report that the partner refused for good; it is not repeated.

    It refuses, for example, reports on a claim that it has closed.
    """
    return Event(
        key=f"{claim.reference}/refused/{what}",
        at=context.at,
        name=EventName.CLAIM_UPDATED,
        detail={"refused": what, "reason": words},
    )


def _document_refused(context: ActionContext, claim: Claim, name: str, words: str) -> Event:
    return Event(
        key=f"{claim.reference}/refused/{name}",
        at=context.at,
        name=EventName.CLAIM_UPDATED,
        detail={"document_refused": name, "reason": words},
    )
