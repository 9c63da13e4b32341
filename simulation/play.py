"""Playing a scenario: each call at its moment, independent ones side by side."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx
from pydantic import BaseModel

from simulation.queue import Queue
from simulation.scenario import Call, Line, PartnerAction, Scope, Scopes
from simulation.summaries import Summaries
from simulation.world import Stuck, World

AFTERMATH: Final = timedelta(days=120)
_SIDE_BY_SIDE: Final = 40
_CALLS_WITHOUT_ANSWER: Final = 60
_PAUSE_SECONDS: Final = 1.0
# Money changes whether a case goes on, never when.
_ONLY_MONEY: Final = "/v1/payments"


class RefusedCall(BaseModel, frozen=True):
    """A call that the API did not grant, or an action that the partner could not do."""

    call: Line
    scope: Scope
    status: int
    reason: str
    after_event: int


def end_of(calls: Sequence[Line], until: date | None) -> datetime:
    """The moment at which a scenario ends: with a UTC day, else 120 days after the last call."""
    if until is not None:
        return datetime.combine(until, time(23, 59, 59), UTC)
    return calls[-1].at + AFTERMATH if calls else datetime(1970, 1, 1, tzinfo=UTC)


class Player:
    """Makes the calls of a scenario in a world.

    Calls that touch the same customer, order or payment keep their order; a call that touches
    a whole seller comes after all before it and before all after it. The orders of a seller
    keep their order until one is accepted: for the first one the seller is asked (R21).
    """

    def __init__(self, world: World, calls: Sequence[Line], *, end: datetime) -> None:
        self._world = world
        self._calls = [call for call in calls if call.at <= end]
        self._scopes = Scopes(calls)
        self._end = end
        self._turns = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._first_taken: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._summaries = Summaries(world)
        self.refused: list[RefusedCall] = []

    async def play(self, progress: Callable[[int, int], None]) -> None:
        """Make every call, then let the time run to the end. Raises `Stuck`."""
        try:
            await self._make_all(progress)
        except BaseExceptionGroup as group:
            stuck = group.subgroup(Stuck)
            if stuck is None:
                raise
            raise _first(stuck) from group
        for seller_id in self.sellers:
            await self._world.advance_seller(seller_id, self._end)
            orders = await self._world.orders_to_advance(self._end, seller_id=seller_id)
            await self._world.advance_all(sorted(orders), self._end)

    async def _make_all(self, progress: Callable[[int, int], None]) -> None:
        """Make every call; calls that touch nothing in common are made side by side."""
        done = 0

        async def make_in_turn(
            call: Line,
            after: Sequence[asyncio.Task[None]],
            earlier_order: asyncio.Task[None] | None,
        ) -> None:
            nonlocal done
            if after:
                await asyncio.gather(*after)
            if earlier_order is not None:
                await self._first_order_of(self._scopes.of(call), earlier_order)
            async with self._turns:
                await self._make(call)
            done += 1
            progress(done, len(self._calls))

        queue = Queue()
        last_order: dict[str | None, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            for call in self._calls:
                await self._plan_summaries(group, queue, before=call.at)
                keys, seller_id = self._scopes.keys_of(call), self._scopes.of(call).seller_id
                after = queue.before_call(keys, seller_id)
                earlier_order = last_order.get(seller_id) if _opens_order(call) else None
                task = group.create_task(make_in_turn(call, after, earlier_order))
                queue.add_call(task, keys, seller_id)
                if _opens_order(call):
                    last_order[seller_id] = task
                if not keys and seller_id:
                    # Everything waits for it anyhow, and the seller may have changed its mind.
                    await task
                    await self._summaries.look_up(seller_id, after=call.at)
            await self._plan_summaries(group, queue, before=self._end)

    async def _first_order_of(self, scope: Scope, earlier: asyncio.Task[None]) -> None:
        """Wait until an order of the seller is accepted, or all before this one are refused."""
        taken = asyncio.create_task(self._first_taken[scope.seller_id or ""].wait())
        await asyncio.wait((taken, earlier), return_when=asyncio.FIRST_COMPLETED)
        taken.cancel()

    async def _plan_summaries(
        self, group: asyncio.TaskGroup, queue: Queue, *, before: datetime
    ) -> None:
        """Have summaries sent at their moments, after all that comes before them."""

        async def send(seller_id: str, at: datetime, after: Sequence[asyncio.Task[None]]) -> None:
            await asyncio.gather(*after)
            async with self._turns:
                await self._summaries.send(seller_id, at)

        while due := list(self._summaries.before(before)):
            for at, seller_id in due:
                after = queue.before_summaries(seller_id)
                queue.add_summaries(group.create_task(send(seller_id, at, after)), seller_id)
                await self._summaries.look_up(seller_id, after=at)

    @property
    def sellers(self) -> list[str]:
        """The sellers that the calls name."""
        named = (self._scopes.of(call).seller_id for call in self._calls)
        return sorted({seller_id for seller_id in named if seller_id})

    async def _make(self, call: Line) -> None:
        scope = self._scopes.of(call)
        await self._advance_to(call, scope)
        with self._world.clock.at(call.at):
            answer = await self._do(call)
        if answer.is_error:
            refused = RefusedCall(
                call=call,
                scope=scope,
                status=answer.status_code,
                reason=_reason(answer),
                after_event=await self._world.last_event(),
            )
            self.refused.append(refused)
        elif isinstance(call, Call):
            self._scopes.granted(call)
            if _opens_order(call):
                self._first_taken[scope.seller_id or ""].set()
        await self._settle(scope)

    async def _do(self, call: Line) -> httpx.Response:
        if isinstance(call, PartnerAction):
            return await self._world.partner.do(call.partner)
        for _ in range(_CALLS_WITHOUT_ANSWER):
            answer = await self._world.api.request(
                call.method,
                call.url,
                content=None if call.body is None else json.dumps(call.body),
                headers={
                    "Content-Type": "application/json",
                    "Idempotency-Key": f"line-{call.line}",
                },
            )
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
            await asyncio.sleep(_PAUSE_SECONDS)  # the database is busy: the same is asked again
        raise Stuck(f"line {call.line}: the API answers {answer.status_code} again and again")

    async def _advance_to(self, call: Line, scope: Scope) -> None:
        """Advance the cases that a line touches to its moment."""
        if scope.seller_id and scope.order_id:
            await self._world.advance_order(
                scope.seller_id,
                scope.order_id,
                call.at,
                leave_idle=isinstance(call, Call) and call.path.startswith(_ONLY_MONEY),
            )
        if isinstance(call, PartnerAction) or call.method == "GET":
            return
        if scope.seller_id and not scope.order_id:
            await self._world.advance_seller(scope.seller_id, call.at)
        touches_people = call.path.startswith(("/v1/orders", "/v1/customers", "/v1/sellers"))
        if touches_people or scope.seller_id is None:
            orders = await self._world.orders_to_advance(
                call.at, seller_id=scope.seller_id, customer_id=scope.customer_id
            )
            await self._world.advance_all(sorted(orders), call.at)

    async def _settle(self, scope: Scope) -> None:
        if scope.seller_id and scope.order_id:
            await self._world.settle_order(scope.seller_id, scope.order_id)
        elif scope.seller_id and scope.customer_id:
            orders = await self._world.orders_to_advance(
                self._end, seller_id=scope.seller_id, customer_id=scope.customer_id
            )
            for order in sorted(orders):
                await self._world.settle_order(*order)


def _first(group: BaseExceptionGroup[Stuck]) -> Stuck:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def _opens_order(call: Line) -> bool:
    if isinstance(call, PartnerAction):
        return False
    return call.method == "POST" and call.path.partition("?")[0] == "/v1/orders"


def _reason(answer: httpx.Response) -> str:
    """The documented reason if there is one, else what is wrong with the first field."""
    try:
        problem: dict[str, Any] = answer.json()
    except ValueError:
        return answer.text[:200]
    if "reason" in problem:
        return str(problem["reason"])
    errors = problem.get("errors") or []
    if errors:
        return f"{errors[0]['field']}: {errors[0]['message']}"
    return str(problem.get("detail", problem.get("title", "")))
