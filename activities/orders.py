"""What happens to a whole order because of one of its cases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.casework import Casework
from activities.tries import once_or_again, take
from dunning.deeds import Outcome, Result
from dunning.history import Event, EventName
from models.messages import TakeDeed
from models.orders import cancel_order, cases_beside
from runtime.database import Database

Deliver = Callable[[Sequence[str]], Awaitable[None]]


class OrderActivities:
    """Cancels orders; the other cases of the order hear of it through `deliver`."""

    def __init__(self, database: Database, deliver: Deliver) -> None:
        self._database = database
        self._deliver = deliver

    @activity.defn(name="cancel_order")
    async def cancel_order(self, task: TakeDeed) -> Result:
        """R11, `no_collection`: on the handoff day the order is canceled."""
        result = await take(self._database, task, self._cancel)
        await tell_the_others(self._database, self._deliver, task.case_id)
        return result

    async def _cancel(self, work: Casework) -> Result:
        hindrance = work.hindrance()
        if hindrance is not None:
            return await work.finish(work.result(hindrance))
        canceled = Event(key="order_canceled", at=work.at, name=EventName.ORDER_CANCELED)
        return await work.finish(
            work.result(Outcome.DONE), events=[canceled], also=partial(cancel_for, work)
        )


async def cancel_for(work: Casework, session: AsyncSession, *, for_claim: bool = False) -> None:
    """Cancel the order of a case because of that case, or of its claim (R11)."""
    order = work.dossier.order
    await cancel_order(
        session,
        order.seller_id,
        order.order_id,
        at=work.at,
        but=work.case.case_id,
        for_claim=for_claim,
    )


async def tell_the_others(database: Database, deliver: Deliver, case_id: str) -> None:
    """Bring the other cases of an order what waits for them, also from an earlier attempt."""
    with once_or_again():
        async with database.reading() as session:
            others = await cases_beside(session, case_id)
        await deliver(others)
