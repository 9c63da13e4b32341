"""The web process: services are built here, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

import uvicorn
from fastapi import FastAPI, Request, Response

from runtime.clock import SystemClock
from runtime.database import Database
from runtime.logs import configure
from runtime.settings import Settings
from runtime.temporal import connect
from starter import cases, customers, orders, payments, problems, sellers
from starter.client import CaseClient
from starter.delivery import Deliverer
from starter.services import Services

_LARGEST_BODY: Final = 1_000_000
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


def create_app(services: Services | None = None, settings: Settings | None = None) -> FastAPI:
    """The API on given services, or on those that the settings name."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if services is not None:
            app.state.services = services
            yield
            return
        built = await _build(settings or Settings())
        app.state.services = built
        yield
        await built.database.close()

    app = FastAPI(
        title="Dunning",
        description="Collects unpaid orders: reminders, notices, and the handoff of claims.",
        version="1",
        lifespan=lifespan,
    )
    if services is not None:
        app.state.services = services
    problems.install(app)
    app.middleware("http")(_check_body)
    for module in (sellers, customers, orders, payments, cases):
        app.include_router(module.router)
    return app


async def _build(settings: Settings) -> Services:
    database, clock = Database(settings.database_url), SystemClock()
    case_client = CaseClient(await connect(settings), clock)
    return Services(
        database=database,
        cases=case_client,
        deliverer=Deliverer(database, case_client, clock),
        clock=clock,
    )


async def _check_body(
    request: Request, answer: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Refuse what is too large or no JSON before it is read."""
    length = request.headers.get("content-length", "0")
    if request.method in _WITH_BODY and length != "0":
        if length.isdigit() and int(length) > _LARGEST_BODY:
            return problems.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            detail = "The body must be application/json."
            return problems.answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    return await answer(request)


def main() -> None:
    settings = Settings()
    configure(json=settings.json_logs)
    uvicorn.run(
        create_app(settings=settings), host="127.0.0.1", port=settings.api_port, log_config=None
    )
