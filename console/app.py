"""The web process: the API with the seller's console beside it."""

from __future__ import annotations

from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from adapters.partner.debitura import event_reader
from adapters.partner.standard_webhooks import ReadEvent
from console.guard import Guard
from console.headers import SafeHeaders
from console.match_cache import MatchCache
from console.pages import ROUTERS, answer
from console.problems import install
from console.rate_limits import Limits
from runtime.logs import configure
from runtime.ports import address_of, bind, serve
from runtime.settings import Settings
from runtime.temporal import connection
from starter.app import create_app as create_api
from starter.services import Services

log = structlog.get_logger()

_PLACE: Final = "/console"
_ANSWERS: Final = "/settings"


def create_app(
    services: Services | None = None,
    settings: Settings | None = None,
    *,
    read_partner_event: ReadEvent | None = None,
) -> FastAPI:
    """Build the API with the console mounted beside it.

    Without `services` they are built from the settings.
    """
    chosen = settings or Settings()
    app = create_api(services, chosen, read_partner_event=read_partner_event)
    app.add_api_route("/", _to_the_console, include_in_schema=False)
    app.add_api_route(_PLACE, _to_the_console, include_in_schema=False)
    app.mount(_PLACE, _pages(app))
    app.mount(_ANSWERS, _answers(app))
    return app


def _answers(app: FastAPI) -> FastAPI:
    """Build the page that the mail about the settings links to; the link needs no session."""
    pages = FastAPI(openapi_url=None, redirect_slashes=False)
    pages.state = app.state
    install(pages)
    pages.add_middleware(SafeHeaders)
    pages.include_router(answer.router)
    return pages


def _pages(app: FastAPI) -> FastAPI:
    """Build the console as an application of its own, which answers with pages.

    It shares the state of `app`: services, logos and the like.
    """
    pages = FastAPI(openapi_url=None, redirect_slashes=False)
    pages.state = app.state
    pages.state.console_limits = Limits()
    pages.state.match_cache = MatchCache()
    install(pages)
    pages.add_middleware(Guard, console_url=app.state.console_url)
    pages.add_middleware(SafeHeaders)
    for router in ROUTERS:
        pages.include_router(router)
    return pages


async def _to_the_console() -> RedirectResponse:
    return RedirectResponse(f"{_PLACE}/")


def main(settings: Settings) -> None:
    """Serve until the process is stopped. Raises `PortTaken` and `WrongSettings`."""
    configure(json=settings.json_logs, level=settings.log_level)
    connection()  # reports wrong Temporal settings before anything starts
    bound = bind(settings.api_port, setting="DUNNING_API_PORT", host=settings.host)
    log.info("listening", address=address_of(bound))
    secrets = settings.partner_webhook_secrets
    read_partner_event = event_reader(secrets) if secrets else None
    serve(create_app(settings=settings, read_partner_event=read_partner_event), bound)
