"""Record a history of every way a workflow can go that has none yet: `make histories`.

You record a new way on purpose. The tests replay what is recorded: a change that would break
running workflows fails before it is deployed. Recorded histories stay, because cases that began
like them still run. To record a way anew, delete its file.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from temporalio.client import WorkflowHistory

from simulation.building import open_world
from simulation.world import World
from starter.delivery.client import workflow_id_of
from tests.histories import debt_summaries, operators, settings, webhooks
from tests.histories.ways import UNTIL, WAYS
from tests.stories import Story

FOLDER: Final = Path(__file__).parent
Recorder = Callable[[World], Awaitable[WorkflowHistory]]


def _recorders() -> Iterator[tuple[Path, Recorder]]:
    for name in WAYS:
        yield FOLDER / f"{name}.json", partial(_case, name=name)
    yield FOLDER / f"{operators.NAME}.json", operators.recorded
    for name in webhooks.WAYS:
        yield webhooks.FOLDER / f"{name}.json", partial(webhooks.recorded_way, name=name)
    yield debt_summaries.FILE, debt_summaries.recorded
    yield settings.FILE, settings.recorded


async def _case(world: World, *, name: str) -> WorkflowHistory:
    story = Story(world, name=name)
    WAYS[name](story.seller("2026-03-02T08:00:00"))
    await story.play(until=UNTIL.get(name, "2026-05-01"))
    handle = world.temporal.get_workflow_handle(workflow_id_of(story.case_id()))
    return await handle.fetch_history()


async def record() -> None:
    async with open_world() as world:
        for path, recorder in _recorders():
            if path.exists():
                continue
            history = await recorder(world)
            path.parent.mkdir(exist_ok=True)
            path.write_text(history.to_json() + "\n", encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(FOLDER)}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(record())
    sys.stdout.flush()
    os._exit(0)  # see commands.main: Temporal's client may crash a process that ends
