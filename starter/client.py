"""The only code that talks to running cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from dunning.case import DunningCase
from models.messages import Answer, AskSeller, OpenCase, Request
from runtime.clock import Clock
from runtime.temporal import CasesUnavailable
from workflows import CASES_QUEUE
from workflows.dunning_case import DunningCaseWorkflow
from workflows.search import SELLER, attributes_of, summary_of
from workflows.seller_settings import SellerSettingsWorkflow

VERBS: Final = ("stop", "start", "escalate", "hold", "resume", "withdraw")
_ANSWER_TIMEOUT: Final = timedelta(seconds=20)
# The client itself would try for ten seconds, while whoever reports a payment waits.
_PATIENCE_SECONDS: Final = 3
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class CaseNotRunning(Exception):
    """No workflow of this case is running: it has ended, or has not been started yet."""


def workflow_id_of(case_id: str) -> str:
    return f"dunning-case/{case_id}"


def settings_workflow_id_of(seller_id: str) -> str:
    return f"seller-settings/{seller_id}"


@asynccontextmanager
async def within_reach() -> AsyncIterator[None]:
    """Give up soon on a server that does not answer: what was to be said waits in SQL."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            yield
    except RPCError as error:
        raise CasesUnavailable(_status(error)) from error
    except (RuntimeError, TimeoutError) as error:  # a lazy client that cannot connect, or slowly
        raise CasesUnavailable("UNREACHABLE") from error


class CaseClient:
    """Opens cases, tells them what happened and asks things of them."""

    def __init__(self, temporal: Client, clock: Clock) -> None:
        self._temporal = temporal
        self._clock = clock

    async def check(self) -> None:
        """Raise `CasesUnavailable` if Temporal does not answer."""
        async with within_reach():
            await self._temporal.service_client.check_health(
                timeout=timedelta(seconds=_PATIENCE_SECONDS)
            )

    async def open(self, case: DunningCase, *, at: datetime) -> None:
        """Start a run of a case; one that is running is left as it is."""
        async with within_reach():
            await self._temporal.start_workflow(
                DunningCaseWorkflow.run, self._opening(case, at), **_start_options(case)
            )

    async def tell(self, case: DunningCase, signal: str, fact: Any, *, at: datetime) -> None:
        """Say what happened; a case that has ended is run again, from where it stood."""
        async with within_reach():
            await self._temporal.start_workflow(
                DunningCaseWorkflow.run,
                self._opening(case, at),
                start_signal=signal,
                start_signal_args=[fact],
                **_start_options(case),
            )

    async def ask_seller(self, question: AskSeller, *, at: datetime) -> None:
        """R21: ask a seller for its settings, once in its life."""
        shifted = question.model_copy(update={"clock_shift": self._clock.shift(at)})
        async with within_reach():
            with suppress(WorkflowAlreadyStartedError):
                await self._temporal.start_workflow(
                    SellerSettingsWorkflow.run,
                    shifted,
                    id=settings_workflow_id_of(question.seller_id),
                    task_queue=CASES_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    search_attributes=TypedSearchAttributes(
                        [SearchAttributePair(SELLER, question.seller_id)]
                    ),
                )

    async def ask(self, case_id: str, verb: str, request: Request) -> Answer:
        """Ask something of a running case.

        Raises `CaseNotRunning`, and `CasesUnavailable` if the outcome is not known: asked
        again with the same request id, the case gives the same answer.
        """
        handle: WorkflowHandle[Any, Any] = self._temporal.get_workflow_handle(
            workflow_id_of(case_id)
        )
        return await _answer(
            verb,
            lambda: handle.execute_update(
                verb,
                request,
                id=request.request_id,
                result_type=Answer,
                rpc_timeout=_ANSWER_TIMEOUT,
            ),
        )

    async def start(self, case: DunningCase, request: Request, *, at: datetime) -> Answer:
        """R17: take a stopped case up again, in a new run; a running one answers itself."""
        opening, options = self._opening(case, at), _start_options(case)
        return await _answer(
            "start",
            lambda: self._temporal.execute_update_with_start_workflow(
                "start",
                request,
                start_workflow_operation=WithStartWorkflowOperation(
                    DunningCaseWorkflow.run, opening, **options
                ),
                id=request.request_id,
                result_type=Answer,
                rpc_timeout=_ANSWER_TIMEOUT,
            ),
        )

    def _opening(self, case: DunningCase, at: datetime) -> OpenCase:
        return OpenCase(case=case, clock_shift=self._clock.shift(at))


def _start_options(case: DunningCase) -> dict[str, Any]:
    return {
        "id": workflow_id_of(case.case_id),
        "task_queue": CASES_QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "search_attributes": attributes_of(case),
        "static_summary": summary_of(case),
        "priority": Priority(fairness_key=case.receivable.seller_id[:64]),
    }


async def _answer(verb: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer of a case, asked until the server passes the question on.

    It does not where the case is about to end and something else has just come in.
    """
    for pause in _PAUSES:
        try:
            return await ask()
        except (WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowUpdateFailedError) as error:
            raise CasesUnavailable(verb) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise CaseNotRunning from error
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise CasesUnavailable(_status(error)) from error
        except RuntimeError as error:  # a lazy client that cannot connect
            raise CasesUnavailable(verb) from error
        await asyncio.sleep(pause)
    raise CasesUnavailable(verb)


def _status(error: RPCError) -> str:
    return error.status.name
