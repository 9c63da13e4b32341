"""The workflow of one case, from its opening to its end: it waits, and has planned actions done."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.decisions import DecisionActivities
    from dunning.actions import ActionKind, Lane
    from dunning.case.plan import Plan, PlannedAction
    from dunning.requests import Verb
    from dunning.stages import Stage
    from models.payloads import AskCase, DoAction, RunCase
    from workflows import dispatch, options
    from workflows.search_attributes import changed_attributes


@workflow.defn(name="DunningCase")
class DunningCaseWorkflow:
    """The workflow of a case: holds its newest plan, waits, and has its actions done by activities.

    Decisions are made in the case's row, not here. A newer plan comes with the signal `changed`, or
    as the answer of an activity. Signals may come twice, late and in any order.
    """

    @workflow.init
    def __init__(self, case: RunCase) -> None:
        self._plan = case.plan
        self._clock_shift = case.clock_shift
        self._asked = 0
        self._asking = asyncio.Lock()
        workflow.set_current_details(self._plan.words)

    @workflow.run
    async def run(self, case: RunCase) -> Stage:
        while not self._plan.is_finished:
            await _despite_cancellation(self._work_in_all_lanes())
            await _despite_cancellation(workflow.wait_condition(workflow.all_handlers_finished))
        return self._plan.stage

    @workflow.signal(description="The case was changed, and plans this")
    def changed(self, plan: Plan) -> None:
        self._adopt(plan)

    # --- requests of operators, to one case or to many in a batch job -------------------------

    @workflow.signal(description="Stop the case, until the handoff has begun")
    async def stop(self, given: Any = None) -> None:
        await self._ask(Verb.STOP, given)

    @workflow.signal(description="Take a stopped case up again")
    async def start(self, given: Any = None) -> None:
        await self._ask(Verb.START, given)

    @workflow.signal(description="Hand the case over now")
    async def escalate(self, given: Any = None) -> None:
        await self._ask(Verb.ESCALATE, given)

    @workflow.signal(description='Pause the case; {"until": "2026-12-31"} for its last day')
    async def hold(self, given: Any = None) -> None:
        await self._ask(Verb.HOLD, given)

    @workflow.signal(description="End the pause, or try again after an error")
    async def resume(self, given: Any = None) -> None:
        await self._ask(Verb.RESUME, given)

    @workflow.signal(description="Ask the partner to stop")
    async def withdraw(self, given: Any = None) -> None:
        await self._ask(Verb.WITHDRAW, given)

    @workflow.query(description="What the case plans")
    def plan(self) -> Plan:
        return self._plan

    async def _ask(self, verb: Verb, given: Any) -> None:
        """Decide an operator's request as a seller's: one at a time, each exactly once."""
        self._asked += 1
        request_id = f"{workflow.info().first_execution_run_id}/{self._asked}"
        async with self._asking:
            asked = AskCase(
                case_id=self._plan.case_id,
                verb=verb,
                request_id=request_id,
                at=self._now(),
                given=given,
            )
            plan = await workflow.execute_local_activity_method(
                DecisionActivities.ask_case, asked, **options.DECISION
            )
        self._adopt(plan)

    # --- the work ---------------------------------------------------------------------------

    async def _work_in_all_lanes(self) -> None:
        await asyncio.gather(*(self._work(lane) for lane in Lane))

    async def _work(self, lane: Lane) -> None:
        """Do what the case plans in a lane, one action after the other."""
        while not self._plan.is_finished:
            if action := await self._next_due(lane):
                await self._do(action)

    async def _next_due(self, lane: Lane) -> PlannedAction | None:
        """Wait for the moment of a lane's action; None if the plan of the lane changes before."""
        action = self._plan.action_in(lane)
        left = self._time_left(action)
        if left is not None and left <= timedelta(0):
            return action
        try:
            await workflow.wait_condition(
                lambda: self._plan.is_finished or self._plan.action_in(lane) != action,
                timeout=left,
                timeout_summary=action.kind if action else None,
            )
        except TimeoutError:
            return action
        return None

    async def _do(self, action: PlannedAction) -> None:
        """Do an action by an activity; if it is planned no longer, it is not tried again."""
        task = DoAction(
            case_id=self._plan.case_id,
            kind=action.kind,
            at=self._now(),
            clock_shift=self._clock_shift,
            planned_at=action.at if self._clock_shift else None,
        )
        activity = dispatch.start(action.kind, task)
        await workflow.wait_condition(lambda: activity.done() or not self._plans(action.kind))
        if not activity.done():
            activity.cancel()
        version = self._plan.version
        try:
            self._adopt(await activity)
        except ActivityError as error:
            if not is_cancelled_exception(error):
                # The activity could not record its own failure. Wait for a newer plan: somebody has
                # to act.
                await workflow.wait_condition(lambda: self._plan.version > version)

    def _plans(self, kind: ActionKind) -> bool:
        return any(action.kind is kind for action in self._plan.actions)

    def _adopt(self, plan: Plan) -> None:
        """Take over a plan if it is newer, and show it to operators."""
        if plan.version <= self._plan.version:
            return
        before, self._plan = self._plan, plan
        workflow.set_current_details(plan.words)
        if changed := changed_attributes(before, plan):
            workflow.upsert_search_attributes(changed)

    def _time_left(self, action: PlannedAction | None) -> timedelta | None:
        if action is None:
            return None
        return timedelta(0) if action.at is None else action.at - self._now()

    def _now(self) -> datetime:
        return workflow.now() - self._clock_shift


async def _despite_cancellation(work: Coroutine[Any, Any, None]) -> None:
    """Go on working if somebody requests a cancellation: only its row ends a case."""
    task = asyncio.create_task(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
            workflow.logger.warning("cancellation_ignored")
    task.result()
