"""How often one may call: a seller's key less often than a backend's, and nobody without a key."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from runtime.database import Database
from runtime.settings import Settings
from tests.offline import OfflineApi
from tests.starter.backend import refused
from tests.starter.case_rows import SELLERS, sellers_of

pytestmark = pytest.mark.one_database


@pytest.fixture
async def offline(database: Database) -> AsyncIterator[OfflineApi]:
    await sellers_of(database)
    settings = Settings(requests_per_minute=6, seller_requests_per_minute=3)
    async with OfflineApi.opened(database, settings=settings) as opened:
        yield opened


async def _granted(api: httpx.AsyncClient) -> int:
    """How many calls are granted before one is refused."""
    for granted in range(20):
        answer = await api.get("/v1/me")
        if answer.status_code != 200:
            refused(answer, 429)
            assert answer.headers["retry-after"]
            return granted
    return 20


async def test_a_backend_may_call_more_often_than_a_seller(offline: OfflineApi) -> None:
    assert await _granted(offline.api) == 6
    async with offline.as_seller(SELLERS[0]) as seller:
        assert await _granted(seller) == 3


async def test_who_guesses_keys_is_named_by_address_and_slowed(
    offline: OfflineApi, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="starter.edge.keys"):
        wrong = {"Authorization": "Bearer dunning_backend_guessed"}
        statuses = [(await offline.api.get("/v1/me", headers=wrong)).status_code for _ in range(7)]

    assert statuses == [401] * 6 + [429]
    told = [record for record in caplog.records if record.name == "starter.edge.keys"]
    assert [record.getMessage() for record in told] == ["key_unknown"] * 6
    assert {vars(record)["address"] for record in told} == {"127.0.0.1"}
    assert "guessed" not in caplog.text
