"""A seller that does not answer for its settings; recorded by `tests.histories.record`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from temporalio.client import WorkflowHistory

from simulation.world import World
from starter.delivery.client import settings_workflow_id_of
from tests.stories import Story

FILE: Final = Path(__file__).parent / "settings" / "defaults_applied.json"


async def recorded(world: World) -> WorkflowHistory:
    story = Story(world, name="settings")
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    await story.play(until="2026-03-20")
    workflow_id = settings_workflow_id_of(story.seller_id)
    return await world.temporal.get_workflow_handle(workflow_id).fetch_history()
