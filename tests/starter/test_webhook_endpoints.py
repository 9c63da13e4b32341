"""Where backends want to be told: their endpoints, each key's own."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select

from models.keys import create_key, revoke_key
from models.tables import EventRow, WebhookEndpointRow, WebhookMessageRow
from models.webhooks import WEBHOOK_EVENTS
from runtime.settings import Settings
from simulation.world import World
from starter.app import create_app
from tests.offline import NOW
from tests.prepared_routes import prepared
from tests.starter.backend import Backend, Document, refused
from tests.stories import Story
from tests.webhook_receiver import happen, messages, receiving, send

pytestmark = pytest.mark.one_database

PATH = "/v1/webhook_endpoints"
URL = "https://backend.example/told?of=dunning"


@dataclass
class Owner:
    """A backend with a key of its own."""

    world: World
    api: httpx.AsyncClient
    key_id: str

    async def send(self, method: str, path: str = "", body: object = None) -> httpx.Response:
        with self.world.clock.at(NOW):
            return await self.api.request(method, PATH + path, json=body)

    async def granted(self, method: str, path: str = "", body: object = None) -> Document:
        answer = await self.send(method, path, body)
        assert answer.is_success, answer.text
        document: Document = answer.json()
        return document

    async def created(self, url: str = URL) -> str:
        endpoint_id: str = (await self.granted("POST", body={"url": url}))["id"]
        return endpoint_id

    async def listed(self) -> list[Document]:
        items: list[Document] = (await self.granted("GET"))["items"]
        return items


async def _owner(world: World) -> Owner:
    async with world.database.writing() as session:
        new = await create_key(session, at=NOW)
    api = httpx.AsyncClient(
        transport=world.api._transport,
        base_url="http://dunning.localhost",
        headers={"Authorization": f"Bearer {new.token}"},
    )
    return Owner(world, api, new.key_id)


async def _revoked(owner: Owner) -> None:
    async with owner.world.database.writing() as session:
        await revoke_key(session, owner.key_id, at=NOW)


@pytest.fixture
async def owner(world: World) -> AsyncIterator[Owner]:
    """Its key is revoked at the end, so that no other test tells it anything."""
    owner = await _owner(world)
    yield owner
    await _revoked(owner)


async def test_a_new_endpoint_shows_its_secret_once(owner: Owner) -> None:
    answer = await owner.send("POST", body={"url": URL})

    assert answer.status_code == 201
    new = answer.json()
    assert set(new) == {"id", "url", "secret", "created_at"}
    assert (new["url"], new["created_at"]) == (URL, NOW.isoformat())
    assert new["secret"].startswith("whsec_")
    assert len(base64.b64decode(new["secret"].removeprefix("whsec_"))) == 32
    assert await owner.listed() == [
        {
            "id": new["id"],
            "url": URL,
            "created_at": NOW.isoformat(),
            "waiting": 0,
            "last_answer": None,
            "last_answer_at": None,
            "gone_at": None,
        }
    ]


async def test_the_list_is_in_the_order_in_which_they_were_made(owner: Owner) -> None:
    made = [await owner.created(f"https://backend.example/{number}") for number in range(3)]

    assert {item["id"] for item in await owner.listed()} == set(made)
    assert len(set(made)) == 3


@pytest.mark.parametrize(
    "url",
    [
        *("", "backend.example", "/told", "https://", "https:///told", "https://a b.example/"),
        *("ftp://backend.example/", "file:///etc/passwd", "javascript:alert(1)", "//a.example"),
        *("https://ada@backend.example/", "https://ada:secret@backend.example/"),
        *("https://backend.example/#part", "https://backend.example/#"),
        *("https://backend.example:0/", "https://backend.example:70000/", "https://a:b/"),
        *("http://backend.example/told", "http://localhost.example/", "http://10.0.0.7/"),
        *("http://2130706433/", "http://127.0.0.1.example/", "http://notlocalhost/"),
        *("https://169.254.169.254/", "https://[fe80::1]/", "https://0.0.0.0/", "https://[::]/"),
        *("https://2852039166/", "https://0xa9fea9fe/", "https://169.254.43518/", "https://1.2.3/"),
        *("https://[fd00:ec2::254]/", "https://100.100.100.200/", "https://168.63.129.16/"),
        *("https://backend.example/\n", "https://backend.example\\@evil.example/", "https://ü/"),
        *("https://backend.example/" + "a" * 2000, None, 1, ["https://backend.example/"], {}),
    ],
)
async def test_a_url_to_which_nothing_can_or_may_be_sent_is_refused(
    owner: Owner, url: object
) -> None:
    refused(await owner.send("POST", body={"url": url}), 422, "url")
    assert await owner.listed() == []


@pytest.mark.parametrize("body", [{}, {"url": URL, "secret": "mine"}])
async def test_an_endpoint_is_a_url_and_nothing_else(owner: Owner, body: Document) -> None:
    refused(await owner.send("POST", body=body), 422, "secret" if body else "url")


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:9000/told", "http://[::1]/", "http://localhost:1/", "HTTP://LOCALHOST"),
        *("http://backend.localhost/told", "https://10.0.0.7:8443/a/b?c=d", "https://[fd00::1]/"),
    ],
)
async def test_plain_http_may_go_to_this_machine_and_https_anywhere(owner: Owner, url: str) -> None:
    await owner.created(url)

    assert [item["url"] for item in await owner.listed()] == [url]


async def test_a_closed_network_may_have_plain_http_everywhere(world: World, owner: Owner) -> None:
    app = prepared(
        create_app, world.api._transport.app.state.services, Settings(webhooks_allow_http=True)
    )  # type: ignore[attr-defined]
    owner.api = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://dunning.localhost",
        headers=owner.api.headers,
    )

    await owner.created("http://orders.internal/told")

    refused(await owner.send("POST", body={"url": "http://169.254.169.254/"}), 422, "url")


async def test_a_key_has_twenty_endpoints_at_most(owner: Owner) -> None:
    made = [await owner.created() for _ in range(20)]
    refused(await owner.send("POST", body={"url": URL}), 422, "url")

    assert (await owner.send("DELETE", f"/{made[0]}")).status_code == 204

    await owner.created()


async def test_a_deleted_endpoint_is_told_nothing_any_more(owner: Owner, story: Story) -> None:
    endpoint_id = await owner.created()
    await opened_case(owner, story)
    await happen(owner.world.database, story.case_id(), NOW, "before")
    assert (await owner.listed())[0]["waiting"] == 1

    answer = await owner.send("DELETE", f"/{endpoint_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    await happen(owner.world.database, story.case_id(), NOW, "after")
    assert [one.due_at for one in await messages(owner.world.database, endpoint_id)] == [None]
    assert await owner.listed() == []
    refused(await owner.send("DELETE", f"/{endpoint_id}"), 404)
    refused(await owner.send("POST", f"/{endpoint_id}/replay"), 404)


@pytest.mark.parametrize("unknown", ["endpoint-0", "a b", "%00", "a" * 200])
async def test_an_endpoint_that_nobody_knows_is_not_there(owner: Owner, unknown: str) -> None:
    refused(await owner.send("DELETE", f"/{unknown}"), 404)
    refused(await owner.send("POST", f"/{unknown}/replay"), 404)


async def test_another_backends_endpoint_looks_as_if_it_were_not_there(
    world: World, owner: Owner
) -> None:
    endpoint_id = await owner.created()
    other = await _owner(world)

    assert await other.listed() == []
    refused(await other.send("DELETE", f"/{endpoint_id}"), 404)
    refused(await other.send("POST", f"/{endpoint_id}/replay"), 404)

    assert len(await owner.listed()) == 1


async def opened_case(owner: Owner, story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    await story.play(until="2026-03-02")


async def test_the_list_says_how_much_waits_and_what_was_answered_last(
    owner: Owner, story: Story
) -> None:
    await opened_case(owner, story)
    database = owner.world.database
    async with receiving() as receiver:
        endpoint_id = await owner.created(receiver.url)
        await happen(database, story.case_id(), NOW, "a", "b")
        receiver.will_answer(500)
        due_at = await send(database, NOW, endpoint_id)
        item = (await owner.listed())[0]
        assert (item["waiting"], item["last_answer"]) == (1, "204")
        receiver.will_answer(503)
        await send(database, due_at or NOW, endpoint_id)

    item = (await owner.listed())[0]
    assert (item["waiting"], item["last_answer"]) == (1, "503")
    assert item["last_answer_at"] == (NOW + timedelta(seconds=5)).isoformat()


async def test_a_replay_tells_again_what_happened_since_a_moment(
    owner: Owner, story: Story
) -> None:
    await opened_case(owner, story)
    database = owner.world.database
    week = timedelta(days=7)
    async with receiving() as receiver:
        endpoint_id = await owner.created(receiver.url)
        long_ago = NOW - week - timedelta(seconds=1)
        for key, at in (("a", long_ago), ("b", NOW - week), ("c", NOW)):
            await happen(database, story.case_id(), at, key)
        assert await send(database, NOW, endpoint_id) is None
        first = receiver.ids()

        answer = await owner.send("POST", f"/{endpoint_id}/replay")
        assert (answer.status_code, answer.json()) == (202, {"replayed": 2})
        assert await send(database, NOW, endpoint_id) is None
        assert receiver.ids() == first + first[1:]

        for since, replayed in ((long_ago, 3), (NOW, 1), (NOW + week, 0)):
            body = {"since": since.isoformat()}
            done = await owner.granted("POST", f"/{endpoint_id}/replay", body)
            assert done == {"replayed": replayed}


@pytest.mark.parametrize("since", ["yesterday", "2026-03-02", "2026-03-02T10:00:00", 1, True])
async def test_a_replay_since_no_moment_is_refused(owner: Owner, since: object) -> None:
    endpoint_id = await owner.created()

    refused(await owner.send("POST", f"/{endpoint_id}/replay", {"since": since}), 422, "since")


async def test_an_endpoint_that_said_it_was_gone_comes_back_by_a_replay(
    owner: Owner, story: Story
) -> None:
    await opened_case(owner, story)
    database = owner.world.database
    async with receiving() as receiver:
        endpoint_id = await owner.created(receiver.url)
        await happen(database, story.case_id(), NOW, "a")
        receiver.will_answer(410)
        assert await send(database, NOW, endpoint_id) is None
        item = (await owner.listed())[0]
        assert (item["gone_at"], item["last_answer"], item["waiting"]) == (
            NOW.isoformat(),
            "410",
            0,
        )

        assert await owner.granted("POST", f"/{endpoint_id}/replay") == {"replayed": 1}

        assert await send(database, NOW, endpoint_id) is None
        assert len(receiver.received) == 2
    assert (await owner.listed())[0]["gone_at"] is None


async def test_endpoints_are_for_backends(world: World, running: Backend) -> None:
    async with world.database.writing() as session:
        new = await create_key(session, seller_id=running.seller_id, at=NOW)
    headers = {"Authorization": f"Bearer {new.token}"}

    refused(await running.send("GET", PATH, headers=headers), 403)
    refused(await running.send("POST", PATH, {"url": URL}, headers=headers), 403)
    refused(await running.send("DELETE", f"{PATH}/any", headers=headers), 403)
    refused(await running.send("POST", f"{PATH}/any/replay", headers=headers), 403)


async def test_every_event_of_a_whole_case_is_on_its_way_once_to_each_endpoint(
    world: World, owner: Owner, story: Story
) -> None:
    endpoints = [await owner.created(), await owner.created()]
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.payment("2026-04-12T12:00:00", "119.00")

    await story.play(until="2026-05-01")

    happened = Counter(entry["event"] for entry in story.events if entry["event"] in WEBHOOK_EVENTS)
    assert happened == {"stage.changed": 5, "claim.submitted": 1, "case.closed": 1}
    for endpoint_id in endpoints:
        assert await told(world, endpoint_id, story.case_id()) == happened


async def told(world: World, endpoint_id: str, case_id: str) -> Counter[str]:
    """How often each event of a case is on its way to an endpoint."""
    query = (
        select(EventRow.event)
        .join(WebhookMessageRow, col(WebhookMessageRow.event_id) == EventRow.id)
        .where(WebhookMessageRow.endpoint_id == endpoint_id, EventRow.case_id == case_id)
    )
    async with world.database.reading() as session:
        return Counter(await session.exec(query))


async def test_nothing_is_on_its_way_to_the_endpoints_of_a_revoked_key(
    world: World, owner: Owner, story: Story
) -> None:
    endpoint_id = await owner.created()
    await _revoked(owner)
    await opened_case(owner, story)

    await happen(world.database, story.case_id(), NOW, "a")

    assert await messages(world.database, endpoint_id) == []


async def test_the_secret_is_told_by_no_other_call(owner: Owner, world: World) -> None:
    endpoint_id = await owner.created()
    async with world.database.reading() as session:
        secret = (await session.get_one(WebhookEndpointRow, endpoint_id)).secret

    assert secret not in (await owner.send("GET")).text
    assert secret not in (await owner.send("POST", f"/{endpoint_id}/replay")).text
