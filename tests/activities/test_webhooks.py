"""A message is sent until it is taken, its three days are over, or nobody wants it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from activities.webhooks import PAUSES, TRIED_FOR, WebhookSweep
from models.keys import revoke_key
from models.queries import events_of
from models.tables import WebhookEndpointRow
from models.webhook_queue import replay_messages
from runtime.database import Database
from tests.activity_runs import started
from tests.factories import utc
from tests.seeded import case_of_an_open_order
from tests.webhook_receiver import (
    Receiver,
    add_endpoint,
    happen,
    key_of,
    messages,
    nobody_listens,
    receiving,
    send,
)

OPENED = utc("2026-03-02T09:00:00")
NOW = utc("2026-03-07T10:00:00")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def case_id(database: Database, receiver: Receiver) -> str:
    """A case, and an endpoint that is told of it."""
    case_id = await case_of_an_open_order(database, OPENED)
    await add_endpoint(database, receiver.url, OPENED)
    return case_id


async def endpoint(database: Database, endpoint_id: str = "e-1") -> WebhookEndpointRow:
    async with database.reading() as session:
        return await session.get_one(WebhookEndpointRow, endpoint_id)


async def replay(database: Database, *, since: datetime, at: datetime) -> int:
    async with database.writing() as session:
        return await replay_messages(session, "e-1", since=since, at=at)


@pytest.mark.one_database
async def test_an_event_is_told_signed_and_in_the_form_of_the_history(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    await happen(database, case_id, NOW, "a")

    assert await send(database, NOW) is None

    async with database.reading() as session:
        event = (await events_of(session, [case_id]))[-1]
    content = receiver.received[0].verified()
    assert content == {"type": "order.canceled", "timestamp": NOW.isoformat(), "data": event}
    message = (await messages(database))[0]
    assert (message.delivered_at, message.last_answer, message.attempts) == (NOW, "204", 1)


async def test_what_is_due_goes_in_the_order_in_which_it_happened(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    for number in range(3):
        await happen(database, case_id, NOW + timedelta(minutes=number), str(number))

    assert await send(database, NOW + timedelta(minutes=1)) == NOW + timedelta(minutes=2)

    assert [told.content["timestamp"] for told in receiver.received] == [
        (NOW + timedelta(minutes=number)).isoformat() for number in range(2)
    ]


@pytest.mark.one_database
async def test_what_is_not_taken_is_tried_again_after_growing_pauses_under_the_same_id(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(500, 503)
    await happen(database, case_id, NOW, "a")

    second = await send(database, NOW)
    third = await send(database, second or NOW)

    assert second == NOW + timedelta(seconds=5)
    assert third == second + timedelta(minutes=1)
    assert (await endpoint(database)).last_answer == "503"
    assert await send(database, third) is None
    assert len(receiver.received) == 3
    assert len(set(receiver.ids())) == 1
    assert (await messages(database))[0].delivered_at == third
    assert [told.verified() for told in receiver.received] == [receiver.received[0].content] * 3


@pytest.mark.one_database
async def test_nothing_is_tried_before_its_moment(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(500)
    await happen(database, case_id, NOW, "a")
    due_at = await send(database, NOW)

    assert await send(database, NOW + timedelta(seconds=4)) == due_at

    assert len(receiver.received) == 1


async def test_after_three_days_it_is_given_up(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.always = (500, {})
    await happen(database, case_id, NOW, "a")

    tries: list[datetime] = []
    due_at: datetime | None = NOW
    while due_at is not None:
        tries.append(due_at)
        due_at = await send(database, due_at)

    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses[:-1] == list(PAUSES[:-1])
    assert tries[-1] == NOW + TRIED_FOR
    message = (await messages(database))[0]
    assert (message.last_answer, message.delivered_at) == ("given up: 500", None)
    assert message.attempts == len(receiver.received) == len(tries)


@pytest.mark.one_database
async def test_what_waited_for_us_has_its_three_days_all_the_same(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(500)
    await happen(database, case_id, NOW, "a")
    much_later = NOW + timedelta(days=4)

    assert await send(database, much_later) == much_later + timedelta(seconds=5)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("asked", "pause"), [("3600", timedelta(hours=1)), ("1", timedelta(seconds=5))]
)
async def test_it_is_left_alone_for_as_long_as_it_asks(
    database: Database, receiver: Receiver, case_id: str, asked: str, pause: timedelta
) -> None:
    receiver.will_answer(503, Retry_After=asked)
    await happen(database, case_id, NOW, "a")

    assert await send(database, NOW) == NOW + pause


async def test_410_ends_the_endpoint_until_it_asks_for_a_replay(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(410)
    await happen(database, case_id, NOW, "a", "b")

    assert await send(database, NOW) is None

    assert len(receiver.received) == 1
    assert (await endpoint(database)).gone_at == NOW
    assert [message.last_answer for message in await messages(database)] == ["410", "410"]
    later = NOW + timedelta(days=1)
    await happen(database, case_id, later, "c")
    assert await send(database, later) is None
    assert len(receiver.received) == 1


async def test_a_replay_sends_again_what_was_taken_and_what_was_given_up(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(204, 500)
    for key, at in (("a", OPENED), ("b", NOW), ("c", NOW)):
        await happen(database, case_id, at, key)
    await send(database, NOW)
    later = NOW + timedelta(days=9)
    before = receiver.ids()

    assert await replay(database, since=NOW, at=later) == 2
    receiver.will_answer(500)
    assert await send(database, later) == later + timedelta(seconds=5)
    assert await send(database, later + timedelta(seconds=5)) is None

    assert receiver.ids() == [*before, before[1], before[2], before[1]]
    assert {one.attempts for one in await messages(database)} == {1, 2}


async def test_what_is_replayed_while_it_is_being_sent_is_sent_again(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    await happen(database, case_id, NOW, "a")
    later = NOW + timedelta(seconds=1)

    async def ask() -> None:
        receiver.before_answering = None
        await replay(database, since=NOW, at=later)

    receiver.before_answering = ask

    assert await send(database, NOW) == later
    assert await send(database, later) is None
    assert len(receiver.received) == 2


async def test_killed_between_the_answer_and_the_record_it_is_sent_again_under_the_same_id(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    await happen(database, case_id, NOW, "a")
    at_work = asyncio.create_task(send(database, NOW))

    async def kill() -> None:
        receiver.before_answering = None
        at_work.cancel()

    receiver.before_answering = kill
    with pytest.raises(asyncio.CancelledError):
        await at_work
    assert (await messages(database))[0].due_at == NOW

    assert await send(database, NOW) is None

    assert len(receiver.received) == 2
    assert len(set(receiver.ids())) == 1


async def test_an_attempt_that_was_given_up_for_dead_changes_nothing_any_more(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(500, 204)
    await happen(database, case_id, NOW, "a")

    async def another() -> None:
        receiver.before_answering = None
        receiver.answers.reverse()
        assert await send(database, NOW) is None
        assert receiver.answers == [(500, {})]

    receiver.before_answering = another

    assert await send(database, NOW) is None
    assert (await messages(database))[0].delivered_at == NOW


@pytest.mark.one_database
async def test_where_nobody_is_reached_one_try_stands_for_all(
    database: Database, case_id: str
) -> None:
    await add_endpoint(database, nobody_listens(), OPENED, "e-dead")
    await happen(database, case_id, NOW, "a", "b", "c")

    due_at = await send(database, NOW, "e-dead")

    assert due_at == NOW + timedelta(seconds=5)
    waiting = await messages(database, "e-dead")
    assert {(one.due_at, one.attempts, one.last_answer) for one in waiting} == {
        (due_at, 1, "not reached: ConnectError")
    }


async def test_one_that_is_not_taken_holds_up_no_other(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    receiver.will_answer(500)
    await happen(database, case_id, NOW, "a", "b", "c")

    await send(database, NOW)

    assert len(set(receiver.ids())) == 3
    waiting = [one.due_at is not None for one in await messages(database)]
    assert waiting == [True, False, False]


@pytest.mark.one_database
async def test_a_turn_has_an_end_and_the_next_goes_on(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    await happen(database, case_id, NOW, *(str(number) for number in range(60)))

    assert await send(database, NOW) == NOW
    assert await send(database, NOW) is None

    assert len(set(receiver.ids())) == len(receiver.received) == 60


@pytest.mark.one_database
async def test_a_slow_endpoint_ends_the_turn_after_a_minute(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    await happen(database, case_id, NOW, *"abcd")

    assert await send(database, NOW, each_takes=timedelta(seconds=25)) == NOW

    stamps = [int(told.headers["webhook-timestamp"]) for told in receiver.received]
    assert stamps == [int(NOW.timestamp()) + 25, int(NOW.timestamp()) + 50]


async def test_an_endpoint_of_a_revoked_key_gets_nothing_any_more(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    await happen(database, case_id, NOW, "a")
    key_id = await key_of(database, "e-1")
    async with database.writing() as session:
        await revoke_key(session, key_id, at=NOW)

    assert await send(database, NOW) is None

    assert receiver.received == []


@pytest.mark.one_database
async def test_an_endpoint_that_nobody_knows_gets_nothing(database: Database) -> None:
    assert await send(database, NOW, "unknown") is None


async def test_the_sweep_wakes_those_for_whom_something_has_been_due_for_a_while(
    database: Database, receiver: Receiver, case_id: str
) -> None:
    woken: list[str] = []

    async def wake(endpoints: Iterable[str]) -> None:
        woken.extend(endpoints)

    await happen(database, case_id, NOW, "a")
    sweep = WebhookSweep(database, wake)

    async def at(moment: datetime) -> int:
        environment = started(moment)
        found: int = await environment.run(sweep.wake_webhooks)
        return found

    assert await at(NOW + timedelta(seconds=9)) == 0
    assert await at(NOW + timedelta(seconds=10)) == 1
    assert woken == ["e-1"]
