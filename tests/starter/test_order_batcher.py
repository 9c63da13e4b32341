"""Orders that come in at the same moment are each answered as if they came alone."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from models.tables import OrderRow
from runtime.database import Database
from tests.starter.backend import Backend, refused


async def test_each_of_many_at_once_gets_its_own_answer(backend: Backend) -> None:
    opened = await backend.open_order("known")
    bodies = [backend.order(f"A-{number}") for number in range(20)]
    bodies += [
        backend.order("known"),
        backend.order("known", total="120.00"),
        backend.order("bad", total="0"),
        backend.order("bad-seller", seller_id="nobody-signed-up"),
    ]

    answers = await asyncio.gather(*(backend.send("POST", "/v1/orders", body) for body in bodies))

    *new, known, other, bad, stranger = answers
    assert [answer.status_code for answer in new] == [201] * 20
    assert [answer.json()["order_id"] for answer in new] == [
        body["order_id"] for body in bodies[:20]
    ]
    assert (known.status_code, known.json()) == (200, opened)
    assert other.status_code == 409
    refused(bad, 422, "total")
    assert stranger.status_code == 404
    assert await backend.count(OrderRow) == 21


async def test_one_order_from_many_callers_at_once_is_opened_once(backend: Backend) -> None:
    body = backend.order("A-1")

    answers = await asyncio.gather(*(backend.send("POST", "/v1/orders", body) for _ in range(20)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.text for answer in answers}) == 1


async def test_what_goes_wrong_is_told_to_all_who_wait_and_the_next_are_served(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = [backend.order(f"A-{number}") for number in range(3)]

    async def fail(*_: object) -> None:
        raise RuntimeError("Nobody expected this.")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "in_transaction", fail)
        failed = await asyncio.gather(
            *(backend.send("POST", "/v1/orders", body) for body in bodies)
        )
    assert [answer.status_code for answer in failed] == [500] * 3

    await backend.open_order("A-1")
