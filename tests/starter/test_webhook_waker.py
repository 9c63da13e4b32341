"""Waking the workflows of endpoints in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from models.webhooks import wake_after_commit
from starter.delivery.webhooks import WebhookClient, WebhookWaker
from tests.patience import PATIENCE_SECONDS


class FailsOnce:
    """A client of Temporal that fails at its first call in a way that nobody expects."""

    def __init__(self) -> None:
        self.calls: list[set[str]] = []
        self.called = asyncio.Event()

    async def wake(self, endpoints: Iterable[str]) -> None:
        self.calls.append(set(endpoints))
        self.called.set()
        if len(self.calls) == 1:
            raise RuntimeError


async def test_after_an_unexpected_error_the_next_endpoint_is_woken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("starter.delivery.webhooks._PAUSE_SECONDS", 0)
    client = FailsOnce()
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with WebhookWaker(cast(WebhookClient, client)) as waker:
            for endpoint_id in ("e-1", "e-2"):
                client.called.clear()
                waker.wake_soon(committed(endpoint_id))
                await client.called.wait()

    assert client.calls[:2] == [{"e-1"}, {"e-2"}]


def committed(endpoint_id: str) -> Any:
    """The session of a transaction that has queued a message for an endpoint."""
    session = AsyncSession()
    wake_after_commit(session, [endpoint_id])
    return session
