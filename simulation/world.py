"""The whole system on a fast clock: real server, workflows, activities, API, database and SMTP.

Every case has its own clock. It starts at the machine's time and only moves forward;
`clock_shift` in the workflow's input maps it to the scenario's time. Before a call touches a case
at some moment, the case is advanced to that moment.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

import httpx
from pydantic import BaseModel
from sqlalchemy import func
from sqlmodel import col, select
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from dunning.actions import ActionKind
from dunning.settings import answer_until
from dunning.stages import WORKFLOW_ENDS_AT
from models.seller import SellerProfile
from models.tables import CaseRow, EventRow, OrderRow, SellerRow
from runtime.database import Database
from simulation.clock import ScenarioClock
from simulation.partner import PartnerDriver
from starter.delivery.client import settings_workflow_id_of, workflow_id_of

_MARGIN: Final = timedelta(milliseconds=50)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.04, 0.32
# How often it is looked without seeing anything move anywhere, and asked without an answer.
_LOOKS_WITHOUT_PROGRESS: Final = 600
_CALLS_WITHOUT_ANSWER: Final = 60
_CALL_TIMEOUT: Final = timedelta(seconds=10)
_HALF_AN_HOUR, _NEAR = timedelta(minutes=30), timedelta(minutes=10)
_AT_ONCE: Final = 40
# The client says CANCELLED when its own patience has ended.
_NO_ANSWER: Final = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
)


class Stuck(RuntimeError):
    """The scenario cannot go on."""


class CaseStuck(Stuck):
    """A case still has something to do, and no workflow gets on any more."""

    def __init__(self, workflow_id: str) -> None:
        super().__init__(f"{workflow_id} does not come to rest, and nothing else moves either")


class TemporalGone(Stuck):
    """The Temporal server does not answer any more."""

    def __init__(self, status: RPCStatusCode) -> None:
        super().__init__(f"Temporal does not answer any more ({status.name})")


class PendingCase(NamedTuple):
    """A case that has not ended, and when it next acts by itself."""

    case_id: str
    installment: int | None
    wakes_at: datetime | None

    def acts_before(self, moment: datetime) -> bool:
        return self.wakes_at is not None and self.wakes_at <= moment


class _Shifted(BaseModel):
    """What the inputs of all workflows here have in common."""

    clock_shift: timedelta


@dataclass
class World:
    """The running system, and the means to move its cases through time."""

    api: httpx.AsyncClient
    clock: ScenarioClock
    database: Database
    temporal: Client
    partner: PartnerDriver
    _shifts: dict[str, timedelta] = field(default_factory=dict)
    _lengths: dict[str, int] = field(default_factory=dict)
    _progress: int = 0
    _turns_of_sellers: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    _turns_of_cases: defaultdict[tuple[str, ...], asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    def __post_init__(self) -> None:
        self._skipper = TimeSkipper(self.temporal)

    async def advance_order(
        self, seller_id: str, order_id: str, moment: datetime, *, leave_idle: bool = False
    ) -> None:
        """Bring the cases of one order up to a moment, in step.

        Cases of one customer depend on each other: the law counts the customer's messages (R9),
        and one mail tells the seller of the address (R14). So only the case with the earliest next
        step is forwarded, then all are looked at again. With `leave_idle`, cases that have nothing
        to do until the moment are not forwarded.
        """
        touching = await self._touching(seller_id, order_id)
        async with self._turns_of_cases[tuple(touching.values())]:
            await self._advance(touching, moment, leave_idle=leave_idle)

    async def _advance(self, of: dict[str, str], moment: datetime, *, leave_idle: bool) -> None:
        retrying: set[str] = set()
        while True:
            cases = await self._pending_cases(**of)
            due = [c for c in cases if c.acts_before(moment) and c.case_id not in retrying]
            if not due:
                break
            first = min(due, key=lambda case: (case.wakes_at, case.installment or 0, case.case_id))
            if len(cases) == 1 and _is_far(first.wakes_at, moment):
                break
            if not await self._step(first):
                retrying.add(first.case_id)
        acts = {case.case_id for case in due} | retrying
        to_move = [case for case in cases if case.case_id in acts or not leave_idle]
        await asyncio.gather(*(self.forward(case.case_id, moment) for case in to_move))

    async def _step(self, case: PendingCase) -> bool:
        """Bring a case to its next act and let it act; False if it cannot, and tries again.

        The jump ends just before the moment: a jump that ends while the case is at work is
        carried on by the server to the next timer, days too far.
        """
        wakes_at = case.wakes_at or self.clock.now()
        await self._jump(workflow_id_of(case.case_id), wakes_at - _MARGIN)
        return await self.settle(case.case_id, until=wakes_at)

    async def forward(self, case_id: str, moment: datetime) -> None:
        """Let the time of one case pass until a moment, with all that it does on the way."""
        await self._jump(workflow_id_of(case_id), moment)
        await self.settle(case_id, until=moment)

    async def advance_seller(self, seller_id: str, moment: datetime) -> None:
        """Let the wait for a seller's answer pass until a moment (R21).

        Nothing else has to keep step with it: what a case does follows from when the seller was
        asked and when it answered.
        """
        workflow_id = settings_workflow_id_of(seller_id)

        async def ends() -> bool:
            return await self._no_handoff_before(seller_id) <= moment

        # Calls about several customers come at the same time, and one jump would end another.
        async with self._turns_of_sellers[seller_id]:
            await self._jump(workflow_id, moment)
            await self._wait_until_idle(workflow_id, ends)

    async def _no_handoff_before(self, seller_id: str) -> datetime:
        """When the defaults apply to a seller that was asked."""
        async with self.database.reading() as session:
            seller = await session.get_one(SellerRow, seller_id)
        asked_at = seller.settings_asked_at or self.clock.now()
        return answer_until(asked_at, SellerProfile.model_validate(seller.profile).time_zone)

    async def _jump(self, workflow_id: str, moment: datetime) -> None:
        # Asked again from the beginning: a jump whose answer was lost has been made.
        await _answered(lambda: self._try_to_jump(workflow_id, moment))

    async def _try_to_jump(self, workflow_id: str, moment: datetime) -> None:
        described = await self._describe(workflow_id)
        if described is None:
            return
        handle: WorkflowHandle[Any, Any] = self.temporal.get_workflow_handle(workflow_id)
        shift = await self._shift_of(handle, described.workflow_execution_info.execution.run_id)
        info = described.workflow_extended_info
        its_now = self.clock.machine.now()
        if info.HasField("time_skipping_info"):
            its_now = info.time_skipping_info.current_time.ToDatetime(tzinfo=UTC)
        ahead = moment + shift - its_now
        if ahead > timedelta(0):
            await self._skipper.fast_forward(handle, ahead)

    async def settle(self, case_id: str, *, until: datetime | None = None) -> bool:
        """Wait until a case has nothing under way, and nothing left to do `until` a moment.

        False if it waits to try something again. Raises `CaseStuck` if nothing moves any more.
        """

        async def acts() -> bool:
            return until is not None and await self._acts_before(case_id, until)

        return await self._wait_until_idle(workflow_id_of(case_id), acts)

    async def _wait_until_idle(self, workflow_id: str, acts: Callable[[], Awaitable[bool]]) -> bool:
        """Wait until a workflow has nothing under way and does not still have to act.

        However slow the machine is: as long as any workflow gets on, nobody is stuck.
        """
        pause, looks, progress = _SHORTEST_PAUSE, 0, self._progress
        while described := await self._describe(workflow_id):
            if any(_tries_again(activity) for activity in described.pending_activities):
                return False
            busy = described.HasField("pending_workflow_task") or described.pending_activities
            if not busy and not await acts():
                return True
            looks = looks + 1 if progress == self._progress else 0
            progress = self._progress
            if looks > _LOOKS_WITHOUT_PROGRESS:
                raise CaseStuck(workflow_id)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return True

    async def _acts_before(self, case_id: str, moment: datetime) -> bool:
        """A jump may end before the server has fired the timers that it passed."""
        return any(case.acts_before(moment) for case in await self._pending_cases(case_id=case_id))

    async def _describe(self, workflow_id: str) -> DescribeWorkflowExecutionResponse | None:
        """Return the server's description of a workflow, None if it does not run."""
        request = DescribeWorkflowExecutionRequest(namespace=self.temporal.namespace)
        request.execution.workflow_id = workflow_id
        try:
            described = await _answered(
                lambda: self.temporal.workflow_service.describe_workflow_execution(
                    request, timeout=_CALL_TIMEOUT
                )
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        length = described.workflow_execution_info.history_length
        if self._lengths.get(workflow_id) != length:
            self._lengths[workflow_id] = length
            self._progress += 1
        runs = described.workflow_execution_info.status == WorkflowExecutionStatus.RUNNING.value
        return described if runs else None

    async def last_event(self) -> int:
        """The number of the entry written last in any history."""
        async with self.database.reading() as session:
            return (await session.exec(select(func.max(EventRow.id)))).one() or 0

    async def settle_order(self, seller_id: str, order_id: str) -> None:
        """Wait until no case of an order has anything under way."""
        async with self.database.reading() as session:
            query = select(CaseRow.case_id).where(
                CaseRow.seller_id == seller_id, CaseRow.order_id == order_id
            )
            case_ids = list(await session.exec(query))
        await asyncio.sleep(_SHORTEST_PAUSE)  # what has just been told is never done at once
        await asyncio.gather(*(self.settle(case_id) for case_id in case_ids))

    async def advance_all(
        self, orders: Iterable[tuple[str, str]], moment: datetime, *, leave_idle: bool = False
    ) -> None:
        """Bring many orders up to a moment, some at a time."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def bring(seller_id: str, order_id: str) -> None:
            async with turns:
                await self.advance_order(seller_id, order_id, moment, leave_idle=leave_idle)

        await asyncio.gather(*(bring(*order) for order in orders))

    async def orders_to_advance(
        self,
        moment: datetime,
        *,
        seller_id: str | None = None,
        customer_id: str | None = None,
    ) -> set[tuple[str, str]]:
        """The orders with a case that acts before a moment, or that waits for somebody.

        For an address (R14), or with its handoff for the seller's settings (R21).
        """
        waits = col(CaseRow.blocked_by).is_not(None) | (
            col(CaseRow.next_kind) == ActionKind.HANDOFF
        )
        query = select(CaseRow.seller_id, CaseRow.order_id).where(
            col(CaseRow.stage).not_in(list(WORKFLOW_ENDS_AT)),
            waits | (col(CaseRow.wakes_at) <= moment),
        )
        if seller_id is not None:
            query = query.where(CaseRow.seller_id == seller_id)
        if customer_id is not None:
            query = query.where(CaseRow.customer_id == customer_id)
        async with self.database.reading() as session:
            return set(await session.exec(query))

    async def _touching(self, seller_id: str, order_id: str) -> dict[str, str]:
        """Which cases have to keep in step with those of an order."""
        async with self.database.reading() as session:
            order = await session.get(OrderRow, (seller_id, order_id))
        if order is None:
            return {"seller_id": seller_id, "order_id": order_id}
        return {"seller_id": seller_id, "customer_id": order.customer_id}

    async def _pending_cases(self, **of: str) -> list[PendingCase]:
        query = (
            select(CaseRow.case_id, CaseRow.installment, CaseRow.wakes_at)
            .where(col(CaseRow.stage).not_in(list(WORKFLOW_ENDS_AT)))
            .filter_by(**of)
        )
        async with self.database.reading() as session:
            return [PendingCase(*row) for row in await session.exec(query)]

    async def _shift_of(self, handle: WorkflowHandle[Any, Any], run_id: str) -> timedelta:
        """The clock shift of a run, as its input says."""
        if run_id not in self._shifts:
            async for event in handle.fetch_history_events(page_size=1):
                given = event.workflow_execution_started_event_attributes.input.payloads
                opening = (await pydantic_data_converter.decode(given, [_Shifted]))[0]
                self._shifts[run_id] = opening.clock_shift
                break
        return self._shifts[run_id]


_Answer = TypeVar("_Answer")


async def _answered(call: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Return the answer of a server that may be slow or frozen. Raises `TemporalGone`."""
    for _ in range(_CALLS_WITHOUT_ANSWER):
        try:
            return await call()
        except RPCError as error:
            if error.status not in _NO_ANSWER:
                raise
            status = error.status
            await asyncio.sleep(_LONGEST_PAUSE)
    raise TemporalGone(status)


def _is_far(wakes_at: datetime | None, moment: datetime) -> bool:
    """Whether one jump to a moment is safe: no act of the case can lie shortly before it.

    A case acts at one time of day (midnight, for a hold), which a clock change moves by half
    an hour or a whole one.
    """
    return wakes_at is not None and (moment - wakes_at) % _HALF_AN_HOUR > _NEAR


def _tries_again(activity: PendingActivityInfo) -> bool:
    """Whether an attempt has failed and the next one is waiting for its time."""
    waits = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    return waits and activity.attempt > 1
