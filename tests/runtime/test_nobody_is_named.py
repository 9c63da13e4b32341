"""R28: nobody's name, address, account or secret is in a log line or in Temporal."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

import activities.notices
from console.app import create_app
from models.tables import CustomerRow, SellerRow
from runtime.ports import bind
from simulation.world import World
from starter.delivery.client import settings_workflow_id_of, workflow_id_of
from starter.services import Services
from tests.bodies import a_seller
from tests.patience import PATIENCE_SECONDS
from tests.prepared_routes import prepared
from tests.runtime.capture import Lines, logging_as
from tests.starter.backend import Backend

pytestmark = pytest.mark.one_database

# Each is found in nothing else than what it stands for.
FIRST, LAST, COMPANY = "Zenobia", "Quastenberg", "Hexenbesen"
STREET, CITY, PHONE = "Silberdistelweg 77", "Untermaubach", "+49305550177"
EMAIL = "zenobia@quastenberg.example.org"
REFUSED = "bounce+550@distelfink.example.org"
REASON, SUBJECT = "Hexenschuss", "Wahrsagerei"
IBAN, SELLER_PHONE = "DE89370400440532013000", "+49305550188"
SELLER_EMAIL = "kartenlegerin@kassandra.example.org"
WRONG_KEY = "dunning_backend_Kuckucksei"
ENDPOINT = "https://backend.example.org/Nachtigall"
NEEDLES: Final = (
    *(FIRST, LAST, COMPANY, STREET, "Silberdistelweg", CITY, PHONE, PHONE[3:], EMAIL, REFUSED),
    *("distelfink", REASON, SUBJECT, IBAN, SELLER_PHONE, SELLER_EMAIL, "kassandra", WRONG_KEY),
    *("Kuckucksei", "Nachtigall"),
)
JSON: Final = {"Content-Type": "application/json"}
CUSTOMER: Final = {
    "customer_id": "c-1",
    "first_name": FIRST,
    "last_name": LAST,
    "company": COMPANY,
    "email": EMAIL,
    "phone": PHONE,
    "language": "de",
    "address": {"street": STREET, "postal_code": "52372", "city": CITY, "country": "DE"},
}


async def test_r28_nobody_is_named_in_logs_and_in_temporal(
    world: World,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    backend = Backend(world, request.node.nodeid)
    key = world.api.headers["Authorization"].partition(" ")[2]

    with logging_as(level="debug") as lines:
        link = await _sign_up(backend)
        await _live(backend, monkeypatch)
        signs_with = await _call_the_process(backend, key, link)
        secrets = (*NEEDLES, key, link, signs_with)

    _is_told_enough(lines)
    written = lines.getvalue() + "".join(capfd.readouterr())
    assert [needle for needle in secrets if needle.lower() in written.lower()] == []
    kept = "\n".join([text async for text in _kept_in_temporal(backend)])
    assert backend.case_id() in kept
    assert [needle for needle in secrets if needle.lower() in kept.lower()] == []


async def _sign_up(backend: Backend) -> str:
    """A seller about whom much is known; its secret link to the settings."""
    profile = a_seller() | {
        "company_name": f"{COMPANY} GmbH",
        "email": SELLER_EMAIL,
        "phone": SELLER_PHONE,
        "iban": IBAN,
        "payment_instructions": f"An {IBAN}, {REASON}",
    }
    await backend.granted("PUT", "/v1/sellers/{s}", profile)
    await backend.open_order("A-0", customer=CUSTOMER | {"customer_id": "c-0"})
    await backend.case("A-0")
    async with backend.world.database.reading() as session:
        token = (await session.get_one(SellerRow, backend.seller_id)).settings_token
    settings = {"dunning_option": "court", "auto_handoff": True}
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", settings)
    return token or ""


async def _live(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases that go through everything that may go wrong."""
    await backend.open_order("A-1", customer=CUSTOMER, subject=SUBJECT)
    await backend.open_order("A-2", customer=CUSTOMER | {"customer_id": "c-2", "email": REFUSED})
    await backend.case("A-2")
    hold = {"reason": f"{LAST} hat {REASON}", "until": "2026-03-05"}
    await backend.granted("POST", backend.case_path("hold"), hold)
    await backend.granted("POST", backend.case_path("resume"), {})
    partial = backend.payment("19.00")
    await backend.granted("POST", "/v1/payments", partial)
    change = {"phone": PHONE, "address": {"street": STREET}}
    await backend.granted("PATCH", "/v1/customers/{s}/c-1", change)

    def fails(*_: Any, **__: Any) -> None:
        raise ValueError(f"no words for {FIRST} {LAST}, {STREET}")

    with monkeypatch.context() as broken:
        broken.setattr(activities.notices, "customer_mail", fails)
        await backend.until("2026-03-08T12:00:00")
        await backend.until("2026-03-08T12:00:00", "A-2")
    assert (await backend.case())["blocked_by"] == "error"
    await backend.granted("POST", backend.case_path("resume"), {})
    await backend.until("2026-03-20T12:00:00")
    assert (await backend.case())["stage"] == "first_notice"
    # The partner refuses this one and quotes its name.
    change = {"company": f"{COMPANY} NoPartnerAvailable"}
    await backend.granted("PATCH", "/v1/customers/{s}/c-1", change)
    await backend.until("2026-04-20T12:00:00")
    assert (await backend.case())["stage"] == "awaiting_approval"


async def _call_the_process(backend: Backend, key: str, link: str) -> str:
    """Calls of a process behind its own port, good ones and bad ones; an endpoint's secret."""
    app = prepared(create_app, _services(backend.world))
    _add_failing_routes(app, backend.world)
    good = {"Authorization": f"Bearer {key}"}
    async with _serving(app) as api:
        wrong = {"Authorization": f"Bearer {WRONG_KEY}"}
        calls = [
            (200, await api.get("/v1/cases", params={"q": LAST}, headers=good)),
            (401, await api.get("/v1/cases", params={"q": EMAIL}, headers=wrong)),
            (404, await api.get(f"/v1/cases/{LAST} {FIRST}", headers=good)),
            (404, await api.get(f"/nowhere/{EMAIL}", headers=good)),
            (404, await api.get(f"/settings/{link}")),  # its thirty days are over
            (404, await api.get(f"/console/in/{WRONG_KEY}")),
            (404, await api.get(f"/settings/{WRONG_KEY}")),
            (422, await api.post("/v1/orders", json=_bad_order(backend), headers=good)),
            (400, await api.post("/v1/orders", content=f'{{"{LAST}": ', headers=good | JSON)),
            (500, await api.get("/v1/fails", params={"q": LAST}, headers=good)),
            (500, await api.get(f"/v1/collides/{backend.seller_id}", headers=good)),
        ]
        endpoint = await api.post("/v1/webhook_endpoints", json={"url": ENDPOINT}, headers=good)
        calls.append((201, endpoint))
        path = f"/v1/webhook_endpoints/{endpoint.json()['id']}"
        calls.append((204, await api.delete(path, headers=good)))
    for status, answer in calls:
        assert answer.status_code == status, answer.text
    signs_with: str = endpoint.json()["secret"]
    return signs_with


def _services(world: World) -> Services:
    app: FastAPI = world.api._transport.app  # type: ignore[attr-defined]
    services: Services = app.state.services
    return services


def _bad_order(backend: Backend) -> dict[str, Any]:
    customer = CUSTOMER | {"email": f"{EMAIL} {LAST}", "phone": [PHONE], "tax_id": {IBAN: REASON}}
    return backend.order("A-9", customer=customer)


def _add_failing_routes(app: FastAPI, world: World) -> None:
    @app.get("/v1/fails")
    async def fails() -> None:
        raise ValueError(f"{FIRST} {LAST} {EMAIL}")

    @app.get("/v1/collides/{seller_id}")
    async def collides(seller_id: str) -> None:
        """What the database says of a row that is there already may quote it."""
        async with world.database.writing() as session:
            session.add(CustomerRow(seller_id=seller_id, missing=[], **CUSTOMER))


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a port, in the server of the real process."""
    bound = bind(0, setting="DUNNING_API_PORT")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server._serve(sockets=[bound]))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as api:
        yield api
    server.should_exit = True
    await task


def _is_told_enough(lines: Lines) -> None:
    """Silence would name nobody either."""
    entries = lines.entries()
    events = {entry["event"] for entry in entries}
    assert {"action_cannot_work", "answered", "Exception in ASGI application"} <= events
    answered = [entry for entry in entries if entry["event"] == "answered"]
    assert {400, 401, 404, 422, 500} <= {entry["status"] for entry in answered}
    kinds = json.dumps([entry["exception"] for entry in entries if "exception" in entry])
    assert "IntegrityError" in kinds


async def _kept_in_temporal(backend: Backend) -> AsyncIterator[str]:
    """All that the server keeps of the cases and of the seller, payloads in the clear."""
    case_ids = [backend.case_id(order_id) for order_id in ("A-0", "A-1", "A-2")]
    ids = [*map(workflow_id_of, case_ids), settings_workflow_id_of(backend.seller_id)]
    for workflow_id in ids:
        handle = backend.world.temporal.get_workflow_handle(workflow_id)
        described = await handle.describe()
        yield str(described.raw_description)
        history = (await handle.fetch_history()).to_json()
        yield history
        for text in _payloads(json.loads(history)):
            yield text


def _payloads(value: Any) -> Iterator[str]:
    """Every payload, however deep, as text."""
    if isinstance(value, dict):
        if isinstance(value.get("data"), str):
            yield base64.b64decode(value["data"]).decode(errors="replace")
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _payloads(inner)
