"""The web process: builds the API and its services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from adapters.partner.standard_webhooks import ReadEvent
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.settings import Settings
from runtime.temporal import connect
from starter import dependencies
from starter.delivery.client import CaseClient
from starter.delivery.sender import BackgroundSender, PlanSender
from starter.delivery.sign_in import SignInMails
from starter.delivery.summary_schedules import SummarySchedules
from starter.delivery.webhooks import WebhookClient, WebhookWaker
from starter.edge import problems
from starter.edge.access_log import log_answered
from starter.edge.bodies import BodyCheck
from starter.edge.keys import KeyCheck, admitted, documented_scheme
from starter.edge.metrics import Metrics
from starter.edge.observed import Observed
from starter.edge.response_headers import ResponseHeaders
from starter.openapi.contract import describe
from starter.routes import (
    batches,
    case_lists,
    cases,
    console_links,
    customers,
    forecasts,
    health,
    me,
    orders,
    partner_webhooks,
    payments,
    preview,
    seller_settings,
    sellers,
    sent_messages,
    statements,
    webhook_endpoints,
)
from starter.services import Services

_SIDE_BY_SIDE: Final = 2
_AT_ONCE: Final = 10


def create_app(
    services: Services | None = None,
    settings: Settings | None = None,
    *,
    read_partner_event: ReadEvent | None = None,
) -> FastAPI:
    """Build the API on the given services, or on those that the settings describe.

    `read_partner_event` reads the partner's webhooks; without it none is accepted.
    """
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if services is not None:
            yield
            return
        async with _built(chosen) as built:
            app.state.services = built
            yield

    app = FastAPIOffline(
        title="Dunning",
        description="Collects unpaid orders: reminders, notices, and the handoff of claims. Every "
        "answer has the `X-Request-ID` of its request, the caller's own or a new one; refusals "
        "have it as `request_id`, too.",
        version="1",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    if services is not None:
        app.state.services = services
    problems.install(app)
    app.add_middleware(BodyCheck)
    app.add_middleware(
        KeyCheck,
        of_backends=chosen.requests_per_minute,
        of_sellers=chosen.seller_requests_per_minute,
    )
    app.state.metrics = Metrics()
    dependencies.install(app)
    app.state.console_url = chosen.console_url.rstrip("/")
    app.state.allows_http_webhooks = chosen.webhooks_allow_http
    app.state.read_partner_event = read_partner_event
    app.add_middleware(Observed, observers=[log_answered, app.state.metrics.count])
    app.add_middleware(ResponseHeaders)
    app.include_router(health.router)
    app.include_router(partner_webhooks.router)
    # These routes filter by their caller: no seller id in the path to check.
    for own in (case_lists, me):
        app.include_router(own.router, dependencies=[Depends(documented_scheme)])
    for module in (
        sellers,
        seller_settings,
        preview,
        customers,
        batches,
        orders,
        payments,
        cases,
        sent_messages,
        forecasts,
        statements,
        webhook_endpoints,
        console_links,
    ):
        app.include_router(
            module.router, dependencies=[Depends(documented_scheme), Depends(admitted)]
        )
    return app


@asynccontextmanager
async def _built(settings: Settings) -> AsyncIterator[Services]:
    database, clock = Database(settings.database_url), SystemClock()
    temporal = await connect(lazy=True)
    cases = CaseClient(temporal, clock)
    sender = PlanSender(database, cases, clock, side_by_side=_SIDE_BY_SIDE)
    async with (
        WebhookWaker(WebhookClient(temporal)) as waker,
        BackgroundSender(sender, at_once=_AT_ONCE) as background,
    ):
        database.after_commit(waker.wake_soon)
        yield Services(
            database=database,
            cases=cases,
            send_plans_soon=background.enqueue,
            clock=clock,
            renew_schedule=SummarySchedules(database, temporal).renew_or_leave,
            mail_sign_in_link=SignInMails(temporal).send,
        )
    await database.close()
