"""What backends hear of: each event of the four kinds, once for each endpoint."""

from __future__ import annotations

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.history import EventName
from models.keys import revoke_key
from models.tables import EventRow, WebhookEndpointRow
from models.webhook_queue import due_messages, endpoints_with_due_messages, next_due
from models.webhooks import WEBHOOK_EVENTS, endpoints_to_wake, wake_after_commit
from runtime.database import Database
from tests.factories import utc
from tests.seeded import case_of_an_open_order
from tests.webhook_receiver import add_endpoint, happen, key_of, messages

OPENED = utc("2026-03-02T09:00:00")
LATER = utc("2026-03-07T10:00:00")
URL = "https://backend.example/told"


@pytest.fixture
async def case_id(database: Database) -> str:
    return await case_of_an_open_order(database, OPENED)


async def told(database: Database, endpoint_id: str) -> list[str]:
    """The events of which an endpoint is told."""
    async with database.reading() as session:
        names = dict(list(await session.exec(select(EventRow.id, EventRow.event))))
    return [names[message.event_id] for message in await messages(database, endpoint_id)]


async def test_the_four_kinds_go_to_every_endpoint_and_no_other_kind_does(
    database: Database, case_id: str
) -> None:
    for name in ("e-1", "e-2"):
        await add_endpoint(database, URL, OPENED, name)

    for kind in EventName:
        await happen(database, case_id, LATER, f"key of {kind}", name=kind)

    assert sorted(await told(database, "e-1")) == sorted(WEBHOOK_EVENTS)
    assert await told(database, "e-2") == await told(database, "e-1")
    assert {message.due_at for message in await messages(database)} == {LATER}


async def test_an_event_that_is_known_already_is_not_told_again(
    database: Database, case_id: str
) -> None:
    await add_endpoint(database, URL, OPENED)

    await happen(database, case_id, LATER, "a")
    await happen(database, case_id, LATER, "a", "b", "a")

    assert len(await messages(database)) == 2


async def test_events_go_on_their_way_in_the_order_in_which_they_were_written(
    database: Database, case_id: str
) -> None:
    await add_endpoint(database, URL, OPENED)

    await happen(database, case_id, LATER, *"zyxwv")

    async with database.reading() as session:
        keys = dict(list(await session.exec(select(EventRow.id, EventRow.key))))
    assert "".join(keys[one.event_id] or "" for one in await messages(database)) == "zyxwv"


@pytest.mark.parametrize("ended", ["deleted", "gone", "revoked"])
async def test_an_endpoint_that_has_ended_is_told_nothing(
    database: Database, case_id: str, ended: str
) -> None:
    await add_endpoint(database, URL, OPENED)
    await happen(database, case_id, OPENED, "a")
    async with database.writing() as session:
        row = await session.get_one(WebhookEndpointRow, "e-1")
        if ended == "revoked":
            await revoke_key(session, await key_of(database, "e-1"), at=OPENED)
        else:
            setattr(row, f"{ended}_at", OPENED)
            session.add(row)

    await happen(database, case_id, LATER, "b")

    assert len(await messages(database)) == 1
    async with database.reading() as session:
        assert await endpoints_with_due_messages(session, LATER) == []


async def test_an_event_before_an_endpoint_was_there_is_not_told(
    database: Database, case_id: str
) -> None:
    await happen(database, case_id, OPENED, "a")
    await add_endpoint(database, URL, LATER)

    assert await messages(database) == []


async def test_after_the_commit_those_are_woken_who_are_told_something(
    database: Database, case_id: str
) -> None:
    woken: list[set[str]] = []

    def wake(session: AsyncSession) -> None:
        woken.append(endpoints_to_wake(session))

    await add_endpoint(database, URL, OPENED)
    database.after_commit(wake)

    await happen(database, case_id, LATER, "a", name="case.held")
    assert woken == []

    await happen(database, case_id, LATER, "b", "c")
    assert woken == [{"e-1"}]

    await happen(database, case_id, LATER, "b")
    assert woken == [{"e-1"}]


async def test_nobody_is_woken_for_what_was_rolled_back(database: Database, case_id: str) -> None:
    woken: list[object] = []

    def wake(session: object) -> None:
        woken.append(session)

    async def fail() -> None:
        async with database.writing() as session:
            wake_after_commit(session, ["e-1"])
            raise ZeroDivisionError

    database.after_commit(wake)
    with pytest.raises(ZeroDivisionError):
        await fail()

    assert woken == []


async def test_what_is_due_is_found_when_its_moment_has_come(
    database: Database, case_id: str
) -> None:
    await add_endpoint(database, URL, OPENED)
    await happen(database, case_id, LATER, "a")

    async with database.reading() as session:
        assert await next_due(session, "e-1") == LATER
        assert await endpoints_with_due_messages(session, OPENED) == []
        assert await endpoints_with_due_messages(session, LATER) == ["e-1"]
        assert await due_messages(session, "e-1", now=OPENED, limit=9) == []
        assert len(await due_messages(session, "e-1", now=LATER, limit=9)) == 1
