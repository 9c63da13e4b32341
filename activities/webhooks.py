"""Sending webhooks to the endpoints of backends: each message until it is accepted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.run_action import translated_errors
from adapters.webhook_endpoint import Answer, WebhookEndpoint, WebhookEndpoints
from models.payloads import SendWebhooks, WebhooksSent
from models.webhook_queue import (
    Waiting,
    drop_waiting,
    due_messages,
    endpoints_with_due_messages,
    live_endpoint,
    next_due,
    note_answer,
    note_last_answer,
)
from runtime.clock import Clock
from runtime.database import Database

Wake = Callable[[Iterable[str]], Awaitable[None]]

# The pauses before the second try, the third, ..; the last one repeats until the time is up.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIED_FOR: Final = timedelta(days=3)
_A_TURN: Final = 50
# After this, the workflow notes the progress, and a worker that has to end can do so.
_LONGEST_TURN: Final = timedelta(minutes=1)
# The process that committed it is still waking the endpoint.
_GRACE: Final = timedelta(seconds=10)


class WebhookActivities:
    """The activity that sends the messages due to an endpoint, and notes each answer at once.

    A message whose answer was not noted is sent again, under the same id.
    """

    def __init__(self, database: Database, endpoints: WebhookEndpoints, clock: Clock) -> None:
        self._database = database
        self._endpoints = endpoints
        self._clock = clock

    @activity.defn(name="send_webhooks")
    async def send_webhooks(self, task: SendWebhooks) -> WebhooksSent:
        """Send due messages for one turn; return when the next is due.

        That is at once if the turn ended before all were sent.
        """
        with translated_errors():
            started = activity.info().started_time
            async with self._database.reading() as session:
                row = await live_endpoint(session, task.endpoint_id)
                if row is None:
                    return WebhooksSent()
                due = await due_messages(session, row.endpoint_id, now=started, limit=_A_TURN)
            async with self._endpoints.reach(row.url, row.secret) as endpoint:
                await self._send(row.endpoint_id, endpoint, due, started=started)
            async with self._database.reading() as session:
                return WebhooksSent(next_due_at=await next_due(session, row.endpoint_id))

    async def _send(
        self,
        endpoint_id: str,
        endpoint: WebhookEndpoint,
        due: Sequence[Waiting],
        *,
        started: datetime,
    ) -> None:
        """Send one message after the other until the turn is over."""
        began = self._clock.now()
        for number, message in enumerate(due):
            passed = self._clock.now() - began
            if passed > _LONGEST_TURN or activity.is_worker_shutdown():
                return
            # By the server's clock, which the workflow sleeps by.
            at = started + passed
            activity.heartbeat()
            answer = await endpoint.deliver(message.webhook_id, message.content, at=at)
            # If nobody is reached, the other messages need not be tried one by one.
            concerned = [message] if answer.is_reached else due[number:]
            await self._note(endpoint_id, concerned, answer, at=at)
            if answer.is_gone or not answer.is_reached:
                return

    async def _note(
        self, endpoint_id: str, messages: Sequence[Waiting], answer: Answer, *, at: datetime
    ) -> None:
        async with self._database.writing() as session:
            await note_last_answer(
                session, endpoint_id, answer.words, at=at, is_gone=answer.is_gone
            )
            for message in messages:
                due_at = None if answer.is_taken else next_try(message, answer, at)
                given_up = due_at is None and not answer.is_taken
                await note_answer(
                    session,
                    message,
                    f"given up: {answer.words}" if given_up else answer.words,
                    at=at,
                    due_at=due_at,
                    is_delivered=answer.is_taken,
                )
            if answer.is_gone:
                await drop_waiting(session, endpoint_id, words=answer.words)


class WebhookSweep:
    """The activity that wakes endpoints with due messages, in case that nobody else has."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._database = database
        self._wake = wake

    @activity.defn(name="wake_webhooks")
    async def wake_webhooks(self) -> int:
        """Wake the endpoints to which a message is due; return how many."""
        with translated_errors():
            async with self._database.reading() as session:
                now = activity.info().started_time - _GRACE
                endpoints = await endpoints_with_due_messages(session, now)
            await self._wake(endpoints)
            return len(endpoints)


def next_try(message: Waiting, answer: Answer, at: datetime) -> datetime | None:
    """Return when a message that was not accepted is tried again; None if its three days are over.

    The last try is at their very end, even if the pause or the endpoint's wish is longer.
    """
    end = (message.first_tried_at or at) + TRIED_FOR
    if at >= end:
        return None
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    return min(at + max(pause, answer.retry_after or timedelta(0)), end)
