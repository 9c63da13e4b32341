"""What still works when the database or Temporal is gone, and what becomes of it later."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RetryConfig

from models.casebook import waiting_deliveries
from models.keys import create_key
from models.tables import CaseRow, DeliveryRow
from runtime.database import Database
from runtime.embedded import embedded_server
from runtime.migrate import upgrade
from runtime.ports import free_port
from simulation.world import World
from starter.app import create_app
from starter.client import CaseClient
from starter.delivery import Deliverer
from starter.services import Services
from tests.starter.backend import ADA, PROFILE, Backend, refused


def _process(world: World, database: Database, temporal: Client) -> httpx.AsyncClient:
    """Another process of the API, on this database and this server."""
    cases = CaseClient(temporal, world.clock)
    deliverer = Deliverer(database, cases, world.clock)
    services = Services(
        database=database,
        cases=cases,
        deliverer=deliverer,
        deliver_soon=deliverer.deliver_or_leave,
        clock=world.clock,
    )
    transport = httpx.ASGITransport(app=create_app(services), raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport,
        base_url="http://dunning.localhost",
        headers={"Authorization": world.api.headers["Authorization"]},
    )


@pytest.fixture(scope="module")
async def gone() -> Client:
    """A client whose server has been stopped; it does not try for long."""
    async with embedded_server(()) as running:
        return await Client.connect(
            running.service_client.config.target_host,
            data_converter=pydantic_data_converter,
            retry_config=RetryConfig(max_retries=1),
        )


@pytest.fixture
async def cut_off(world: World, gone: Client, backend: Backend) -> AsyncIterator[Backend]:
    """The backend, calling a process that has lost Temporal."""
    async with _process(world, world.database, gone) as api:
        yield backend.through(api)


async def _waiting(backend: Backend) -> list[DeliveryRow]:
    async with backend.world.database.reading() as session:
        query = select(CaseRow.case_id).where(CaseRow.seller_id == backend.seller_id)
        return await waiting_deliveries(session, list(await session.exec(query)))


async def _deliver(backend: Backend) -> None:
    """What is left over is delivered by a process that reaches Temporal."""
    world = backend.world
    deliverer = Deliverer(world.database, CaseClient(world.temporal, world.clock), world.clock)
    with world.clock.at(backend.now):
        await deliverer.deliver(sorted({row.case_id for row in await _waiting(backend)}))


def _names(case: dict[str, list[dict[str, str]]]) -> list[str]:
    return [event["event"] for event in case["history"]]


async def test_without_temporal_an_order_is_accepted_and_its_case_begins_later(
    backend: Backend, cut_off: Backend
) -> None:
    opened = await cut_off.send("POST", "/v1/orders", cut_off.order())
    again = await cut_off.send("POST", "/v1/orders", cut_off.order())

    assert (opened.status_code, again.status_code) == (201, 200)
    assert [row.kind for row in await _waiting(backend)] == ["open"]
    assert _names(await cut_off.granted("GET", cut_off.case_path())) == ["case.opened"]

    backend.now = backend.now.replace(hour=17)
    await _deliver(backend)

    case = await backend.case()
    assert _names(case) == ["case.opened", "notice.sent"]
    assert case["next_step"]["kind"] == "payment_reminder"
    assert await _waiting(backend) == []
    await backend.until("2026-03-08T12:00:00")
    assert (await backend.case())["stage"] == "reminded"


async def test_without_temporal_money_is_recorded_and_the_case_hears_of_it_later(
    backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.case()

    paid = await cut_off.send("POST", "/v1/payments", cut_off.payment("70.00"))
    back = await cut_off.send("POST", cut_off.chargebacks, cut_off.chargeback(amount="1.00"))
    assert (paid.status_code, back.status_code) == (201, 201)
    kinds = [row.kind for row in await _waiting(backend)]
    assert kinds == ["payment_recorded", "payment_reversed"]
    # The books are right at once, the stage follows when the case has heard.
    case = await cut_off.granted("GET", cut_off.case_path())
    assert (case["open_amount"], case["stage"]) == ("50.00", "scheduled")

    await backend.until("2026-03-08T12:00:00")  # R10: the reminder reads the books itself
    await _deliver(backend)

    case = await backend.case()
    assert (case["open_amount"], case["paid"], case["stage"]) == ("50.00", "69.00", "reminded")
    reminder = [event for event in case["history"] if event["event"] == "notice.sent"][-1]
    assert reminder["detail"]["open_amount"] == "50.00"
    counted = Counter(_names(case))
    assert (counted["payment.recorded"], counted["payment.reversed"]) == (1, 1)
    assert await _waiting(backend) == []


async def test_without_temporal_an_order_is_canceled_and_a_customer_is_changed(
    backend: Backend, cut_off: Backend
) -> None:
    address = ADA["address"] | {"postal_code": None}
    await backend.open_order(customer=ADA | {"address": address})
    await backend.open_order("A-2", customer=ADA | {"customer_id": "c-2"})
    await backend.until("2026-03-12T12:00:00")
    assert (await backend.case())["stage"] == "blocked"
    cut_off.now = backend.now

    whole = {"address": {"postal_code": "10115"}}
    await cut_off.granted("PATCH", "/v1/customers/{s}/c-1", whole)
    await cut_off.granted("POST", "/v1/orders/{s}/A-2/cancel")
    kinds = [row.kind for row in await _waiting(backend)]
    assert sorted(kinds) == ["customer_changed", "order_canceled"]

    await _deliver(backend)
    assert (await backend.case())["stage"] == "first_notice"
    assert (await backend.case("A-2"))["stage"] == "canceled"


@pytest.mark.parametrize("verb", ["stop", "escalate"])
async def test_without_temporal_a_verb_has_no_outcome_and_its_key_finds_it_later(
    backend: Backend, cut_off: Backend, verb: str
) -> None:
    await backend.open_order()
    before = await backend.case()
    key = {"Idempotency-Key": "k"}

    for _ in range(2):
        answer = await cut_off.send("POST", cut_off.case_path(verb), headers=key)
        refused(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
    assert await backend.case() == before

    answer = await backend.send("POST", backend.case_path(verb), headers=key)
    granted = verb in before["actions"]
    assert answer.status_code == (200 if granted else 409)
    assert len(_names(await backend.case())) == len(before["history"]) + (2 if granted else 1) + (
        verb == "stop"
    )


async def test_without_temporal_a_verb_waits_for_what_the_case_has_not_heard(
    backend: Backend, cut_off: Backend
) -> None:
    """The order was never delivered: a stop must not say that there is nothing to stop."""
    await cut_off.granted("POST", "/v1/orders", cut_off.order())
    stop, key = cut_off.case_path("stop"), {"Idempotency-Key": "k"}
    refused(await cut_off.send("POST", stop, headers=key), 503)

    stopped = await backend.granted("POST", stop, headers=key)

    assert stopped["stage"] == "stopped"
    assert await _waiting(backend) == []


async def test_r17_without_temporal_a_stopped_case_is_not_started_by_half(
    backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.granted("POST", backend.case_path("stop"))
    start, key = backend.case_path("start"), {"Idempotency-Key": "k"}

    refused(await cut_off.send("POST", start, headers=key), 503)
    assert (await backend.case())["stage"] == "stopped"

    assert (await backend.granted("POST", start, headers=key))["stage"] == "scheduled"


async def test_what_was_delivered_twice_happened_once(backend: Backend, cut_off: Backend) -> None:
    await cut_off.granted("POST", "/v1/orders", cut_off.order())
    await cut_off.granted("POST", "/v1/payments", cut_off.payment())

    await asyncio.gather(_deliver(backend), _deliver(backend))

    counted = Counter(_names(await backend.case()))
    assert (counted["notice.sent"], counted["payment.recorded"]) == (1, 1)
    assert (await backend.case())["open_amount"] == "100.00"


async def _asked(backend: Backend) -> list[httpx.Response]:
    calls = [
        ("GET", "/v1/sellers/{s}", None),
        ("PUT", "/v1/sellers/{s}", PROFILE),
        ("PATCH", "/v1/sellers/{s}/settings", {}),
        ("POST", "/v1/orders", backend.order()),
        ("GET", "/v1/orders/{s}/A-1", None),
        ("POST", "/v1/orders/{s}/A-1/cancel", None),
        ("POST", "/v1/payments", backend.payment()),
        ("POST", backend.chargebacks, backend.chargeback()),
        ("PATCH", "/v1/customers/{s}/c-1", {"phone": "1"}),
        ("GET", backend.case_path(), None),
        ("POST", backend.case_path("stop"), None),
    ]
    return [await backend.send(method, path, body) for method, path, body in calls]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////no/such/folder/dunning.db",
        f"postgresql+psycopg://dunning@127.0.0.1:{free_port()}/dunning",
    ],
    ids=["sqlite", "postgresql"],
)
async def test_without_a_database_everything_is_unavailable(
    world: World, gone: Client, url: str
) -> None:
    database = Database(url)
    async with _process(world, database, gone) as api:
        for answer in await _asked(Backend(world, "nobody", api)):
            refused(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
    await database.close()


async def test_a_database_that_is_back_is_used_again_by_the_same_process(
    world: World, gone: Client, tmp_path: Path
) -> None:
    folder = tmp_path / "away"
    database = Database(f"sqlite+aiosqlite:///{folder / 'dunning.db'}")
    async with _process(world, database, gone) as api:
        backend = Backend(world, "nobody", api)
        refused(await backend.send("PUT", "/v1/sellers/{s}", PROFILE), 503)
        folder.mkdir()
        await upgrade(database)
        async with database.writing() as session:
            new = await create_key(session, at=backend.now)
        api.headers["Authorization"] = f"Bearer {new.token}"

        await backend.granted("PUT", "/v1/sellers/{s}", PROFILE)
        await backend.open_order()
    async with database.reading() as session:
        waiting = select(DeliveryRow.kind).where(col(DeliveryRow.delivered_at).is_(None))
        assert list(await session.exec(waiting)) == ["open", "ask_seller"]
    await database.close()
