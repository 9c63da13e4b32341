"""The API's services without a Temporal server: what is accepted waits in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.client import Client

from models.outbox import Untold
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from starter.delivery.client import CaseClient
from starter.services import Services


async def offline_services(
    database: Database, clock: Clock | None = None, **others: Any
) -> Services:
    """The services on a database; `others` are those that are not to do nothing."""
    clock = clock or SystemClock()
    cases = CaseClient(await Client.connect("127.0.0.1:1", lazy=True), clock)
    chosen = {"tell_soon": leave_to_the_sweep} | others
    return Services(database=database, cases=cases, clock=clock, **chosen)


async def leave_to_the_sweep(_untold: Sequence[Untold]) -> None:
    """Do nothing: there is no Temporal to tell."""
