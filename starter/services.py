"""What the routes work with; built once in `starter.app`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from runtime.clock import Clock
from runtime.database import Database
from starter.client import CaseClient
from starter.delivery import Deliverer


@dataclass(frozen=True)
class Services:
    """The database, the cases, and what time it is."""

    database: Database
    cases: CaseClient
    deliverer: Deliverer
    clock: Clock


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Provided = Annotated[Services, Depends(_services)]
