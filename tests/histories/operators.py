"""A case that gets signals from operators; recorded by `tests.histories.record`."""

from __future__ import annotations

from typing import Any, Final

from temporalio.client import WorkflowHistory

from simulation.world import World
from starter.delivery.client import workflow_id_of
from tests.stories import Story

NAME: Final = "asked_by_operators"
_SIGNALS: Final[tuple[tuple[str, Any], ...]] = (
    ("hold", {"until": "2026-03-20", "reason": "a dispute"}),
    ("hold", {"until": "tomorrow"}),
    ("resume", None),
    ("stop", None),
    ("start", {"reason": "a mistake"}),
)


async def recorded(world: World) -> WorkflowHistory:
    story = Story(world, name=NAME)
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    await story.play(until="2026-03-08")
    case_id = story.case_id()
    handle = world.temporal.get_workflow_handle(workflow_id_of(case_id))
    for name, given in _SIGNALS:
        await (handle.signal(name) if given is None else handle.signal(name, given))
        await world.settle(case_id)
    await handle.cancel()
    await handle.signal("stop")
    await world.settle(case_id)
    return await handle.fetch_history()
