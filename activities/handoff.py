"""The handoff day: who decides, and giving the claim to the collection partner."""

from __future__ import annotations

from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.casework import Casework
from activities.claim_content import claim_of
from activities.notices import SellerDesk, blocked_by_address
from activities.orders import Deliver, cancel_for, tell_the_others
from activities.tries import take
from adapters.mail import Mailer
from adapters.partner import ClaimRefused, ClaimTaken, CollectionPartner
from dunning.claims import ClaimPhase, ClaimStatus
from dunning.deeds import Fee, Outcome, Result
from dunning.history import Event, EventName
from dunning.money import Money
from dunning.notices import SellerTold
from dunning.plan import DunningOption
from models.messages import TakeDeed
from models.orders import add_fee, order_row
from models.tables import ClaimRow
from runtime.database import Database


class HandoffActivities:
    """Decides on the handoff day, and hands over once."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        partner: CollectionPartner,
        deliver: Deliver,
        *,
        mail_from: str,
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._partner = partner
        self._seller = SellerDesk(mailer, mail_from=mail_from)

    @activity.defn(name="decide_handoff")
    async def decide_handoff(self, task: TakeDeed) -> Result:
        """R12: handed over without a check, or the seller is asked. Nothing has gone yet."""
        return await take(self._database, task, self._decide)

    @activity.defn(name="decide_chargeback")
    async def decide_chargeback(self, task: TakeDeed) -> Result:
        """R13: a case that was paid is handed over, given to the seller, or begins anew."""
        return await take(self._database, task, self._decide_chargeback)

    @activity.defn(name="submit_claim")
    async def submit_claim(self, task: TakeDeed) -> Result:
        """R10, R16: the open amount as it is now, handed over once for case and round."""
        result = await take(self._database, task, self._submit)
        await tell_the_others(self._database, self._deliver, task.case_id)
        return result

    async def _decide(self, work: Casework) -> Result:
        hindrance = work.hindrance()
        if hindrance is not None:
            return await work.finish(work.result(hindrance))
        settings = work.dossier.settings
        return await self._hand_over_if(work, is_automatic=settings.auto_handoff)

    async def _decide_chargeback(self, work: Casework) -> Result:
        hindrance = work.hindrance()
        if hindrance is not None:
            return await work.finish(work.result(hindrance))
        settings = work.dossier.settings
        option = work.case.option or settings.dunning_option
        if option is DunningOption.NO_COLLECTION:
            return await work.finish(work.result(Outcome.NEW_ROUND))
        return await self._hand_over_if(
            work, is_automatic=settings.auto_chargeback_handoff, option=option
        )

    async def _hand_over_if(
        self, work: Casework, *, is_automatic: bool, option: DunningOption | None = None
    ) -> Result:
        """With `option` where no final notice has fixed one."""
        if not is_automatic:
            told = await self._seller.tell(work, SellerTold.APPROVAL_WANTED, blocked=True)
            result = work.result(Outcome.APPROVAL_WANTED, option=option)
            return await work.finish(result, events=told)
        if not work.dossier.address_complete:
            return await blocked_by_address(self._seller, work)
        return await work.finish(work.result(Outcome.GO, option=option))

    async def _submit(self, work: Casework) -> Result:
        hindrance = work.hindrance()
        if hindrance is not None:
            return await self._unless_taken(work, hindrance)
        try:
            taken = await self._partner.submit(await claim_of(work))
        except ClaimRefused as refused:
            return await self._rejected(work, refused)
        return await self._submitted(work, taken)

    async def _unless_taken(self, work: Casework, hindrance: Outcome) -> Result:
        """Nothing is to be handed over any more; but an attempt may have reached the partner."""
        taken = await self._partner.find(work.case.claim_reference)
        if taken is not None:
            return await self._submitted(work, taken)
        if hindrance is Outcome.BLOCKED:
            return await blocked_by_address(self._seller, work)
        return await work.finish(work.result(hindrance))

    async def _submitted(self, work: Casework, taken: ClaimTaken) -> Result:
        # What an earlier attempt handed over knows nothing of the money since.
        earlier = None if taken.is_new else taken.taken_at
        since = work.case.moved_after(earlier) if earlier else ()
        owed, reference = work.case.owed_before(since), work.case.claim_reference
        claim = ClaimRow(
            reference=reference,
            case_id=work.case.case_id,
            partner_id=taken.partner_id,
            status=ClaimPhase.SUBMITTED,
            currency=owed.currency,
            amount=owed.amount,
            submitted_at=work.at,
        )
        submitted = Event(
            key=work.case.key("claim"),
            at=work.at,
            name=EventName.CLAIM_SUBMITTED,
            detail={"reference": reference, "amount": str(owed)},
        )
        result = work.result(
            Outcome.DONE,
            reference=reference,
            claim=ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=Money.zero(owed.currency)),
            told=tuple(move.key for move in work.case.movements if move not in since),
        )
        cancels = work.case.option is DunningOption.CANCELLATION
        also = partial(_as_order_is_now, work, result) if cancels else None
        return await work.finish(result, events=[submitted], rows=[claim], also=also)

    async def _rejected(self, work: Casework, refused: ClaimRefused) -> Result:
        rejected = Event(
            key=work.case.key("claim/rejected"),
            at=work.at,
            name=EventName.CLAIM_REJECTED,
            detail={"reason": str(refused)},
        )
        told = await self._seller.tell(
            work, SellerTold.CLAIM_REJECTED, blocked=True, reason=str(refused)
        )
        claim = ClaimRow(
            reference=work.case.claim_reference,
            case_id=work.case.case_id,
            status="rejected",
            reason=str(refused),
            currency=work.case.owed.currency,
            amount=work.case.owed.amount,
            submitted_at=work.at,
        )
        return await work.finish(
            work.result(Outcome.REJECTED), events=[rejected, *told], rows=[claim]
        )


def _cancellation_costs(work: Casework) -> tuple[Fee, ...]:
    """R11: the costs of canceling the order, a fee of the first claim that the partner takes."""
    order = work.dossier.order
    costs = Money(amount=order.cancellation_costs, currency=order.currency)
    return (Fee(key="cancellation_costs", amount=costs),) if costs.is_positive else ()


async def _as_order_is_now(work: Casework, result: Result, session: AsyncSession) -> Result:
    """R11: the first claim that the partner takes cancels the order, and its costs join the claim.

    Whoever has canceled it in the meantime was first: another claim, or the backend (R29).
    """
    dossier = work.dossier
    order = await order_row(session, dossier.order.seller_id, dossier.order.order_id)
    if order is None:
        raise LookupError("no such order")
    news: dict[str, object] = {
        "order_canceled_at": order.canceled_at,
        "claims_go_on": order.canceled_for_claim,
    }
    if order.canceled_at is None:
        costs = _cancellation_costs(work)
        news = {"fees": costs, "order_canceled_at": work.at, "claims_go_on": True}
        await cancel_for(work, session, for_claim=True)
        for fee in costs:
            await add_fee(session, work.case.case_id, fee, ground="cancellation of the order")
    return result.model_copy(update={"facts": result.facts.model_copy(update=news)})
