"""The cases of a batch run like those of single orders."""

from __future__ import annotations

import pytest

from tests.bodies import ada, an_address, installments
from tests.starter.backend import Backend
from tests.starter.batches import send

pytestmark = pytest.mark.one_database

PARTS = installments("59.50", "59.50")


@pytest.fixture
def backend(running: Backend) -> Backend:
    return running


async def test_the_cases_of_a_batch_send_their_invoices(backend: Backend) -> None:
    await send(
        backend,
        backend.order("A-1"),
        backend.order("A-2", installments=PARTS),
    )

    assert (await backend.case())["stage"] == "scheduled"
    history = (await backend.case("A-2", 1))["history"]
    assert [event["event"] for event in history] == ["case.opened", "notice.sent"]


async def test_r14_an_order_in_a_batch_completes_an_address_and_the_blocked_case_goes_on(
    backend: Backend,
) -> None:
    incomplete = ada(address=an_address(postal_code=None))
    await send(backend, backend.order("A-1", customer=incomplete))
    await backend.until("2026-03-12T12:00:00")
    assert (await backend.case())["stage"] == "blocked"

    await send(backend, backend.order("A-2", invoice_date="2026-03-12"))

    assert (await backend.case())["stage"] == "first_notice"


async def test_r21_the_seller_is_asked_once_however_many_orders_come_first(
    backend: Backend,
) -> None:
    newcomer = Backend(backend.world, f"{backend.seller_id} newcomer")
    profile = {"company_name": "Neu GmbH", "email": f"{newcomer.mark}@example.org"}
    await newcomer.granted("PUT", "/v1/sellers/{s}", profile)

    await send(newcomer, *(newcomer.order(f"A-{number}") for number in range(3)))

    await newcomer.world.advance_seller(newcomer.seller_id, newcomer.now)
    told: list[str] = []
    for number in range(3):
        history = (await newcomer.case(f"A-{number}"))["history"]
        told += [e["detail"]["about"] for e in history if e["event"] == "seller.told"]
    assert told == ["settings_wanted"]
