"""Giving a claim to the collection partner, once (R11, R12, R16)."""

from __future__ import annotations

from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.claim_content import claim_of
from activities.context import ActionContext
from activities.decisions import SendPlans
from activities.run_action import run_action
from adapters.partner.port import ClaimRefused, ClaimTaken, CollectionPartner
from dunning.case.handoff import (
    blocked_by_address,
    claim_not_there,
    claim_refused,
    claim_taken,
    handoff_decided,
)
from dunning.case.plan import Plan
from dunning.claims import ClaimPhase
from dunning.ladder import DunningOption
from dunning.money import Money
from dunning.movements import Fee
from models.changes import ChangedCase
from models.orders import add_fee, bring_up_order, cancel_order
from models.outbox import CaseRef
from models.payloads import DoAction
from models.tables import ClaimRow
from runtime.database import Database


class HandoffActivities:
    """The activities that hand over, and ask the partner whether an earlier attempt got through."""

    def __init__(
        self, database: Database, partner: CollectionPartner, send_plans: SendPlans
    ) -> None:
        self._database = database
        self._partner = partner
        self._send_plans = send_plans

    @activity.defn(name="hand_over")
    async def hand_over(self, task: DoAction) -> Plan:
        """R10, R12, R16: decide who hands over, and hand over what is owed now, once."""
        return await run_action(self._database, task, self._hand_over)

    @activity.defn(name="ask_partner")
    async def ask_partner(self, task: DoAction) -> Plan:
        """R16: ask the partner, after the handoff was called off, whether an attempt reached it."""
        return await run_action(self._database, task, self._ask)

    async def _hand_over(self, context: ActionContext) -> Plan:
        if not context.case.handoff_begun:
            # Committed before the partner is asked: from here on a stop is refused (R17).
            plan = await context.change_by_inputs(partial(handoff_decided, at=context.at))
            context = await ActionContext.begin(self._database, context.task)
            if not (context.case.handoff_begun and context.is_planned):
                return plan
        if not context.inputs.address_complete:
            return await self._unless_taken(context)
        try:
            taken = await self._partner.submit(await claim_of(context))
        except ClaimRefused as refused:
            return await self._refused(context, str(refused))
        return await self._taken(context, taken)

    async def _unless_taken(self, context: ActionContext) -> Plan:
        """R14: block the case, as its address is incomplete, unless the partner has the claim."""
        taken = await self._partner.find(context.case.claim_reference)
        if taken is not None:
            return await self._taken(context, taken)
        return await context.change_by_inputs(partial(blocked_by_address, at=context.at))

    async def _ask(self, context: ActionContext) -> Plan:
        taken = await self._partner.find(context.case.claim_reference)
        if taken is not None:
            return await self._taken(context, taken)
        return await context.change_case(claim_not_there)

    async def _taken(self, context: ActionContext, taken: ClaimTaken) -> Plan:
        # A claim from an earlier attempt does not include the money since then.
        earlier = None if taken.is_new else taken.taken_at
        since = context.case.moved_after(earlier) if earlier else ()
        owed, reference = context.case.owed_before(since), context.case.claim_reference
        reported = tuple(move.key for move in context.case.movements if move not in since)
        row = ClaimRow(
            reference=reference,
            case_id=context.case.case_id,
            partner_id=taken.partner_id,
            status=ClaimPhase.SUBMITTED,
            currency=owed.currency,
            amount=owed.amount,
            submitted_at=context.at,
        )
        plan, unsent = await context.change_with_others(
            partial(claim_taken, at=context.at, amount=owed, reported=reported),
            also=partial(_cancel_for_claim, context),
            rows=[row],
        )
        await self._send_plans(unsent)
        return plan

    async def _refused(self, context: ActionContext, words: str) -> Plan:
        owed = context.case.owed
        row = ClaimRow(
            reference=context.case.claim_reference,
            case_id=context.case.case_id,
            status="rejected",
            reason=words,
            currency=owed.currency,
            amount=owed.amount,
            submitted_at=context.at,
        )
        return await context.change_case(
            partial(claim_refused, at=context.at, words=words), rows=[row]
        )


async def _cancel_for_claim(
    context: ActionContext, session: AsyncSession, changed: ChangedCase
) -> list[CaseRef]:
    """R11: cancel the order when the partner takes its first claim; the costs join that claim.

    Nothing happens if the order was canceled before, for another claim or by the backend (R29).
    """
    order, case_id = changed.snapshot.order, changed.case.case_id
    if changed.case.option is not DunningOption.CANCELLATION or order.canceled_at is not None:
        return []
    await cancel_order(session, order, at=context.at, for_claim=True, by_case=case_id)
    costs = Money(amount=order.cancellation_costs, currency=order.currency)
    if costs.is_positive:
        fee = Fee(key="cancellation_costs", amount=costs)
        await add_fee(session, case_id, fee, ground="cancellation of the order")
    return await bring_up_order(session, order, at=context.at, except_case=case_id)
