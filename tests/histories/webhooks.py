"""The ways in which sending to an endpoint can go; recorded by `tests.histories.record`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from temporalio.client import WorkflowHistory
from temporalio.testing import TimeSkipper

from activities.webhooks import TRIED_FOR
from adapters.webhook_endpoint import WebhookEndpoints
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.migrate import upgrade
from simulation.world import World
from starter.delivery.webhooks import WebhookClient, WebhookWaker, workflow_id_of
from tests.clocks import FixedClock
from tests.seeded import case_of_an_open_order
from tests.webhook_receiver import add_endpoint, happen, receiving
from worker import build_webhook_worker

FOLDER: Final = Path(__file__).parent / "webhooks"
# What the endpoint answers: first to one event, then, when another has come, to both.
WAYS: Final[dict[str, tuple[int, ...]]] = {
    "taken": (204, 204),
    "tried_again": (500, 500, 503, 500),
    "gone": (500, 410),
    "given_up": (500,) * 40,
}


async def recorded_way(world: World, *, name: str) -> WorkflowHistory:
    """The history of an endpoint's workflow, from the first event until none waits."""
    temporal = world.temporal
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/books.db")
        await upgrade(database)
        now = SystemClock().now()
        case_id = await case_of_an_open_order(database, now)
        worker = build_webhook_worker(
            temporal, database=database, endpoints=WebhookEndpoints(), clock=FixedClock()
        )
        waker = WebhookWaker(WebhookClient(temporal))
        database.after_commit(waker.wake_soon)
        async with receiving() as receiver, worker, waker:
            receiver.will_answer(*WAYS[name])
            endpoint_id = await add_endpoint(database, receiver.url, now, f"endpoint-{name}")
            await happen(database, case_id, now, "a")
            await receiver.wait_for(1)
            await happen(database, case_id, now, "b")
            handle = temporal.get_workflow_handle(workflow_id_of(endpoint_id))
            await TimeSkipper(temporal).fast_forward(handle, 2 * TRIED_FOR)
            history = await handle.fetch_history()
        await database.close()
    return history
