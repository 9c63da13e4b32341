"""The services that all routes use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Request
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from models.outbox import CaseRef
from runtime.clock import Clock
from runtime.database import Database, collided
from starter.delivery.client import CaseClient

Result = TypeVar("Result")
_TRIES: Final = 5


async def _leave_to_the_sweep(_seller_id: str) -> None:
    """Do nothing: the sweep finds in SQL what Temporal does not have yet."""


async def _mail_nobody(_seller_id: str, _path: str) -> None:
    """Do nothing: for services that send no mails."""


@dataclass(frozen=True)
class Services:
    """The database, the client of Temporal, the clock, and the functions that send to Temporal.

    `tell_soon` sends the plans of changed cases, after they were committed. `renew_schedule` renews
    the Schedule of a seller's summaries. `mail_sign_in_link` has a seller mailed a link that opens
    a page of the console.
    """

    database: Database
    cases: CaseClient
    tell_soon: Callable[[Sequence[CaseRef]], Awaitable[None]]
    clock: Clock
    renew_schedule: Callable[[str], Awaitable[None]] = _leave_to_the_sweep
    mail_sign_in_link: Callable[[str, str], Awaitable[None]] = _mail_nobody

    async def write(self, change: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Run a change in one transaction; if it collided with another writer, run it again."""
        return await in_transaction(self.database, change)


async def in_transaction(
    database: Database, change: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    """Run a change in one transaction; if it collided with another writer, run it again.

    Another writer may have written the same id: the next run finds and compares it. Or the two
    blocked each other (PostgreSQL writes in parallel).
    """
    for _ in range(_TRIES - 1):
        try:
            async with database.writing() as session:
                return await change(session)
        except DBAPIError as error:
            if not collided(error):
                raise
    async with database.writing() as session:
        return await change(session)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
