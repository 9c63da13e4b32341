"""The application of the stand-in."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError

from sandbox.partner.agency import Agency
from sandbox.partner.answers import field_errors
from sandbox.partner.event_log import EventLog
from sandbox.partner.limits import BodyLimit
from sandbox.partner.refusals import Refused
from sandbox.partner.routes import cases, divisions, evidence, page, testing, users, webhooks
from sandbox.partner.webhook_sender import Deliver, WebhookSender, over_http


def create_partner_app(
    *,
    api_key: str | None = None,
    claims_file: Path | None = None,
    clock: Callable[[], datetime],
    deliver: Deliver = over_http,
) -> FastAPI:
    """Build the stand-in, with all the claims of its file.

    With `api_key` every request of the API must carry it. With `claims_file` nothing is lost in a
    restart. A web server's process delivers webhooks by itself. A process that only calls the app
    sends them with `await app.state.webhook_sender.deliver_due()`, which goes through `deliver`.
    Raises `UnreadableEventLog`.
    """
    event_log = EventLog(claims_file)
    webhook_sender = WebhookSender(event_log, clock, deliver=deliver)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        delivering = asyncio.create_task(webhook_sender.run())
        yield
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering

    app = FastAPI(
        title="Collection partner (sandbox)",
        lifespan=lifespan,
        # The pages of the documentation would load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={RequestValidationError: field_errors, Refused: field_errors},
    )
    app.state.api_key = api_key
    app.state.agency = Agency(event_log, clock)
    app.state.webhook_sender = webhook_sender
    app.add_middleware(BodyLimit)
    for module in (cases, evidence, divisions, users, webhooks, testing):
        app.include_router(module.router, dependencies=[Depends(_check_key)])
    app.include_router(page.router)
    app.get("/healthz")(_healthz)
    return app


async def _healthz() -> dict[str, str]:
    """Answer that the process is alive."""
    return {"status": "ok"}


async def _check_key(request: Request, given: Annotated[str, Header(alias="XApiKey")] = "") -> None:
    """Refuse a request without the key, if the application has one."""
    wanted: str | None = request.app.state.api_key
    if wanted is not None and not hmac.compare_digest(given.encode(), wanted.encode()):
        raise HTTPException(401, "The header XApiKey is missing or wrong.")
