"""What happens to a whole order because of one of its cases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from temporalio import activity

from activities.casework import AlreadyDone, Casework
from activities.tries import once_or_again
from dunning.deeds import Outcome, Result
from dunning.history import Event, EventName
from models.messages import TakeDeed
from models.orders import cancel_order
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
        with once_or_again():
            try:
                work = await Casework.begin(self._database, task)
            except AlreadyDone as done:
                return done.result
            hindrance = work.case.hindrance(task.deed, work.at, address_complete=True)
            if hindrance is not None:
                if work.dossier.order.canceled_at:  # by an attempt that got no further
                    await self._deliver([part.case_id for part in work.dossier.receivables])
                return await work.finish(work.result(hindrance))
            result = work.result(Outcome.DONE)
            canceled = Event(key="order_canceled", at=work.at, name=EventName.ORDER_CANCELED)
            order = work.dossier.order
            async with self._database.writing() as session:
                others = await cancel_order(
                    session,
                    order.seller_id,
                    order.order_id,
                    at=work.at,
                    but=task.case_id,
                )
            result = await work.finish(result, events=[canceled])
            await self._deliver(others)
            return result
