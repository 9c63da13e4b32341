"""The API's services without a Temporal server: what is accepted waits in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.client import Client

from models.outbox import CaseRef
from runtime.clock import SystemClock
from runtime.database import Database
from starter.delivery.client import CaseClient
from starter.services import Services


async def offline_services(database: Database) -> Services:
    clock = SystemClock()
    cases = CaseClient(await Client.connect("127.0.0.1:1", lazy=True), clock)
    return Services(
        database=database,
        cases=cases,
        tell_soon=_leave,
        clock=clock,
    )


async def _leave(_untold: Sequence[CaseRef]) -> None:
    """It stays in SQL."""
