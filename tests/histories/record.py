"""Record a history of every way a case can go that has none yet: `make histories`.

Done on purpose, when a way is new; the tests replay what was recorded, so that a change that
would break running cases is seen before it is deployed. What is there stays: it is the cases
that run already. To record a way anew, delete its file.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from temporalio.client import Client

from simulation.building import open_world
from simulation.world import World
from starter.client import workflow_id_of
from tests.histories import debt_summaries, webhooks
from tests.histories.ways import UNTIL, WAYS
from tests.stories import Story

FOLDER = Path(__file__).parent


def _file(name: str) -> Path:
    return FOLDER / f"{name}.json"


async def record() -> None:
    async with open_world() as world:
        missing = {name: way for name, way in WAYS.items() if not _file(name).exists()}
        for name, way in missing.items():
            story = Story(world, name=name)
            way(story.seller("2026-03-02T08:00:00"))
            await story.play(until=UNTIL.get(name, "2026-05-01"))
            handle = world.temporal.get_workflow_handle(workflow_id_of(story.case_id()))
            history = await handle.fetch_history()
            _file(name).write_text(history.to_json() + "\n", encoding="utf-8")
            sys.stdout.write(f"{name}: {len(history.events)} events\n")
        await record_webhooks(world.temporal)
        await record_summaries(world)


async def record_summaries(world: World) -> None:
    if debt_summaries.FILE.exists():
        return
    history = await debt_summaries.recorded(world)
    debt_summaries.FILE.write_text(history.to_json() + "\n", encoding="utf-8")
    sys.stdout.write(f"debt summaries: {len(history.events)} events\n")


async def record_webhooks(temporal: Client) -> None:
    for name in webhooks.WAYS:
        if (webhooks.FOLDER / f"{name}.json").exists():
            continue
        history = await webhooks.recorded_way(temporal, name)
        path = webhooks.FOLDER / f"{name}.json"
        path.write_text(history.to_json() + "\n", encoding="utf-8")
        sys.stdout.write(f"webhooks {name}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(record())
    sys.stdout.flush()
    os._exit(0)  # see commands.main: Temporal's client may crash a process that ends
