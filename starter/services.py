"""The services that all routes use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from models.outbox import CaseRef
from runtime.clock import Clock
from runtime.database import Database
from starter.delivery.client import CaseClient


async def _leave_to_the_sweep(_seller_id: str) -> None:
    """Do nothing: the sweep finds in SQL what Temporal does not have yet."""


async def _mail_nobody(_seller_id: str, _path: str) -> None:
    """Do nothing: for services that send no mails."""


@dataclass(frozen=True)
class Services:
    """The database, the client of Temporal, the clock, and the functions that send to Temporal.

    `send_plans_soon` sends the plans of changed cases, after they were committed. `renew_schedule`
    renews the Schedule of a seller's summaries. `mail_sign_in_link` has a seller mailed a link that
    opens a page of the console.
    """

    database: Database
    cases: CaseClient
    send_plans_soon: Callable[[Sequence[CaseRef]], Awaitable[None]]
    clock: Clock
    renew_schedule: Callable[[str], Awaitable[None]] = _leave_to_the_sweep
    mail_sign_in_link: Callable[[str, str], Awaitable[None]] = _mail_nobody


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
