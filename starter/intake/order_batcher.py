"""Batching: orders that arrive at the same time are written in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starter.input.schemas import OrderBody
from starter.intake.batch_writes import Accepted, Outcome, write_batch
from starter.intake.open_orders import open_orders
from starter.refusals import Problem
from starter.services import Services

_AT_ONCE: Final = 50
# On a scenario's clock every call has its own time; a batch has only calls of the same moment.
_SAME_MOMENT: Final = timedelta(seconds=1)


@dataclass
class _Waiting:
    """An order whose caller waits for the answer."""

    body: OrderBody
    now: datetime
    answer: asyncio.Future[Accepted] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class OrderBatcher:
    """Gathers orders while others are being written; a single order is written at once.

    A transaction costs much the same for one order and for twenty (`docs/decisions/0014`).
    """

    def __init__(self, *, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    async def open(self, services: Services, body: OrderBody) -> Accepted:
        """Open an order, in one transaction with others that wait; returns once it is committed.

        Raises `Problem`, and what SQL raises.
        """
        mine = _Waiting(body, services.clock.now())
        self._waiting.append(mine)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write_all(services), name="order batcher")
        return await mine.answer

    async def _write_all(self, services: Services) -> None:
        """Write the orders that wait, in turns; it runs as a task."""
        while self._waiting:
            some = self._next()
            try:
                outcomes = await write_batch(
                    services.database.in_transaction,
                    open_orders,
                    [one.body for one in some],
                    now=some[0].now,
                )
            except Exception as error:  # `open` raises it for each caller
                for one in some:
                    if not one.answer.done():
                        one.answer.set_exception(error)
            else:
                _answer(some, outcomes)

    def _next(self) -> list[_Waiting]:
        moment = self._waiting[0].now
        now = [one for one in self._waiting if abs(one.now - moment) < _SAME_MOMENT]
        now = now[: self._at_once]
        self._waiting = [one for one in self._waiting if one not in now]
        return now


def _answer(some: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    for one, outcome in zip(some, outcomes, strict=True):
        if one.answer.done():  # its caller has disconnected
            continue
        if isinstance(outcome, Problem):
            one.answer.set_exception(outcome)
        else:
            one.answer.set_result(outcome)
