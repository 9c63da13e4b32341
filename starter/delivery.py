"""Facts that are committed, on their way to their cases.

A fact is in SQL before Temporal hears of it. What could not be delivered stays marked as
waiting; delivering twice does no harm, ids decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog
from pydantic import BaseModel
from temporalio.client import Client

from dunning.deeds import Payment, Reversal
from models.casebook import case_of, mark_delivered, waiting_deliveries
from models.messages import CustomerChanged, OrderCanceled
from models.orders import ORDER_CANCELED
from models.tables import CaseRow, DeliveryRow
from runtime.clock import Clock
from runtime.database import Database
from runtime.temporal import CasesUnavailable
from starter.client import CaseClient

log = structlog.get_logger()

OPEN: Final = "open"
PAYMENT: Final = "payment_recorded"
REVERSAL: Final = "payment_reversed"
CUSTOMER_CHANGED: Final = "customer_changed"
_FACTS: Final[dict[str, type[BaseModel]]] = {
    PAYMENT: Payment,
    REVERSAL: Reversal,
    ORDER_CANCELED: OrderCanceled,
    CUSTOMER_CHANGED: CustomerChanged,
}


class Deliverer:
    """Brings facts from SQL to the cases, in the order in which they happened."""

    def __init__(self, database: Database, cases: CaseClient, clock: Clock) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock

    async def deliver(self, case_ids: Sequence[str]) -> None:
        """Deliver what waits for these cases; raises `CasesUnavailable` if Temporal is away."""
        if not case_ids:
            return
        async with self._database.reading() as session:
            waiting = await waiting_deliveries(session, case_ids)
        for delivery in waiting:
            await self._deliver_one(delivery)
        if waiting:
            async with self._database.writing() as session:
                ids = [delivery.id for delivery in waiting if delivery.id is not None]
                await mark_delivered(session, ids, self._clock.now())

    async def deliver_or_leave(self, case_ids: Sequence[str]) -> None:
        """Deliver what can be delivered now: the caller's fact is safe either way."""
        try:
            await self.deliver(case_ids)
        except CasesUnavailable as error:
            log.warning("delivery_postponed", reason=str(error), cases=len(case_ids))

    async def _deliver_one(self, delivery: DeliveryRow) -> None:
        """A case that runs hears of it; one that has ended is run again from where it stands."""
        async with self._database.reading() as session:
            row = await session.get_one(CaseRow, delivery.case_id)
        case, at = case_of(row), delivery.created_at
        if delivery.kind == OPEN:
            if row.run_id is None:
                await self._cases.open(case, at=at)
        else:
            fact = _FACTS[delivery.kind].model_validate(delivery.payload)
            await self._cases.tell(case, delivery.kind, fact, at=at)


def build_deliverer(database: Database, temporal: Client, clock: Clock) -> Deliverer:
    return Deliverer(database, CaseClient(temporal, clock), clock)
