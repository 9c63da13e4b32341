"""Facts that are committed, on their way to their cases.

A fact is in SQL before Temporal hears of it. What could not be delivered stays marked as
waiting; delivering twice does no harm, ids decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Final, Self

import structlog
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from temporalio.client import Client

from dunning.deeds import Payment, Reversal
from models.casebook import (
    case_of,
    leftover_deliveries,
    mark_delivered,
    waiting_deliveries,
)
from models.messages import (
    AskSeller,
    ClaimChanged,
    CustomerChanged,
    OrderCanceled,
    SettingsAnswered,
)
from models.orders import ORDER_CANCELED
from models.tables import CaseRow, DeliveryRow
from runtime.clock import Clock
from runtime.database import Database
from runtime.temporal import CasesUnavailable
from starter.asking import ASK_SELLER
from starter.client import CaseClient

log = structlog.get_logger()

OPEN: Final = "open"
PAYMENT: Final = "payment_recorded"
REVERSAL: Final = "payment_reversed"
CUSTOMER_CHANGED: Final = "customer_changed"
SETTINGS_ANSWERED: Final = "settings_answered"
CLAIM_CHANGED: Final = "claim_changed"
_CASES_A_ROUND: Final = 100
_SIDE_BY_SIDE: Final = 8
_FAREWELL_SECONDS: Final = 5
_GATHERING_SECONDS: Final = 0.25
_LONGEST_GATHERING: Final = 16
_MUCH: Final = 1000
_FACTS: Final[dict[str, type[BaseModel]]] = {
    PAYMENT: Payment,
    REVERSAL: Reversal,
    ORDER_CANCELED: OrderCanceled,
    CUSTOMER_CHANGED: CustomerChanged,
    SETTINGS_ANSWERED: SettingsAnswered,
    CLAIM_CHANGED: ClaimChanged,
}


class Deliverer:
    """Brings facts from SQL to the cases, those of one case in the order in which they happened.

    So many cases side by side: fewer where somebody waits for the same processor.
    """

    def __init__(
        self,
        database: Database,
        cases: CaseClient,
        clock: Clock,
        *,
        side_by_side: int = _SIDE_BY_SIDE,
    ) -> None:
        self._side_by_side = side_by_side
        self._database = database
        self._cases = cases
        self._clock = clock

    async def deliver(self, case_ids: Sequence[str]) -> None:
        """Deliver what waits for these cases; raises `CasesUnavailable` if any has to wait on."""
        for start in range(0, len(case_ids), _CASES_A_ROUND):
            async with self._database.reading() as session:
                some = case_ids[start : start + _CASES_A_ROUND]
                waiting = await waiting_deliveries(session, some)
            await self._deliver_round(waiting)

    async def deliver_or_leave(self, case_ids: Sequence[str]) -> None:
        """Deliver what can be delivered now: the caller's fact is safe either way."""
        try:
            await self.deliver(case_ids)
        except CasesUnavailable as error:
            log.warning("delivery_postponed", reason=str(error), cases=len(case_ids))

    async def deliver_leftovers(self, before: datetime) -> AsyncIterator[int]:
        """Deliver what has been waiting since before a moment; how much, after each round.

        What cannot be delivered is left for the next time, and holds up nothing behind it.
        """
        after = 0
        while True:
            async with self._database.reading() as session:
                waiting = await leftover_deliveries(
                    session, before=before, after=after, limit=_CASES_A_ROUND
                )
            if not waiting:
                return
            after = max(delivery.id or 0 for delivery in waiting)
            try:
                await self._deliver_round(waiting)
            except CasesUnavailable as error:
                log.warning("delivery_postponed", reason=str(error), facts=len(waiting))
            yield len(waiting)

    async def _deliver_round(self, waiting: Sequence[DeliveryRow]) -> None:
        """Cases side by side, the facts of each one after the other; then all marked at once."""
        if not waiting:
            return
        facts_of_case: dict[str, list[DeliveryRow]] = {}
        for delivery in waiting:
            facts_of_case.setdefault(delivery.case_id, []).append(delivery)
        rows = await self._rows_of(list(facts_of_case))
        turns = asyncio.Semaphore(self._side_by_side)
        done: list[int] = []

        async def deliver(case_id: str, facts: Sequence[DeliveryRow]) -> None:
            async with turns:
                for fact in facts:
                    await self._deliver_one(rows[case_id], fact)
                    done.append(fact.id or 0)

        outcomes = await asyncio.gather(
            *(deliver(*facts) for facts in facts_of_case.items()), return_exceptions=True
        )
        if done:
            async with self._database.writing() as session:
                await mark_delivered(session, done, self._clock.now())
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _rows_of(self, case_ids: Sequence[str]) -> dict[str, CaseRow]:
        async with self._database.reading() as session:
            query = select(CaseRow).where(col(CaseRow.case_id).in_(case_ids))
            return {row.case_id: row for row in await session.exec(query)}

    async def _deliver_one(self, row: CaseRow, delivery: DeliveryRow) -> None:
        """A case that runs hears of it; one that has ended is run again from where it stands."""
        case, at = case_of(row), delivery.created_at
        if delivery.kind == OPEN:
            if row.run_id is None:
                await self._cases.open(case, at=at)
        elif delivery.kind == ASK_SELLER:
            await self._cases.ask_seller(AskSeller.model_validate(delivery.payload), at=at)
        else:
            fact = _FACTS[delivery.kind].model_validate(delivery.payload)
            await self._cases.tell(case, delivery.kind, fact, at=at)


class Courier:
    """Delivers in the background what was just committed: its caller is not kept waiting.

    What it cannot deliver, and what it had not got to when its process ended, waits in SQL.
    """

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer
        self._given: dict[str, None] = {}
        self._under_way: list[str] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def take(self, case_ids: Sequence[str]) -> None:
        """Have what waits for these cases delivered soon."""
        self._given.update(dict.fromkeys(case_ids))
        self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name="courier")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Deliver what was given, but not for long."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._deliverer.deliver_or_leave([*self._under_way, *self._given])

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            await self._rush_over()
            self._under_way = list(islice(self._given, _CASES_A_ROUND))
            for case_id in self._under_way:
                del self._given[case_id]
            if not self._given:
                self._news.clear()
            try:
                await self._deliverer.deliver_or_leave(self._under_way)
            except SQLAlchemyError as error:
                log.warning("delivery_postponed", reason=type(error).__name__)
            self._under_way = []

    async def _rush_over(self) -> None:
        """While more and more is given, who calls is answered first: a case may begin later.

        But not for long, and not while much waits.
        """
        before = 0
        for _ in range(_LONGEST_GATHERING):
            if not before < len(self._given) < _MUCH:
                return
            before = len(self._given)
            await asyncio.sleep(_GATHERING_SECONDS)


def build_deliverer(database: Database, temporal: Client, clock: Clock) -> Deliverer:
    return Deliverer(database, CaseClient(temporal, clock), clock)
