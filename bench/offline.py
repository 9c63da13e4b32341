"""The API's services without a Temporal server: what is accepted waits in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RetryConfig

from models.outbox import CaseRef
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from starter.delivery.client import CaseClient
from starter.services import Services


async def offline_services(
    database: Database, clock: Clock | None = None, **others: Any
) -> Services:
    """The services on a database; `others` are those that are not to do nothing."""
    clock = clock or SystemClock()
    cases = CaseClient(await no_temporal(), clock)
    chosen = {"send_plans_soon": leave_to_the_sweep} | others
    return Services(database=database, cases=cases, clock=clock, **chosen)


async def no_temporal() -> Client:
    """A client of a server that is not there; it does not try for long."""
    return await Client.connect(
        "127.0.0.1:1",
        lazy=True,
        data_converter=pydantic_data_converter,
        retry_config=RetryConfig(max_retries=1),
    )


async def leave_to_the_sweep(_cases: Sequence[CaseRef]) -> None:
    """Do nothing: there is no Temporal to tell."""
