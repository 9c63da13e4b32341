"""The only code that talks to the workflows that send webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from models.messages import SendWebhooks
from models.webhooks import endpoints_to_wake
from workflows import WEBHOOKS_QUEUE
from workflows.webhooks import WebhooksWorkflow

log = structlog.get_logger()

_PATIENCE_SECONDS: Final = 3


def workflow_id_of(endpoint_id: str) -> str:
    return f"webhooks/{endpoint_id}"


class WebhookClient:
    """Wakes what sends to an endpoint, or starts it.

    Where that fails, the messages wait in SQL for the next who wakes it: nothing is raised.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def wake_told(self, session: AsyncSession) -> None:
        """Wake the endpoints for which a transaction, now committed, put something on its way."""
        await self.wake(endpoints_to_wake(session))

    async def wake(self, endpoints: Iterable[str]) -> None:
        await asyncio.gather(*(self._wake(endpoint_id) for endpoint_id in endpoints))

    async def _wake(self, endpoint_id: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
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
        except (RPCError, RuntimeError, TimeoutError) as error:
            log.warning("webhooks_postponed", endpoint=endpoint_id, reason=type(error).__name__)
