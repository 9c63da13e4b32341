"""Webhooks through Temporal: each endpoint has a workflow as long as an event waits for it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper
from temporalio.worker import Replayer, Worker

from activities.webhooks import PAUSES, TRIED_FOR
from adapters.webhook_endpoint import WebhookEndpoints
from models.payloads import SendWebhooks, WebhooksSent
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.ports import free_port
from simulation.world import World
from starter.delivery.webhooks import WebhookClient, WebhookWaker, workflow_id_of
from tests.clocks import FixedClock
from tests.factories import utc
from tests.histories.texts import texts
from tests.histories.webhooks import FOLDER, WAYS
from tests.patience import PATIENCE_SECONDS
from tests.seeded import case_of_an_open_order
from tests.webhook_receiver import (
    SECRET,
    Receiver,
    add_endpoint,
    happen,
    messages,
    nobody_listens,
    receiving,
)
from worker import WEBHOOK_WORKFLOWS, build_webhook_worker, without_import_checks
from workflows import WEBHOOKS_QUEUE


class Post:
    """A worker for webhooks with a database of its own, and endpoints in it."""

    def __init__(self, temporal: Client, database: Database, case_id: str, mark: str) -> None:
        self.temporal = temporal
        self.database = database
        self.case_id = case_id
        self.mark = mark
        self.skipper = TimeSkipper(temporal)
        self.now = SystemClock().now()

    def working(self) -> AbstractAsyncContextManager[object]:
        return build_webhook_worker(
            self.temporal,
            database=self.database,
            endpoints=WebhookEndpoints(),
            clock=FixedClock(),
        )

    async def endpoint(self, url: str, name: str = "e") -> str:
        return await add_endpoint(self.database, url, self.now, f"{name}-{self.mark}")

    async def happen(self, *keys: str) -> None:
        await happen(self.database, self.case_id, self.now, *keys)

    async def begun(self, endpoint_id: str) -> WorkflowHandle[Any, Any]:
        """Wait for the workflow of an endpoint: it is started beside the commit."""
        handle = self.temporal.get_workflow_handle(workflow_id_of(endpoint_id))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await _exists(handle):
                pass
        return handle

    async def is_asleep(self, endpoint_id: str) -> bool:
        status = (await (await self.begun(endpoint_id)).describe()).status
        return status is WorkflowExecutionStatus.RUNNING

    async def pass_time(self, endpoint_id: str, time: timedelta = 2 * TRIED_FOR) -> None:
        """Let time pass for the workflow of an endpoint, at most until it ends."""
        await self.skipper.fast_forward(await self.begun(endpoint_id), time)


async def _exists(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


@pytest.fixture
async def post(
    world: World, database: Database, request: pytest.FixtureRequest
) -> AsyncIterator[Post]:
    case_id = await case_of_an_open_order(database, utc("2026-03-02T09:00:00"))
    mark = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    post = Post(world.temporal, database, case_id, mark)
    async with WebhookWaker(WebhookClient(world.temporal)) as waker:
        database.after_commit(waker.wake_soon)
        yield post


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


def moments(receiver: Receiver) -> list[datetime]:
    stamps = [int(told.headers["webhook-timestamp"]) for told in receiver.received]
    return [datetime.fromtimestamp(stamp).astimezone() for stamp in stamps]


async def test_an_event_is_sent_as_soon_as_it_is_committed(post: Post, receiver: Receiver) -> None:
    endpoint_id = await post.endpoint(receiver.url)
    async with post.working():
        await post.happen("a", "b")
        await (await post.begun(endpoint_id)).result()

    assert [told.verified()["type"] for told in receiver.received] == ["order.canceled"] * 2
    assert all(message.delivered_at for message in await messages(post.database))


async def test_a_refused_event_is_sent_again_after_growing_pauses(
    post: Post, receiver: Receiver
) -> None:
    receiver.will_answer(500, 500, 500)
    endpoint_id = await post.endpoint(receiver.url)
    async with post.working():
        await post.happen("a")
        await post.pass_time(endpoint_id)

    assert len(receiver.received) == 4
    assert len(set(receiver.ids())) == 1
    sent = moments(receiver)
    for earlier, later, pause in zip(sent[:-1], sent[1:], PAUSES[:3], strict=True):
        assert pause - timedelta(seconds=1) <= later - earlier <= pause + timedelta(seconds=30)
    assert not await post.is_asleep(endpoint_id)


async def test_a_dead_endpoint_delays_no_other_and_is_given_up_after_three_days(
    post: Post, receiver: Receiver
) -> None:
    dead = await post.endpoint(nobody_listens(), "dead")
    alive = await post.endpoint(receiver.url, "alive")
    async with post.working():
        await post.happen("a")
        await (await post.begun(alive)).result()
        assert len(receiver.received) == 1
        assert await post.is_asleep(dead)

        await post.pass_time(dead)
        assert not await post.is_asleep(dead)

    given_up = (await messages(post.database, dead))[0]
    assert (given_up.due_at, given_up.delivered_at) == (None, None)
    assert given_up.last_answer == "given up: not reached: ConnectError"
    assert given_up.attempts == len(PAUSES) + 1


async def test_a_new_event_wakes_an_endpoint_that_waits_for_its_pause(
    post: Post, receiver: Receiver
) -> None:
    receiver.will_answer(500, Retry_After="3600")
    endpoint_id = await post.endpoint(receiver.url)
    async with post.working():
        await post.happen("a")
        await receiver.wait_for(1)
        await post.happen("b")
        await receiver.wait_for(2)

        assert receiver.ids()[0] != receiver.ids()[1]
        assert await post.is_asleep(endpoint_id)
        await post.pass_time(endpoint_id)

    assert receiver.ids()[2:] == receiver.ids()[:1]


async def test_an_endpoint_that_is_woken_while_its_workflow_ends_is_looked_at_again(
    post: Post,
) -> None:
    turns = 0

    @activity.defn(name="send_webhooks")
    async def found_nothing(task: SendWebhooks) -> WebhooksSent:
        nonlocal turns
        turns += 1
        if turns == 1:
            await WebhookClient(post.temporal).wake([task.endpoint_id])
        return WebhooksSent()

    endpoint_id = f"e-{post.mark}"
    async with Worker(
        post.temporal,
        task_queue=WEBHOOKS_QUEUE,
        workflows=WEBHOOK_WORKFLOWS,
        activities=[found_nothing],
        workflow_runner=without_import_checks(),
    ):
        await WebhookClient(post.temporal).wake([endpoint_id])
        await (await post.begun(endpoint_id)).result()

    assert turns >= 2


async def test_a_restarted_worker_goes_on_where_it_stood(post: Post, receiver: Receiver) -> None:
    receiver.will_answer(500, Retry_After="3600")
    endpoint_id = await post.endpoint(receiver.url)
    async with post.working():
        await post.happen("a")
        await receiver.wait_for(1)
    await post.happen("b")

    async with post.working():
        await receiver.wait_for(2)
        await post.pass_time(endpoint_id)

    first, second, *again = receiver.ids()
    assert second != first
    assert again == [first]


async def test_a_long_history_is_continued_as_new(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.webhooks.TURNS_OF_A_RUN", 3)
    endpoint_id = await post.endpoint(nobody_listens())
    async with post.working():
        await post.happen("a")
        first = (await (await post.begun(endpoint_id)).describe()).run_id
        await post.pass_time(endpoint_id)

    assert (await (await post.begun(endpoint_id)).describe()).run_id != first
    assert len((await (await post.begun(endpoint_id)).fetch_history()).events) < 60
    assert (await messages(post.database))[0].attempts == len(PAUSES) + 1


@pytest.mark.parametrize("name", WAYS)
async def test_a_recorded_history_replays(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    replayer = Replayer(
        workflows=WEBHOOK_WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=without_import_checks(),
    )

    await replayer.replay_workflow(WorkflowHistory.from_json(name, text))


def test_every_recorded_history_is_replayed() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(WAYS)


async def test_a_history_holds_ids_only(post: Post, receiver: Receiver) -> None:
    receiver.will_answer(500)
    endpoint_id = await post.endpoint(receiver.url)
    async with post.working():
        await post.happen("a")
        await post.pass_time(endpoint_id)

    history = await (await post.begun(endpoint_id)).fetch_history()
    words = "\n".join(texts(history.to_json_dict()))
    assert endpoint_id in words
    for private in (SECRET, receiver.url, "127.0.0.1", "order.canceled", "A-1"):
        assert private not in words


async def test_without_temporal_committed_events_stay_due(post: Post) -> None:
    away = await Client.connect(
        f"127.0.0.1:{free_port()}", data_converter=pydantic_data_converter, lazy=True
    )
    async with WebhookWaker(WebhookClient(away)) as waker:
        post.database.after_commit(waker.wake_soon)
        await post.endpoint(nobody_listens())
        await post.happen("a")

    assert (await messages(post.database))[0].due_at == post.now
