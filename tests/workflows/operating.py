"""What operators see of a case in Temporal, and what the Schedule does for it."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy

from starter.delivery.client import workflow_id_of
from tests.stories import Story
from workflows import CASES_QUEUE
from workflows.sweep import SweepWorkflow

IN_THE_EVENING = "2026-03-02"
REMINDER_SENT = "2026-03-07T12:00:00"


async def opened(story: Story, *order_ids: str) -> WorkflowHandle[Any, Any]:
    """Open orders that wait for their payment reminder. Returns the workflow of the first."""
    story.seller("2026-03-02T08:00:00")
    for order_id in order_ids or ("A-1",):
        story.order("2026-03-02T09:15:00", order_id)
    await story.play(until=IN_THE_EVENING)
    return workflow_of(story, *order_ids[:1])


def workflow_of(story: Story, order_id: str = "A-1") -> WorkflowHandle[Any, Any]:
    return story.world.temporal.get_workflow_handle(workflow_id_of(story.case_id(order_id)))


async def sweep(story: Story) -> None:
    """Run what the Schedule runs every few minutes."""
    await story.world.temporal.execute_workflow(
        SweepWorkflow.run,
        id=f"sweep-of-{story.seller_id}",
        task_queue=CASES_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    await story.world.settle(story.case_id())
