"""Telling Temporal the plans of cases.

A change is in SQL before Temporal hears of it, and the row says whether it has heard. To tell it
twice, late or in another order does no harm: the higher version counts.
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
from models.messages import AskSeller
from models.outbox import (
    Untold,
    mark_question_told,
    mark_told,
    rows_of,
    sellers_to_ask,
    untold_cases,
)
from models.seller import SellerProfile
from models.tables import CaseRow, SellerRow
from runtime.clock import Clock
from runtime.database import Database
from runtime.temporal import TemporalUnavailable
from starter.delivery.client import CaseClient

log = structlog.get_logger()

_CASES_A_ROUND: Final = 100
_SIDE_BY_SIDE: Final = 8
_SHUTDOWN_SECONDS: Final = 5
_HAS_TO_WAIT: Final = (TemporalUnavailable, SQLAlchemyError)


class PlanSender:
    """Tells Temporal what cases plan, some side by side.

    Fewer side by side where somebody waits for the same processor.
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

    async def tell(self, case_ids: Sequence[str]) -> None:
        """Tell what of these cases is untold, and ask their sellers what they are to be asked.

        Cases that are behind are brought up first, each in a transaction of its own. Raises
        `TemporalUnavailable`, or `SQLAlchemyError`, if any of it has to wait.
        """
        for start in range(0, len(case_ids), _CASES_A_ROUND):
            await self._tell_round(case_ids[start : start + _CASES_A_ROUND])

    async def tell_or_leave(self, untold: Sequence[Untold]) -> None:
        """Tell the plans; if Temporal is away, leave them to the sweep."""
        try:
            await self.tell([case.case_id for case in untold])
        except (TemporalUnavailable, SQLAlchemyError) as error:
            reason = str(error) if isinstance(error, TemporalUnavailable) else type(error).__name__
            log.warning("plans_postponed", reason=reason, cases=len(untold))

    async def tell_untold(self, before: datetime) -> AsyncIterator[int]:
        """Tell the cases that have been untold since before a moment; how many, round by round.

        Sellers take turns. A case that cannot be brought up holds up no other. Raises
        `TemporalUnavailable`.
        """
        seen: set[str] = set()
        while True:
            async with self._database.reading() as session:
                waiting = await untold_cases(session, before=before, but=seen, limit=_CASES_A_ROUND)
            if not waiting:
                return
            await self._tell_round(waiting)
            seen.update(waiting)
            yield len(waiting)

    async def ask_sellers(self, *, limit: int = _CASES_A_ROUND) -> int:
        """R21: have the sellers asked whose question Temporal has not heard of; how many."""
        async with self._database.reading() as session:
            sellers = await sellers_to_ask(session, limit=limit)
        for seller in sellers:
            await self._ask(seller)
        return len(sellers)

    async def _tell_round(self, case_ids: Sequence[str]) -> None:
        async with self._database.reading() as session:
            rows = await rows_of(session, case_ids)
            sellers = await sellers_to_ask(session, of={row.seller_id for row in rows})
        turns = asyncio.Semaphore(self._side_by_side)
        told: dict[str, int] = {}

        async def tell(row: CaseRow) -> None:
            async with turns:
                if row.is_behind:
                    row = await self._brought_up(row)
                if row.told_version < row.version:
                    told[row.case_id] = (await self._cases.tell(row)).version

        outcomes = await asyncio.gather(*map(tell, rows), return_exceptions=True)
        if told:
            async with self._database.writing() as session:
                await mark_told(session, told)
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, _HAS_TO_WAIT) or not isinstance(outcome, Exception | None):
                raise outcome
            if outcome is not None:  # it concerns this case alone, and holds up no other
                log.error("plan_not_told", case_id=row.case_id, kind=type(outcome).__name__)
        for seller in sellers:
            await self._ask(seller)

    async def _brought_up(self, row: CaseRow) -> CaseRow:
        return await bring_up_behind(self._database, row.case_id, at=self._clock.now())

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
            await mark_question_told(session, seller.seller_id)


async def bring_up_behind(database: Database, case_id: str, *, at: datetime) -> CaseRow:
    """Bring a case that is behind up to a moment, in a transaction of its own."""
    async with database.writing() as session:
        changed = await change_case(session, case_id, at=at)
    return changed.snapshot.row


class BackgroundSender:
    """Tells plans in the background, so that no caller waits for Temporal.

    Sellers take turns, so that many cases of one keep no other's waiting. What cannot be told,
    and what it had not got to when its process ended, waits in SQL.
    """

    def __init__(self, sender: PlanSender, *, at_once: int) -> None:
        """`at_once`: how many cases are told before it is looked again whose turn it is."""
        self._sender = sender
        self._at_once = at_once
        self._waiting: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._under_way: list[Untold] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def take(self, untold: Iterable[Untold]) -> None:
        """Have these cases told soon."""
        for case in untold:
            self._waiting.setdefault(case.seller_id, OrderedDict()).setdefault(case.case_id)
            self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name="background sender")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Tell what was given, but not for long."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        rest = self._under_way
        while some := self._next():
            rest += some
        with suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_SECONDS):
                await self._sender.tell_or_leave(rest)

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._under_way = self._next()
            await self._sender.tell_or_leave(self._under_way)
            self._under_way = []
            if not self._waiting:
                self._news.clear()

    def _next(self) -> list[Untold]:
        """Some cases, one of each seller by turns."""
        found: list[Untold] = []
        while self._waiting and len(found) < self._at_once:
            seller_id, case_ids = self._waiting.popitem(last=False)
            case_id, _ = case_ids.popitem(last=False)
            found.append(Untold(seller_id, case_id))
            if case_ids:  # its next turn comes after those of all others
                self._waiting[seller_id] = case_ids
        return found
