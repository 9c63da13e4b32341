"""Sending the plans of cases to Temporal.

A change is committed to SQL before it is sent to Temporal, and the row notes which version was
sent. Sending a plan twice, late or out of order does no harm: the higher version counts.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dunning.settings import answer_until
from models.changes import change_case
from models.outbox import (
    CaseRef,
    mark_question_sent,
    mark_sent,
    rows_of,
    sellers_to_ask,
    unsent_cases,
)
from models.payloads import AskSeller
from models.seller import SellerProfile
from models.tables import CaseRow, SellerRow
from runtime.clock import Clock
from runtime.database import Database
from runtime.temporal import TemporalUnavailable
from starter.delivery.client import CaseClient

log = structlog.get_logger()

_BATCH_SIZE: Final = 100
_SIDE_BY_SIDE: Final = 8
_SHUTDOWN_SECONDS: Final = 5
_HAS_TO_WAIT: Final = (TemporalUnavailable, SQLAlchemyError)


class PlanSender:
    """Sends the plans of cases to Temporal, several at a time.

    The API sends fewer at a time than the worker, as callers wait for the same processor.
    """

    def __init__(
        self,
        database: Database,
        cases: CaseClient,
        clock: Clock,
        *,
        side_by_side: int = _SIDE_BY_SIDE,
    ) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock
        self._side_by_side = side_by_side

    async def send(self, case_ids: Sequence[str]) -> None:
        """Send the plans that Temporal does not have yet, and start the questions to their sellers.

        Cases that are behind are brought up first, each in its own transaction. Raises
        `TemporalUnavailable` or `SQLAlchemyError` if any of it has to wait.
        """
        for start in range(0, len(case_ids), _BATCH_SIZE):
            await self._send_batch(case_ids[start : start + _BATCH_SIZE])

    async def send_or_leave(self, unsent: Sequence[CaseRef]) -> None:
        """Send the plans; if Temporal or the database is away, leave them to the sweep."""
        try:
            await self.send([case.case_id for case in unsent])
        except (TemporalUnavailable, SQLAlchemyError) as error:
            reason = str(error) if isinstance(error, TemporalUnavailable) else type(error).__name__
            log.warning("plans_postponed", reason=reason, cases=len(unsent))

    async def send_unsent(self, before: datetime) -> AsyncIterator[int]:
        """Send the plans that are unsent since before a moment; yield how many, batch by batch.

        Sellers take turns. A case that cannot be brought up does not hold up others. Raises
        `TemporalUnavailable` or `SQLAlchemyError`.
        """
        seen: set[str] = set()
        while True:
            async with self._database.reading() as session:
                waiting = await unsent_cases(
                    session, before=before, except_cases=seen, limit=_BATCH_SIZE
                )
            if not waiting:
                return
            await self._send_batch(waiting)
            seen.update(waiting)
            yield len(waiting)

    async def ask_sellers(self, *, limit: int = _BATCH_SIZE) -> int:
        """R21: have sellers asked whose question Temporal does not have yet; return how many."""
        async with self._database.reading() as session:
            sellers = await sellers_to_ask(session, limit=limit)
        for seller in sellers:
            await self._ask(seller)
        return len(sellers)

    async def _send_batch(self, case_ids: Sequence[str]) -> None:
        async with self._database.reading() as session:
            rows = await rows_of(session, case_ids)
            sellers = await sellers_to_ask(session, of={row.seller_id for row in rows})
        turns = asyncio.Semaphore(self._side_by_side)
        sent: dict[str, int] = {}

        async def send(row: CaseRow) -> None:
            async with turns:
                if row.is_behind:
                    row = await self._brought_up(row)
                if row.sent_version < row.version:
                    sent[row.case_id] = (await self._cases.send_plan(row)).version

        outcomes = await asyncio.gather(*map(send, rows), return_exceptions=True)
        if sent:
            async with self._database.writing() as session:
                await mark_sent(session, sent)
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, _HAS_TO_WAIT) or not isinstance(outcome, Exception | None):
                raise outcome
            if outcome is not None:  # only this case failed; the others go on
                log.error("plan_not_told", case_id=row.case_id, kind=type(outcome).__name__)
        for seller in sellers:
            await self._ask(seller)

    async def _brought_up(self, row: CaseRow) -> CaseRow:
        """Bring up a case that is behind, in a transaction of its own."""
        async with self._database.writing() as session:
            changed = await change_case(session, row.case_id, at=self._clock.now())
        return changed.snapshot.row

    async def _ask(self, seller: SellerRow) -> None:
        asked_at, case_id = seller.settings_asked_at, seller.settings_asked_for
        if asked_at is None or case_id is None:
            return
        zone = SellerProfile.model_validate(seller.profile).time_zone
        question = AskSeller(
            seller_id=seller.seller_id, case_id=case_id, until=answer_until(asked_at, zone)
        )
        await self._cases.ask_seller(question, at=asked_at)
        async with self._database.writing() as session:
            await mark_question_sent(session, seller.seller_id)


class BackgroundSender:
    """Sends plans in the background, so that no caller waits for Temporal.

    Sellers take turns, so that a seller with many cases does not delay the others. Plans that could
    not be sent, or were not sent before the process ended, wait in SQL.
    """

    def __init__(self, sender: PlanSender, *, at_once: int) -> None:
        """`at_once`: how many cases are sent before the sellers take turns again."""
        self._sender = sender
        self._at_once = at_once
        self._waiting: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._under_way: list[CaseRef] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def enqueue(self, unsent: Iterable[CaseRef]) -> None:
        """Have the plans of these cases sent soon."""
        for case in unsent:
            self._waiting.setdefault(case.seller_id, OrderedDict()).setdefault(case.case_id)
            self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name="background sender")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Send what is waiting, within a few seconds."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        rest = self._under_way
        while some := self._next():
            rest += some
        with suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_SECONDS):
                await self._sender.send_or_leave(rest)

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._under_way = self._next()
            try:
                await self._sender.send_or_leave(self._under_way)
            except Exception:  # these are left to the sweep; the others go on
                log.exception("background_sending_failed")
            self._under_way = []
            if not self._waiting:
                self._news.clear()

    def _next(self) -> list[CaseRef]:
        """Take some waiting cases, one of each seller in turn."""
        found: list[CaseRef] = []
        while self._waiting and len(found) < self._at_once:
            seller_id, case_ids = self._waiting.popitem(last=False)
            case_id, _ = case_ids.popitem(last=False)
            found.append(CaseRef(seller_id, case_id))
            if case_ids:  # the seller goes to the end of the queue
                self._waiting[seller_id] = case_ids
        return found
