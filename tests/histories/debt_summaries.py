"""A run that sends one summary of debts; recorded by `tests.histories.record`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from temporalio.client import WorkflowHistory

from simulation.world import World
from tests.stories import Story

FILE: Final = Path(__file__).parent / "debt_summaries" / "sent.json"


async def recorded(world: World) -> WorkflowHistory:
    story = Story(world, name="debt_summaries")
    customer: Any = {"customer_id": "c-1"}
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", debt_summary="weekly")
    story.order("2026-03-02T09:15:00", "A-1", customer=customer)
    story.order("2026-03-02T09:15:00", "A-2", customer=customer)
    await story.play(until="2026-03-17")
    workflow_id = f"debt-summary/{story.seller_id}/2026-03-16"
    return await world.temporal.get_workflow_handle(workflow_id).fetch_history()
