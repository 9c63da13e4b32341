"""`dunning up`: starts and stops everything that the system needs."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import httpx
import typer
from temporalio.client import Client
from temporalio.service import RPCError

from adapters.partner.debitura.webhooks import EVENTS
from commands import sample
from commands.console import new_link
from commands.dev_stack import DevStack, Ports
from models.keys import create_key
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.embedded import TIME_SKIPPING
from runtime.folder_lock import locked
from runtime.migrate import upgrade
from runtime.pollers import WORKFLOWS, pollers
from runtime.private_files import keep_files_private
from runtime.process_group import Child, ProcessGroup
from sandbox.partner.agency import Agency
from sandbox.partner.claims import EventType
from sandbox.partner.event_log import EventLog
from workflows import CASES_QUEUE

_STILL_WAITING_SECONDS: Final = 20
_PAUSE_SECONDS: Final = 0.1


def up(
    data: Annotated[
        Path, typer.Option(envvar="DUNNING_DATA", help="Where everything is kept.")
    ] = Path("dunning-data"),
    api_port: Annotated[int, typer.Option(envvar="DUNNING_API_PORT")] = 8000,
    temporal_port: Annotated[int, typer.Option(envvar="DUNNING_TEMPORAL_PORT")] = 7233,
    temporal_ui_port: Annotated[int, typer.Option(envvar="DUNNING_TEMPORAL_UI_PORT")] = 8233,
    smtp_port: Annotated[int, typer.Option(envvar="DUNNING_SMTP_PORT")] = 1025,
    mail_page_port: Annotated[int, typer.Option(envvar="DUNNING_MAIL_PAGE_PORT")] = 8025,
    partner_port: Annotated[int, typer.Option(envvar="DUNNING_PARTNER_PORT")] = 8026,
    metrics_port: Annotated[int, typer.Option(envvar="DUNNING_METRICS_PORT")] = 9464,
    with_sample: Annotated[
        bool, typer.Option("--sample", help="Fill an empty installation with sample orders.")
    ] = False,
) -> None:
    """Run the whole system for development; Ctrl-C ends all of it. A port 0 is any free one."""
    ports = Ports(
        api=api_port,
        temporal=temporal_port,
        temporal_ui=temporal_ui_port,
        smtp=smtp_port,
        mail_page=mail_page_port,
        partner=partner_port,
        metrics=metrics_port,
    )
    keep_files_private()
    stack = DevStack(data.resolve(), ports.free())
    with locked(stack.folder):
        try:
            if with_sample and not sample.is_loaded(stack.folder):
                sample.make_room(stack.folder)
            asyncio.run(_run(stack, with_sample=with_sample))
        except (sample.OtherData, sample.NotLoaded) as error:
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(1) from error


async def _run(stack: DevStack, *, with_sample: bool) -> None:
    """Start everything, say where it listens, and stop it on a signal. Raises `ChildDied`."""
    began = monotonic()
    signaled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, signaled)
    (stack.folder / "logs").mkdir(exist_ok=True)
    logging.basicConfig(filename=stack.folder / "logs" / "up.log", level=logging.WARNING)
    processes = ProcessGroup(stack.folder / "logs", stack.environment())
    try:
        await _until(signaled, _run_stack(stack, processes, began, with_sample=with_sample))
    finally:
        await processes.end()
    sys.stdout.write("Everything has ended.\n")


async def _until(signaled: asyncio.Event, life: Coroutine[Any, Any, None]) -> None:
    """Run until a signal comes, or until the run ends by itself."""
    living = asyncio.create_task(life)
    waiting = asyncio.create_task(signaled.wait())
    await asyncio.wait((living, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not living.done():
        living.cancel()
    with suppress(asyncio.CancelledError):
        await living


async def _run_stack(
    stack: DevStack, processes: ProcessGroup, began: float, *, with_sample: bool
) -> None:
    # The sample's cases begin in the past, which needs a server that can skip time per workflow.
    command = stack.temporal_command(*(TIME_SKIPPING if with_sample else ()))
    temporal = await processes.start("temporal", command, parent_death_signal=signal.SIGTERM)
    key = await prepare(stack)
    for name in ("mail-catcher", "partner-sandbox", "api"):
        await processes.start(name, dunning_command(name))
    await processes.while_all_live(_patiently("Temporal", temporal_answers(stack)))
    await processes.while_all_live(_patiently("the API", _all_answer(stack.what_answers())))
    if with_sample and not sample.is_loaded(stack.folder):
        _say(_welcome(stack, key, monotonic() - began))
        _say("Now the sample: some weeks of orders are played, and then go on by themselves.\n")
        await processes.while_all_live(_load_sample(stack))
        await _start_worker(stack, processes, temporal)
        _say("\nThe sample is there.\n\n")
    else:
        await _start_worker(stack, processes, temporal)
        _say(_welcome(stack, key, monotonic() - began))
    if with_sample:
        token = await new_link(stack.database_url, sample.SELLER)
        _say(_way_in(f"{stack.console}in/{token}"))
        _say(sample.what_to_try(stack.folder))
    await processes.any_death()


async def _start_worker(stack: DevStack, processes: ProcessGroup, temporal: Child) -> None:
    """Start the worker. Once it works, it and Temporal run at a lower priority than the API.

    Not called while a sample is played: the sample brings its own worker.
    """
    worker = await processes.start("worker", dunning_command("worker"))
    await processes.while_all_live(_patiently("the worker", _all_answer([stack.worker])))
    await processes.while_all_live(_patiently("the worker", _cases_are_served(stack)))
    for child in (worker, temporal):
        child.give_way()


async def _patiently(what: str, work: Coroutine[Any, Any, None]) -> None:
    """Wait for a part to start, however slow the machine is; say now and then what is awaited."""
    task = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({task}, timeout=_STILL_WAITING_SECONDS))[0]:
            sys.stderr.write(f"Still waiting for {what}.\n")
        await task
    finally:
        task.cancel()


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


async def _load_sample(stack: DevStack) -> None:
    await sample.load(
        stack.folder,
        database_url=stack.database_url,
        temporal_address=f"127.0.0.1:{stack.ports.temporal}",
        smtp_port=stack.ports.smtp,
        partner_url=f"http://127.0.0.1:{stack.ports.partner}",
        console_url=f"http://127.0.0.1:{stack.ports.api}",
    )


async def prepare(stack: DevStack) -> str:
    """Upgrade the database and make a backend's key, which is kept in the folder."""
    database = Database(stack.database_url)
    await upgrade(database)
    kept = stack.folder / "backend.key"
    if not kept.exists():
        async with database.writing() as session:
            new = await create_key(session, label="dunning up", at=SystemClock().now())
        _keep_secret(kept, new.token)
    await database.close()
    _subscribe_to_partner(stack)
    return kept.read_text(encoding="utf-8").strip()


def _subscribe_to_partner(stack: DevStack) -> None:
    """Have the sandbox send its webhooks to our API, whose port may differ from the last time."""
    agency = Agency(EventLog(stack.claims), SystemClock().now)
    url = f"http://127.0.0.1:{stack.ports.api}/v1/partner/webhooks"
    known = agency.memory.webhooks.values()
    if stack.partner_secret.exists() and any(webhook.url == url for webhook in known):
        return
    for webhook in list(known):
        agency.unsubscribe(webhook)
    webhook = agency.subscribe(url, [EventType(event) for event in EVENTS], is_test_mode=False)
    _keep_secret(stack.partner_secret, webhook.secret)


def _keep_secret(path: Path, secret: str) -> None:
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, how, 0o600), "w") as file:
        file.write(secret)


def dunning_command(command: str, *options: str) -> Sequence[str]:
    """Return the command line that runs one of our commands as a process."""
    return [sys.executable, "-c", "from commands.main import main; main()", command, *options]


async def temporal_answers(stack: DevStack) -> None:
    """Wait until cases can be started: the port answers, and the namespace exists."""
    while True:
        with suppress(RuntimeError, RPCError):
            client = await Client.connect(f"127.0.0.1:{stack.ports.temporal}")
            await client.count_workflows()
            return
        await asyncio.sleep(_PAUSE_SECONDS)


async def _cases_are_served(stack: DevStack) -> None:
    """Wait until a worker polls: users may send a stop as soon as we say ready."""
    while True:
        with suppress(RuntimeError, RPCError):
            client = await Client.connect(f"127.0.0.1:{stack.ports.temporal}")
            if await pollers(client, CASES_QUEUE, WORKFLOWS):
                return
        await asyncio.sleep(_PAUSE_SECONDS)


async def _all_answer(asked: Sequence[str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await asyncio.gather(*(_answers(client, url) for url in asked))


async def _answers(client: httpx.AsyncClient, url: str) -> None:
    while True:
        with suppress(httpx.HTTPError):
            if (await client.get(url)).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return
        await asyncio.sleep(_PAUSE_SECONDS)


def _stop(signaled: asyncio.Event) -> None:
    """On the first signal end everything in order, on the second at once."""
    if signaled.is_set():
        os._exit(1)
    signaled.set()


def _way_in(link: str) -> str:
    """Return the text with the link to the console, the first page that a seller opens."""
    return "\n".join(
        [
            "The console as a sample seller sees it; the link works once, within an hour:",
            "",
            f"  {link}",
            "",
            f"Another one, for any seller: dunning console link {sample.SELLER}",
            "",
            "",
        ]
    )


def _welcome(stack: DevStack, key: str, seconds: float) -> str:
    addresses = stack.addresses()
    width = max(len(name) for name, _ in addresses) + 2
    lines = [
        f"Ready in {seconds:.1f} s. Ctrl-C ends everything; started again, it goes on.",
        "",
        *(f"  {name:<{width}}{address}" for name, address in addresses),
        f"  {'data':<{width}}{stack.folder}",
        "",
        "A backend's key, for all calls:",
        "",
        f"  export API=http://127.0.0.1:{stack.ports.api}/v1 KEY={key}",
        '  curl -H "Authorization: Bearer $KEY" $API/cases',
        "",
        "For other commands of dunning in this installation (import, keys, console, doctor):",
        "",
        f"  export {shlex.join(stack.for_commands())}",
        "",
    ]
    return "\n".join(lines) + "\n"
