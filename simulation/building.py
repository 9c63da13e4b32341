"""Put the whole system together: with servers of its own, or on servers that already run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from adapters.mail import SmtpMailer
from adapters.messages.platform import Platform
from adapters.partner.debitura import DebituraPartner, connect_partner, event_reader
from models.keys import create_key, revoke_key
from models.outbox import CaseRef
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.embedded import TIME_SKIPPING, embedded_server
from runtime.migrate import upgrade
from runtime.settings import Settings
from runtime.temporal import TemporalUnavailable
from sandbox.mail_sink import MailSink
from sandbox.partner import create_partner_app
from sandbox.partner.agency import Agency
from sandbox.partner.claims import EventType
from sandbox.partner.webhook_sender import WebhookSender
from simulation.clock import ScenarioClock
from simulation.partner import PartnerDriver
from simulation.world import World
from starter.app import create_app
from starter.delivery.client import CaseClient
from starter.delivery.sender import PlanSender
from starter.delivery.sign_in import SignInMails
from starter.services import Services
from worker import build_workers, running
from workflows.search_attributes import SEARCH_ATTRIBUTES

_API_KEY: Final = "sandbox"
_MAIL_FROM: Final = "dunning@example.com"
_WEBHOOK_URL: Final = "http://dunning.localhost/v1/partner/webhooks"
# On a busy machine everything takes long; nothing of it is a fault of the scenario's.
_SMTP_SECONDS: Final = 600
_PAUSE_SECONDS: Final = 1.0
_NEWS: Final = (EventType.UPDATED, EventType.CLOSED, EventType.PAYMENT)


@dataclass(frozen=True)
class Surroundings:
    """The database and the servers that a world uses, also for mails and claims."""

    database_url: str
    temporal: Client
    smtp_port: int
    partner_url: str
    console_url: str
    partner: PartnerInside | None = None


@dataclass(frozen=True)
class PartnerInside:
    """A sandbox in this process: its transport, its webhooks' secret, and their sender."""

    transport: httpx.AsyncBaseTransport
    secret: str
    webhook_sender: WebhookSender


class PatientSender(PlanSender):
    """Tells Temporal every plan before the scenario goes on, however long that takes."""

    async def send_or_leave(self, unsent: Sequence[CaseRef]) -> None:
        while True:
            try:
                return await self.send([case.case_id for case in unsent])
            except (TemporalUnavailable, SQLAlchemyError):
                await asyncio.sleep(_PAUSE_SECONDS)


class _ToTheApi:
    """Posts the partner's webhooks to the API, once there is one."""

    def __init__(self) -> None:
        self.api: httpx.AsyncClient | None = None

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert self.api is not None
        answer = await self.api.post(url, content=body, headers=dict(headers))
        return answer.status_code


@asynccontextmanager
async def _backend_key(database: Database) -> AsyncIterator[str]:
    """Make a backend's key for the calls of a scenario, and revoke it afterwards."""
    async with database.writing() as session:
        new = await create_key(session, label="simulation", at=SystemClock().now())
    yield new.token
    async with database.writing() as session:
        await revoke_key(session, new.key_id, at=SystemClock().now())


@asynccontextmanager
async def open_world(
    *, keep_mail: Path | None = None, database_url: str | None = None
) -> AsyncIterator[World]:
    """Start everything, and stop it at the end; nothing is left behind but the kept mail.

    Without a database's URL it works on an SQLite file of its own.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dunning-")))
        clock = ScenarioClock()
        sink = await stack.enter_async_context(MailSink(keep=keep_mail))
        to_the_api = _ToTheApi()
        partner_app = create_partner_app(
            api_key=_API_KEY,
            claims_file=folder / "claims.jsonl",
            clock=clock.now,
            deliver=to_the_api,
        )
        agency: Agency = partner_app.state.agency
        webhook = agency.subscribe(_WEBHOOK_URL, list(_NEWS), is_test_mode=False)
        surroundings = Surroundings(
            database_url=database_url or f"sqlite+aiosqlite:///{folder / 'dunning.db'}",
            temporal=await stack.enter_async_context(
                embedded_server(SEARCH_ATTRIBUTES, *TIME_SKIPPING)
            ),
            smtp_port=sink.port,
            partner_url="http://partner.localhost",
            partner=PartnerInside(
                transport=httpx.ASGITransport(app=partner_app),
                secret=webhook.secret,
                webhook_sender=partner_app.state.webhook_sender,
            ),
            console_url="http://dunning.localhost",
        )
        world = await stack.enter_async_context(world_in(surroundings, clock))
        to_the_api.api = world.api
        yield world


@asynccontextmanager
async def world_in(
    surroundings: Surroundings, clock: ScenarioClock, *, mail_from: str = _MAIL_FROM
) -> AsyncIterator[World]:
    """Start workers and API on servers and a database that already run."""
    async with AsyncExitStack() as stack:
        database, temporal = Database(surroundings.database_url), surroundings.temporal
        stack.push_async_callback(database.close)
        await upgrade(database)
        mailer = SmtpMailer(
            host="127.0.0.1", port=surroundings.smtp_port, timeout_seconds=_SMTP_SECONDS
        )
        stack.push_async_callback(mailer.close)
        inside = surroundings.partner
        partner = await stack.enter_async_context(
            connect_partner(
                surroundings.partner_url,
                _API_KEY,
                transport=inside.transport if inside else None,
            )
        )
        cases = CaseClient(temporal, clock, timeout_seconds=None)
        sender = PatientSender(database, cases, clock)
        services = Services(
            database=database,
            cases=cases,
            send_plans_soon=sender.send_or_leave,
            clock=clock,
            mail_sign_in_link=SignInMails(temporal).send,
        )
        workers = build_workers(
            temporal,
            database=database,
            cases=cases,
            sender=sender,
            mailer=mailer,
            partner=DebituraPartner(partner),
            mail_from=mail_from,
            platform=Platform(url=surroundings.console_url),
            cached_cases=500,
        )
        await stack.enter_async_context(running(workers))
        # What the environment says is for deployments.
        read = event_reader([inside.secret]) if inside else None
        app = create_app(services, Settings.model_construct(), read_partner_event=read)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        token = await stack.enter_async_context(_backend_key(database))
        api = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=transport,
                base_url="http://dunning.localhost",
                headers={"Authorization": f"Bearer {token}"},
            )
        )
        partner_driver = PartnerDriver(
            http=partner,
            database=database,
            deliver=inside.webhook_sender.deliver_due if inside else _nobody_to_call,
            secret=inside.secret if inside else None,
        )
        yield World(
            api=api, clock=clock, database=database, temporal=temporal, partner=partner_driver
        )


async def _nobody_to_call() -> None:
    """Do nothing: a sandbox in another process sends its webhooks by itself."""
