"""The workers that ask Temporal for work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

ACTIVITIES: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
WORKFLOWS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW


async def pollers(
    client: Client, queue: str, kind: TaskQueueType.ValueType
) -> Sequence[PollerInfo]:
    """Return the workers that have asked for work of this kind lately. Raises `RPCError`."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    return (await client.workflow_service.describe_task_queue(request)).pollers
