"""Who may do what: backends everything, a seller's key its own cases, settings and customers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.keys import create_key, revoke_key
from models.tables import ApiKeyRow
from tests.bodies import a_seller
from tests.offline import NOW, OfflineApi, client_of
from tests.starter.backend import Backend, refused

pytestmark = pytest.mark.one_database

_BODIES: dict[str, Any] = {"PUT": a_seller(), "PATCH": {}, "POST": {}}


@pytest.fixture(scope="module")
async def theirs(offline: OfflineApi) -> Backend:
    """A seller with an order and a payment, as its backend sees it."""
    backend = Backend(offline, "somebody else's")
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())
    return backend


@pytest.fixture(scope="module")
async def ours(offline: OfflineApi) -> AsyncIterator[Backend]:
    """Another seller with an order, calling with the seller's own key."""
    backend = Backend(offline, "ours")
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
    await backend.open_order()
    async with _calling_with(offline, await _seller_key(offline, backend.seller_id)) as api:
        yield backend.through(api)


async def _seller_key(offline: OfflineApi, seller_id: str) -> str:
    async with offline.database.writing() as session:
        return (await create_key(session, seller_id=seller_id, at=NOW)).token


def _calling_with(offline: OfflineApi, token: str | None) -> httpx.AsyncClient:
    return client_of(offline.app, {"Authorization": f"Bearer {token}"} if token else None)


def _routes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Every call that the documentation names and that needs a key."""
    return [
        (method.upper(), path)
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        if call.get("security") != [] and path.startswith("/v1/")
    ]


def _filled(path: str, backend: Backend) -> str:
    known = {
        "seller_id": backend.seller_id,
        "order_id": "A-1",
        "customer_id": "c-1",
        "case_id": backend.case_id(),
        "payment_id": f"p-{backend.mark}",
    }
    return re.sub(r"{(\w+)}", lambda name: known.get(name[1], "any"), path)


async def test_a_seller_key_neither_sees_nor_moves_anything_of_another_seller(
    offline: OfflineApi, theirs: Backend, ours: Backend
) -> None:
    before = await theirs.at_rest()
    document = (await offline.api.get("/openapi.json")).json()
    routes = _routes(document)
    assert len(routes) > 10

    for method, path in routes:
        answer = await ours.send(method, _filled(path, theirs), _BODIES.get(method))
        if path in ("/v1/cases", "/v1/cases.csv"):
            assert answer.status_code == 200
            assert ours.case_id() in answer.text
        elif path == "/v1/me":
            assert answer.json()["seller_id"] == ours.seller_id
        else:
            assert answer.status_code in (403, 404), (method, path, answer.text)
        for their in (theirs.case_id(), theirs.seller_id):
            assert their not in answer.text, (method, path)

    assert await theirs.at_rest() == before


async def test_without_a_key_every_call_is_refused(offline: OfflineApi, theirs: Backend) -> None:
    document = (await offline.api.get("/openapi.json")).json()
    async with _calling_with(offline, None) as nobody:
        for method, path in _routes(document):
            answer = await theirs.through(nobody).send(method, _filled(path, theirs), {})
            refused(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer dunning_backend_unknown",
        "Bearer ",
        "Bearer",
        "Basic dXNlcjpwYXNzd29yZA==",
        "",
        "bearer \x7f",
    ],
)
async def test_a_key_that_is_not_known_is_refused(offline: OfflineApi, authorization: str) -> None:
    headers = {"Authorization": authorization}
    async with _calling_with(offline, None) as nobody:
        refused(await nobody.get("/v1/sellers/s-1", headers=headers), 401)


async def test_the_word_bearer_may_be_written_small(offline: OfflineApi, theirs: Backend) -> None:
    token = offline.api.headers["Authorization"].removeprefix("Bearer ")
    headers = {"Authorization": f"bearer {token}"}
    async with _calling_with(offline, None) as api:
        answer = await api.get(f"/v1/sellers/{theirs.seller_id}", headers=headers)
    assert answer.status_code == 200


async def test_a_revoked_key_opens_nothing(offline: OfflineApi, theirs: Backend) -> None:
    async with offline.database.writing() as session:
        new = await create_key(session, at=NOW)
    async with _calling_with(offline, new.token) as api:
        path = f"/v1/sellers/{theirs.seller_id}"
        assert (await api.get(path)).status_code == 200
        async with offline.database.writing() as session:
            await revoke_key(session, new.key_id, at=NOW)
        refused(await api.get(path), 401)


async def test_the_key_itself_is_kept_nowhere(offline: OfflineApi) -> None:
    async with offline.database.writing() as session:
        new = await create_key(session, at=NOW)
    async with offline.database.reading() as session:
        row = await session.get_one(ApiKeyRow, new.key_id)
    secret = new.token.rpartition("_")[2]
    assert secret not in row.model_dump_json()


async def test_a_seller_reads_and_moves_its_own(ours: Backend) -> None:
    assert (await ours.granted("GET", "/v1/sellers/{s}"))["seller_id"] == ours.seller_id
    await ours.granted("PATCH", "/v1/sellers/{s}/settings", {"business_days_only": False})
    await ours.granted("PATCH", "/v1/customers/{s}/c-1", {"phone": "030 1234"})
    assert (await ours.granted("POST", ours.case_path("stop")))["stage"] == "stopped"
    assert (await ours.granted("GET", "/v1/orders/{s}/A-1"))["order_id"] == "A-1"
    await ours.granted("POST", "/v1/orders/{s}/A-1/cancel")


async def test_a_seller_opens_no_orders_and_reports_no_payments(ours: Backend) -> None:
    refused(await ours.send("POST", "/v1/orders", ours.order("A-9")), 403)
    refused(await ours.send("POST", "/v1/payments", ours.payment()), 403)
    refused(await ours.send("PUT", "/v1/sellers/{s}", a_seller()), 403)


async def test_the_key_is_asked_for_before_the_body_is_looked_at(offline: OfflineApi) -> None:
    async with _calling_with(offline, None) as nobody:
        refused(await nobody.post("/v1/orders", content=b"{"), 401)
        refused(await nobody.post("/v1/nothing-here", content=b"{}"), 401)


async def test_a_caller_hears_whose_key_it_has(offline: OfflineApi, theirs: Backend) -> None:
    mine = await theirs.granted("GET", "/v1/me")
    assert mine["kind"] == "backend"
    assert (mine["seller_id"], mine["expires_at"]) == (None, None)

    ends = theirs.now + timedelta(days=1)
    async with offline.database.writing() as session:
        new = await create_key(
            session, seller_id=theirs.seller_id, label="shop", at=theirs.now, expires_at=ends
        )
    headers = {"Authorization": f"Bearer {new.token}"}
    assert await theirs.granted("GET", "/v1/me", headers=headers) == {
        "kind": "seller",
        "seller_id": theirs.seller_id,
        "label": "shop",
        "expires_at": ends.isoformat(),
    }


async def test_a_key_that_has_ended_opens_nothing(offline: OfflineApi, theirs: Backend) -> None:
    ends = theirs.now + timedelta(days=1)
    async with offline.database.writing() as session:
        new = await create_key(session, seller_id=theirs.seller_id, at=theirs.now, expires_at=ends)
    headers = {"Authorization": f"Bearer {new.token}"}

    other = theirs.through(theirs.api)
    other.now = ends - timedelta(seconds=1)
    assert (await other.send("GET", "/v1/me", headers=headers)).status_code == 200
    other.now = ends
    refused(await other.send("GET", "/v1/me", headers=headers), 401)
