"""The worker process, put together from its parts."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.claims import ClaimActivities
from activities.daily_proof import ProofActivities
from activities.decisions import DecisionActivities
from activities.handoff import HandoffActivities
from activities.notices import NoticeActivities
from activities.seller_mails import SellerMailActivities
from activities.settings_mails import SettingsActivities
from activities.sign_in import SignInActivities
from activities.summaries import SummaryActivities
from activities.sweep import SweepActivities
from activities.webhooks import WebhookActivities, WebhookSweep
from adapters.mail import Mailer, SmtpMailer
from adapters.messages.platform import Platform
from adapters.messages.values import Partner
from adapters.partner.csv.partner import CsvPartner
from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import CollectionPartner
from adapters.webhook_endpoint import WebhookEndpoints
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from runtime.logs import configure
from runtime.ports import address_of, bind
from runtime.settings import Settings
from runtime.temporal import connect, telemetry
from starter.delivery.client import CaseClient
from starter.delivery.revive import Reviver
from starter.delivery.schedules import ensure_schedules, keep_schedules, send_questions_again
from starter.delivery.sender import PlanSender
from starter.delivery.summary_schedules import SummarySchedules
from starter.delivery.webhooks import WebhookClient, WebhookWaker
from workflows import CASES_QUEUE, MAIL_QUEUE, PARTNER_QUEUE, WEBHOOKS_QUEUE
from workflows.case import DunningCaseWorkflow
from workflows.daily_proof import DailyProofWorkflow
from workflows.debt_summaries import DebtSummariesWorkflow
from workflows.seller_settings import SellerSettingsWorkflow
from workflows.sign_in import SignInLinkWorkflow
from workflows.sweep import SweepWorkflow
from workflows.webhooks import WebhooksWorkflow

WORKFLOWS: Final = [
    DunningCaseWorkflow,
    DebtSummariesWorkflow,
    DailyProofWorkflow,
    SellerSettingsWorkflow,
    SignInLinkWorkflow,
    SweepWorkflow,
]
WEBHOOK_WORKFLOWS: Final = [WebhooksWorkflow]
_LONGEST_CALL: Final = timedelta(seconds=60)
# Without it the library hashes every loaded module: a second at each start.
_BUILD_ID: Final = version("durable-dunning")
log = structlog.get_logger()


def build_workers(
    client: Client,
    *,
    database: Database,
    cases: CaseClient,
    sender: PlanSender,
    mailer: Mailer,
    partner: CollectionPartner,
    mail_from: str,
    platform: Platform,
    cached_cases: int = 1000,
) -> list[Worker]:
    """Build one worker for each queue, so that mail and partner have limits of their own."""
    decisions = DecisionActivities(database, sender.send_or_leave)
    notices = NoticeActivities(database, mailer, mail_from=mail_from, partner=platform.partner)
    handoff = HandoffActivities(database, partner, sender.send_or_leave)
    claims = ClaimActivities(database, partner)
    proof = ProofActivities(database, partner)
    seller_mails = SellerMailActivities(database, mailer, mail_from=mail_from, platform=platform)
    questions = SettingsActivities(database, mailer, mail_from=mail_from, platform=platform)
    sign_in = SignInActivities(
        database, mailer, SystemClock(), mail_from=mail_from, console_url=platform.url
    )
    summaries = SummaryActivities(database, mailer, mail_from=mail_from)
    sweep = SweepActivities(
        send_unsent=sender.send_unsent,
        ask_sellers=sender.ask_sellers,
        revive=Reviver(database, cases).revive,
        renew_schedules=SummarySchedules(database, client).renew_all,
    )
    webhooks = WebhookSweep(database, WebhookClient(client).wake)
    return [
        Worker(
            client,
            task_queue=CASES_QUEUE,
            workflows=WORKFLOWS,
            activities=[
                decisions.bring_up,
                decisions.cancel_order,
                decisions.ask_case,
                sweep.send_unsent,
                sweep.revive_cases,
                sweep.renew_schedules,
                webhooks.wake_webhooks,
            ],
            workflow_runner=without_import_checks(),
            max_cached_workflows=cached_cases,
            # After a worker is killed, its cases continue elsewhere within a second, not ten.
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
            build_id=_BUILD_ID,
            graceful_shutdown_timeout=_LONGEST_CALL,
        ),
        Worker(
            client,
            task_queue=MAIL_QUEUE,
            activities=[
                notices.send_notice,
                seller_mails.tell_seller,
                questions.ask_for_settings,
                questions.apply_defaults,
                sign_in.mail_sign_in_link,
                summaries.send_summaries,
            ],
            max_concurrent_activities=20,
            build_id=_BUILD_ID,
            graceful_shutdown_timeout=_LONGEST_CALL,
        ),
        Worker(
            client,
            task_queue=PARTNER_QUEUE,
            activities=[
                handoff.hand_over,
                handoff.ask_partner,
                claims.attach_documents,
                claims.report_money,
                claims.withdraw_claim,
                claims.check_claim,
                proof.compare_claims,
            ],
            max_concurrent_activities=5,
            build_id=_BUILD_ID,
            graceful_shutdown_timeout=_LONGEST_CALL,
        ),
    ]


def build_webhook_worker(
    client: Client, *, database: Database, endpoints: WebhookEndpoints, clock: Clock
) -> Worker:
    """Build the worker that sends webhooks; each endpoint has a workflow of its own."""
    webhooks = WebhookActivities(database, endpoints, clock)
    return Worker(
        client,
        task_queue=WEBHOOKS_QUEUE,
        workflows=WEBHOOK_WORKFLOWS,
        activities=[webhooks.send_webhooks],
        workflow_runner=without_import_checks(),
        max_concurrent_activities=100,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        build_id=_BUILD_ID,
        graceful_shutdown_timeout=_LONGEST_CALL,
    )


def without_import_checks() -> SandboxedWorkflowRunner:
    """Let workflows use every imported module as it is: exceptions for some do not work.

    Temporal's sandbox would otherwise load each one again for every workflow.
    It then no longer notices a clock that the rules read; the linter forbids that.
    """
    restrictions = SandboxRestrictions.default.with_passthrough_all_modules()
    return SandboxedWorkflowRunner(restrictions=restrictions)


@asynccontextmanager
async def running(workers: list[Worker]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        yield


@asynccontextmanager
async def partner_of(settings: Settings, clock: Clock) -> AsyncIterator[CollectionPartner]:
    """Open the collection partner that the settings name."""
    if settings.partner_folder is not None and settings.partner == "csv":
        yield CsvPartner(settings.partner_folder, clock)
        return
    api_key = settings.partner_api_key.get_secret_value()
    async with connect_partner(settings.partner_url, api_key) as http:
        yield DebituraPartner(http, is_test=settings.partner_test_mode)


def platform_of(settings: Settings) -> Platform:
    """Return the platform that runs the system, as mails name it."""
    return Platform(
        name=settings.platform_name,
        reply_to=settings.mail_reply_to,
        url=settings.console_url,
        partner=Partner(name=settings.partner_name, is_registered=settings.partner_is_registered),
    )


async def serve(settings: Settings, runtime: Runtime) -> None:
    """Work until a signal comes; then complete what is running."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    database = Database(settings.database_url)
    client = await connect(runtime=runtime)
    sweep_every = timedelta(seconds=settings.sweep_seconds)
    if await ensure_schedules(client, sweep_every=sweep_every):
        await send_questions_again(database)
    password = settings.smtp_password
    mailer = SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        start_tls=settings.smtp_start_tls or None,
    )
    cases = CaseClient(client, SystemClock())
    async with partner_of(settings, SystemClock()) as partner:
        workers = build_workers(
            client,
            database=database,
            cases=cases,
            sender=PlanSender(database, cases, SystemClock()),
            mailer=mailer,
            partner=partner,
            mail_from=settings.mail_from,
            platform=platform_of(settings),
        )
        workers.append(
            build_webhook_worker(
                client, database=database, endpoints=WebhookEndpoints(), clock=SystemClock()
            )
        )
        async with WebhookWaker(WebhookClient(client)) as waker:
            database.after_commit(waker.wake_soon)
            async with running(workers), asyncio.TaskGroup() as group:
                keeping = group.create_task(
                    keep_schedules(client, database, sweep_every=sweep_every)
                )
                await stop.wait()
                keeping.cancel()
    await mailer.close()
    await database.close()


def main(settings: Settings) -> None:
    """Work until a signal comes. Raises `PortTaken` and `WrongSettings`."""
    configure(json=settings.json_logs, level=settings.log_level)
    with bind(settings.metrics_port, setting="DUNNING_METRICS_PORT", host=settings.host) as free:
        address, port = address_of(free), free.getsockname()[1]
    runtime = telemetry(f"{settings.host}:{port}")
    log.info("listening", address=f"{address}/metrics")
    asyncio.run(serve(settings, runtime))
