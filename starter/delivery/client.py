"""Sending the plans of cases to Temporal, and asking it which cases run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final

from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from dunning.case.plan import Plan
from models.payloads import AskSeller, RunCase
from models.tables import CaseRow
from runtime.clock import Clock
from runtime.temporal import TemporalUnavailable
from workflows import CASES_QUEUE
from workflows.case import DunningCaseWorkflow
from workflows.search_attributes import SELLER, attributes_of_case, summary_of
from workflows.seller_settings import SellerSettingsWorkflow

# The client's own limit is ten seconds.
_TIMEOUT_SECONDS: Final = 3
_NAME: Final = "DunningCase"
_FIRST: Final = 1
_CASES_A_QUESTION: Final = 100


def workflow_id_of(case_id: str) -> str:
    return f"dunning-case/{case_id}"


def case_id_of_workflow(workflow_id: str) -> str:
    return workflow_id.removeprefix("dunning-case/")


def settings_workflow_id_of(seller_id: str) -> str:
    return f"seller-settings/{seller_id}"


@asynccontextmanager
async def within_reach(timeout_seconds: float | None = _TIMEOUT_SECONDS) -> AsyncIterator[None]:
    """Raise `TemporalUnavailable` if Temporal does not answer within this time."""
    try:
        async with asyncio.timeout(timeout_seconds):
            yield
    except RPCError as error:
        raise TemporalUnavailable(error.status.name) from error
    except (RuntimeError, TimeoutError) as error:  # a lazy client that cannot connect in time
        raise TemporalUnavailable("UNREACHABLE") from error


class CaseClient:
    """The calls to Temporal about cases: start one, send it its plan, find out which run.

    Every call raises `TemporalUnavailable` if Temporal does not answer in time.
    """

    def __init__(
        self,
        temporal: Client,
        clock: Clock,
        *,
        timeout_seconds: float | None = _TIMEOUT_SECONDS,
    ) -> None:
        """`timeout_seconds`: how long Temporal may take to answer."""
        self._temporal = temporal
        self._clock = clock
        self._timeout_seconds = timeout_seconds

    async def check(self) -> None:
        async with self._within_reach():
            await self._temporal.service_client.check_health()

    async def send_plan(self, row: CaseRow) -> Plan:
        """Send a case the plan in its row, and start its workflow if none runs; return the plan."""
        plan = Plan.model_validate(row.plan)
        news: dict[str, Any] = {}
        if plan.version > _FIRST:  # a workflow that runs already has the first plan
            news = {"start_signal": "changed", "start_signal_args": [plan]}
        async with self._within_reach():
            await self._temporal.start_workflow(
                DunningCaseWorkflow.run, self._beginning(row, plan), **_options(row, plan), **news
            )
        return plan

    async def start_if_lost(self, row: CaseRow) -> None:
        """Start a case's workflow unless it runs."""
        plan = Plan.model_validate(row.plan)
        async with self._within_reach():
            await self._temporal.start_workflow(
                DunningCaseWorkflow.run, self._beginning(row, plan), **_options(row, plan)
            )

    async def ask_seller(self, question: AskSeller, *, at: datetime) -> None:
        """R21: start the workflow that asks a seller for its settings; each is asked only once."""
        shifted = question.model_copy(update={"clock_shift": self._clock.shift(at)})
        async with self._within_reach():
            with suppress(WorkflowAlreadyStartedError):
                await self._temporal.start_workflow(
                    SellerSettingsWorkflow.run,
                    shifted,
                    id=settings_workflow_id_of(question.seller_id),
                    task_queue=CASES_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                    search_attributes=TypedSearchAttributes(
                        [SearchAttributePair(SELLER, question.seller_id)]
                    ),
                )

    async def is_at_work(self, case_id: str) -> bool:
        """Whether a case runs and is doing something, such as an action that is retried."""
        request = DescribeWorkflowExecutionRequest(namespace=self._temporal.namespace)
        request.execution.workflow_id = workflow_id_of(case_id)
        async with self._within_reach():
            try:
                found = await self._temporal.workflow_service.describe_workflow_execution(request)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
        runs = found.workflow_execution_info.status == WorkflowExecutionStatus.RUNNING.value
        return runs and (found.HasField("pending_workflow_task") or bool(found.pending_activities))

    async def ended_by_force(self, *, since: datetime) -> AsyncIterator[list[str]]:
        """Yield the cases with a run that was canceled, terminated or failed since a moment."""
        query = (
            f"WorkflowType = '{_NAME}' AND CloseTime > '{since.isoformat()}' AND ExecutionStatus "
            "IN ('Canceled', 'Terminated', 'Failed', 'TimedOut')"
        )
        some: list[str] = []
        async with self._within_reach():
            found = [
                case_id_of_workflow(run.id) async for run in self._temporal.list_workflows(query)
            ]
        for case_id in dict.fromkeys(found):
            some.append(case_id)
            if len(some) == _CASES_A_QUESTION:
                yield some
                some = []
        if some:
            yield some

    async def count_running(self) -> int:
        """Count the cases that run, by Temporal's index, which may be some seconds late."""
        async with self._within_reach():
            query = f"WorkflowType = '{_NAME}' AND ExecutionStatus = 'Running'"
            return (await self._temporal.count_workflows(query)).count

    async def running_of(self, case_ids: Iterable[str]) -> set[str]:
        """Return which of these cases run, by Temporal's index."""
        ids = ", ".join(f"'{workflow_id_of(case_id)}'" for case_id in case_ids)
        query = f"WorkflowId IN ({ids}) AND ExecutionStatus = 'Running'"
        async with self._within_reach():
            return {
                case_id_of_workflow(found.id)
                async for found in self._temporal.list_workflows(query)
            }

    def _beginning(self, row: CaseRow, plan: Plan) -> RunCase:
        return RunCase(plan=plan, clock_shift=self._clock.shift(row.updated_at))

    def _within_reach(self) -> AbstractAsyncContextManager[None]:
        return within_reach(self._timeout_seconds)


def _options(row: CaseRow, plan: Plan) -> dict[str, Any]:
    named: dict[str, Any] = {
        "seller_id": row.seller_id,
        "order_id": row.order_id,
        "due_date": row.due_date,
    }
    return {
        "id": workflow_id_of(row.case_id),
        "task_queue": CASES_QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "search_attributes": attributes_of_case(plan, **named),
        "static_summary": summary_of(installment=row.installment, **named),
        "priority": Priority(fairness_key=row.seller_id[:64]),
    }
