"""The services that all routes use; built once in `starter.app`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Request
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from models.outbox import Untold
from runtime.clock import Clock
from runtime.database import Database, collided
from starter.delivery.client import CaseClient

Result = TypeVar("Result")
_TRIES: Final = 5


async def _leave_to_the_sweep(_seller_id: str) -> None:
    """Do nothing: the sweep finds in SQL what Temporal was not told."""


async def _mail_nobody(_seller_id: str, _path: str) -> None:
    """Do nothing, where no mails are sent."""


@dataclass(frozen=True)
class Services:
    """The database, the client of Temporal, the clock, and what is done in the background.

    `tell_soon` tells Temporal the plans of changed cases, after they were committed.
    `renew_schedule` renews the Schedule of a seller's summaries. `mail_sign_in_link` mails a
    seller a link that opens a page of the console.
    """

    database: Database
    cases: CaseClient
    tell_soon: Callable[[Sequence[Untold]], Awaitable[None]]
    clock: Clock
    renew_schedule: Callable[[str], Awaitable[None]] = _leave_to_the_sweep
    mail_sign_in_link: Callable[[str, str], Awaitable[None]] = _mail_nobody

    async def write(self, change: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Make a change in one transaction, anew if it collided with another."""
        return await write(self.database, change)


async def write(database: Database, change: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Make a change in one transaction, anew if it collided with another.

    Another writer may have written the same id: then this one finds it, and compares. Or the
    two stood in each other's way (PostgreSQL writes side by side).
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
