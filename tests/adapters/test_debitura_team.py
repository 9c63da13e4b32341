"""Who writes to the agency: a message has to name a user of the account, who is looked up."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import ClaimHandle, ClaimRefused, PartnerError
from tests.adapters.claims import a_report

URL = "https://partner.example"
HANDLE = ClaimHandle(reference="abcd2345-1", partner_id="case-1")
USERS = [{"id": "u-2", "email": "bo@example.org"}, {"id": "u-1", "email": "ada@example.org"}]


@pytest.fixture
def api() -> Iterator[respx.Router]:
    """A partner with a claim that nobody has written about."""
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        router.get("/cases/case-1/timeline").respond(json={"items": []})
        router.get("/cases/case-1/chats").respond(json=[])
        router.post("/cases/case-1/chats", name="write").respond(json={"id": "m"})
        router.get("/users", name="users").respond(json={"users": USERS})
        yield router


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """One for all tests: its certificates are read for 60 ms."""
    async with connect_partner(URL, "the-key") as http:
        yield http


@pytest.fixture
def partner(client: httpx.AsyncClient) -> DebituraPartner:
    return DebituraPartner(client)


async def test_it_is_always_the_same_user_looked_up_once(api, partner):
    for key in ("one", "other"):
        await partner.report(HANDLE, a_report(key))

    sent = [json.loads(call.request.content) for call in api["write"].calls]
    assert [message["userEmail"] for message in sent] == ["ada@example.org"] * 2
    assert api["users"].call_count == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(405),
        httpx.Response(200, json={"page": {"totalResults": 0}, "users": []}),
        httpx.Response(200, json={"page": {"totalResults": 0}}),
        httpx.Response(200, json={"users": [{"id": "u-1", "name": "Ada"}]}),
    ],
)
async def test_where_nobody_is_known_the_partner_has_to_say_who_wrote(api, partner, answer):
    api["users"].side_effect = [answer]

    await partner.report(HANDLE, a_report())

    assert json.loads(api["write"].calls.last.request.content).keys() == {"message"}


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(200, text="odd")])
async def test_what_may_pass_is_tried_again(api, partner, answer):
    api["users"].side_effect = [answer]

    with pytest.raises(PartnerError):
        await partner.report(HANDLE, a_report())

    assert not api["write"].called


@pytest.mark.parametrize(
    "refusal",
    [
        {"userEmail": ["is not a member of the team"]},
        {"error": "MissingUserIdentifier", "message": "Name a user."},
        {"businessErrors": [{"type": "MissingUserIdentifier", "message": "Name a user."}]},
    ],
)
async def test_a_user_who_has_left_is_no_reason_to_say_nothing(api, partner, refusal):
    api["write"].side_effect = [httpx.Response(400, json=refusal), httpx.Response(200)]
    with pytest.raises(PartnerError, match="no user") as failed:
        await partner.report(HANDLE, a_report())
    api["users"].respond(json={"users": USERS[:1]})

    await partner.report(HANDLE, a_report())

    assert not isinstance(failed.value, ClaimRefused)
    sent = [json.loads(call.request.content) for call in api["write"].calls]
    assert [one["userEmail"] for one in sent] == ["ada@example.org", "bo@example.org"]


async def test_a_partner_that_quotes_the_user_is_not_repeated(api, partner):
    api["write"].respond(422, json={"message": "ada@example.org may not write this"})

    with pytest.raises(ClaimRefused) as refused:
        await partner.report(HANDLE, a_report())

    assert str(refused.value) == "message: … may not write this"
