"""Waking the workflows that send webhooks to backends' endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, Self

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from models.payloads import SendWebhooks
from models.webhooks import endpoints_to_wake
from runtime.temporal import TemporalUnavailable
from starter.delivery.client import within_reach
from workflows import WEBHOOKS_QUEUE
from workflows.webhooks import WebhooksWorkflow

log = structlog.get_logger()

_PAUSE_SECONDS: Final = 1.0


def workflow_id_of(endpoint_id: str) -> str:
    return f"webhooks/{endpoint_id}"


class WebhookClient:
    """Wakes or starts the workflow of an endpoint.

    Raises nothing: if it fails, the messages wait in SQL until the endpoint is woken again.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def wake(self, endpoints: Iterable[str]) -> None:
        await asyncio.gather(*(self._wake(endpoint_id) for endpoint_id in endpoints))

    async def _wake(self, endpoint_id: str) -> None:
        try:
            async with within_reach():
                await self._temporal.start_workflow(
                    WebhooksWorkflow.run,
                    SendWebhooks(endpoint_id=endpoint_id),
                    id=workflow_id_of(endpoint_id),
                    task_queue=WEBHOOKS_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    start_signal="wake",
                    static_summary=f"Webhooks to {endpoint_id}",
                )
        except TemporalUnavailable as error:
            log.warning("webhooks_postponed", endpoint=endpoint_id, reason=str(error))


class WebhookWaker:
    """Wakes endpoints in the background, each at most once a second.

    So no change of a case waits for a backend's webhook, and a burst of events does not overload
    the workflow that sends them.
    """

    def __init__(self, client: WebhookClient) -> None:
        self._client = client
        self._waiting: set[str] = set()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake_soon(self, session: AsyncSession) -> None:
        """Wake the endpoints for which a transaction, now committed, has queued messages."""
        self._waiting |= endpoints_to_wake(session)
        if self._waiting:
            self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name="webhook waker")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._client.wake(self._waiting)

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            some, self._waiting = self._waiting, set()
            try:
                await self._client.wake(some)
            except Exception:  # these are left to the sweep; the others go on
                log.exception("webhook_waking_failed")
            await asyncio.sleep(_PAUSE_SECONDS)
