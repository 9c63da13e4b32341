"""`dunning up`: everything that the system needs, started and stopped as one."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
from models.keys import create_key
from runtime.attributes import type_name
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.embedded import TIME_SKIPPING, server_binary
from runtime.folder_lock import locked
from runtime.migrate import upgrade
from runtime.pollers import WORKFLOWS, pollers
from runtime.ports import bind, free_port
from runtime.private_files import keep_files_private
from runtime.process_group import Child, Tree
from sandbox.partner.agency import Agency
from sandbox.partner.claims import EventType
from sandbox.partner.event_log import EventLog
from workflows import CASES_QUEUE
from workflows.search import SEARCH_ATTRIBUTES

_NEWS_SECONDS: Final = 20
_PAUSE_SECONDS: Final = 0.1
_KEPT: Final = ("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal")


@dataclass(frozen=True)
class Ports:
    """Where the parts listen, all on 127.0.0.1."""

    api: int
    temporal: int
    temporal_ui: int
    smtp: int
    mail_page: int
    partner: int
    metrics: int

    def free(self) -> Ports:
        """The same with a free port for each 0. Raises `PortTaken`; nothing is started yet."""
        bound = {
            name: bind(port or free_port(), setting=f"DUNNING_{name.upper()}_PORT")
            for name, port in vars(self).items()
        }
        found = {name: one.getsockname()[1] for name, one in bound.items()}
        for one in bound.values():
            one.close()
        return Ports(**found)


@dataclass(frozen=True)
class DevStack:
    """A folder with everything that is kept, and the ports of what runs on it."""

    folder: Path
    ports: Ports

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'dunning.db'}"

    @property
    def mails(self) -> Path:
        return self.folder / "mails"

    @property
    def claims(self) -> Path:
        return self.folder / "claims.jsonl"

    @property
    def partner_secret(self) -> Path:
        """The secret with which the partner signs what it tells."""
        return self.folder / "partner-webhook.secret"

    def environment(self) -> dict[str, str]:
        """What the parts are told; it beats what stands in a file."""
        ports = self.ports
        return {
            "DUNNING_DATABASE_URL": self.database_url,
            "DUNNING_HOST": "127.0.0.1",
            "DUNNING_API_PORT": str(ports.api),
            "DUNNING_CONSOLE_URL": f"http://127.0.0.1:{ports.api}",
            "DUNNING_METRICS_PORT": str(ports.metrics),
            "DUNNING_SMTP_HOST": "127.0.0.1",
            "DUNNING_SMTP_PORT": str(ports.smtp),
            "DUNNING_MAIL_PAGE_PORT": str(ports.mail_page),
            "DUNNING_MAIL_FOLDER": str(self.mails),
            "DUNNING_PARTNER_PORT": str(ports.partner),
            "DUNNING_PARTNER_URL": f"http://127.0.0.1:{ports.partner}",
            "DUNNING_PARTNER_CLAIMS": str(self.claims),
            "DUNNING_PARTNER_WEBHOOK_SECRET_FILE": str(self.partner_secret),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{ports.temporal}",
            "TEMPORAL_NAMESPACE": "default",
        }

    def for_commands(self) -> list[str]:
        """What a command needs to know to be about this installation."""
        wanted = {"DUNNING_DATABASE_URL", "DUNNING_SMTP_PORT", "DUNNING_PARTNER_URL"}
        wanted.add("DUNNING_CONSOLE_URL")
        known = self.environment()
        return [f"{name}={known[name]}" for name in sorted({*wanted, "TEMPORAL_ADDRESS"})]

    def temporal_command(self, *options: str) -> list[str]:
        command = [
            *(str(server_binary()), "server", "start-dev", "--ip", "127.0.0.1"),
            *("--port", str(self.ports.temporal), "--ui-port", str(self.ports.temporal_ui)),
            *("--db-filename", str(self.folder / "temporal.db"), *_KEPT),
            # The sellers take turns on the queues, whoever imports thousands of orders.
            *("--dynamic-config-value", "matching.enableFairness=true"),
            *("--log-level", "error", *options),
        ]
        for key in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{key.name}={type_name(key)}"]
        return command

    def what_answers(self) -> list[str]:
        """Where to ask whether the API and the stand-ins answer."""
        ports = self.ports
        paths = (f"{ports.mail_page}/", f"{ports.partner}/", f"{ports.api}/readyz")
        return [f"http://127.0.0.1:{path}" for path in paths]

    @property
    def worker(self) -> str:
        return f"http://127.0.0.1:{self.ports.metrics}/metrics"

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.ports.api}/console/"

    def addresses(self) -> list[tuple[str, str]]:
        local = "http://127.0.0.1"
        return [
            ("console of the sellers", self.console),
            ("API, with its documentation", f"{local}:{self.ports.api}/docs"),
            ("Temporal's Web UI", f"{local}:{self.ports.temporal_ui}"),
            ("mails", f"{local}:{self.ports.mail_page}"),
            ("collection partner", f"{local}:{self.ports.partner}"),
            ("figures of the worker", f"{local}:{self.ports.metrics}/metrics"),
            ("Temporal", f"127.0.0.1:{self.ports.temporal}"),
            ("SMTP", f"127.0.0.1:{self.ports.smtp}"),
        ]


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
    house = DevStack(data.resolve(), ports.free())
    with locked(house.folder):
        try:
            if with_sample and not sample.is_loaded(house.folder):
                sample.make_room(house.folder)
            asyncio.run(_run(house, with_sample=with_sample))
        except (sample.OtherData, sample.NotLoaded) as error:
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(1) from error


async def _run(house: DevStack, *, with_sample: bool) -> None:
    """Start all, say where it is, and end all when told to. Raises `ChildDied`."""
    began = monotonic()
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, told)
    (house.folder / "logs").mkdir(exist_ok=True)
    logging.basicConfig(filename=house.folder / "logs" / "up.log", level=logging.WARNING)
    tree = Tree(house.folder / "logs", house.environment())
    try:
        await _until(told, _live(house, tree, began, with_sample=with_sample))
    finally:
        await tree.end()
    sys.stdout.write("Everything has ended.\n")


async def _until(told: asyncio.Event, life: Coroutine[Any, Any, None]) -> None:
    """Live until told to end, or until it ends by itself."""
    living = asyncio.create_task(life)
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait((living, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not living.done():
        living.cancel()
    with suppress(asyncio.CancelledError):
        await living


async def _live(house: DevStack, tree: Tree, began: float, *, with_sample: bool) -> None:
    # Cases of the past can only be told to a server whose cases have clocks of their own.
    command = house.temporal_command(*(TIME_SKIPPING if with_sample else ()))
    temporal = await tree.start("temporal", command, parent_death_signal=signal.SIGTERM)
    key = await prepare(house)
    for name in ("mail-catcher", "partner-sandbox", "api"):
        await tree.start(name, dunning(name))
    await tree.while_all_live(_patiently("Temporal", temporal_answers(house)))
    await tree.while_all_live(_patiently("the API", _all_answer(house.what_answers())))
    if with_sample and not sample.is_loaded(house.folder):
        _say(_welcome(house, key, monotonic() - began))
        _say("Now the sample: some weeks of orders are played, and then go on by themselves.\n")
        await tree.while_all_live(_load_sample(house))
        await _start_worker(house, tree, temporal)
        _say("\nThe sample is there.\n\n")
    else:
        await _start_worker(house, tree, temporal)
        _say(_welcome(house, key, monotonic() - began))
    if with_sample:
        token = await new_link(house.database_url, sample.SELLER)
        _say(_way_in(f"{house.console}in/{token}"))
        _say(sample.what_to_try(house.folder))
    await tree.any_death()


async def _start_worker(house: DevStack, tree: Tree, temporal: Child) -> None:
    """Not beside a sample that is being played: that has a worker of its own.

    Whoever calls the API waits for it; nobody waits for a case that begins a moment later.
    """
    temporal.give_way()
    await tree.start("worker", dunning("worker"), low_priority=True)
    await tree.while_all_live(_patiently("the worker", _all_answer([house.worker])))
    await tree.while_all_live(_patiently("the worker", _cases_are_served(house)))


async def _patiently(what: str, work: Coroutine[Any, Any, None]) -> None:
    """Wait for a part that starts, however slow the machine is: who waits long hears for what."""
    task = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({task}, timeout=_NEWS_SECONDS))[0]:
            sys.stderr.write(f"Still waiting for {what}.\n")
        await task
    finally:
        task.cancel()


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


async def _load_sample(house: DevStack) -> None:
    await sample.load(
        house.folder,
        database_url=house.database_url,
        temporal_address=f"127.0.0.1:{house.ports.temporal}",
        smtp_port=house.ports.smtp,
        partner_url=f"http://127.0.0.1:{house.ports.partner}",
        console_url=f"http://127.0.0.1:{house.ports.api}",
    )


async def prepare(house: DevStack) -> str:
    """The newest schema, and a backend's key that is kept beside it."""
    database = Database(house.database_url)
    await upgrade(database)
    kept = house.folder / "backend.key"
    if not kept.exists():
        async with database.writing() as session:
            new = await create_key(session, label="dunning up", at=SystemClock().now())
        _keep_secret(kept, new.token)
    await database.close()
    _subscribe_to_partner(house)
    return kept.read_text(encoding="utf-8").strip()


def _subscribe_to_partner(house: DevStack) -> None:
    """What the sandbox is told before it begins; ports may be others this time."""
    agency = Agency(EventLog(house.claims), SystemClock().now)
    url = f"http://127.0.0.1:{house.ports.api}/v1/partner/webhooks"
    known = agency.memory.webhooks.values()
    if house.partner_secret.exists() and any(webhook.url == url for webhook in known):
        return
    for webhook in list(known):
        agency.unsubscribe(webhook)
    webhook = agency.subscribe(url, [EventType(event) for event in EVENTS], is_test_mode=False)
    _keep_secret(house.partner_secret, webhook.secret)


def _keep_secret(path: Path, secret: str) -> None:
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, how, 0o600), "w") as file:
        file.write(secret)


def dunning(command: str, *options: str) -> Sequence[str]:
    """A command of ours as a process of its own."""
    return [sys.executable, "-c", "from commands.main import main; main()", command, *options]


async def temporal_answers(house: DevStack) -> None:
    """Wait until cases can be started: the port answers, and the namespace is there."""
    while True:
        with suppress(RuntimeError, RPCError):
            client = await Client.connect(f"127.0.0.1:{house.ports.temporal}")
            await client.count_workflows()
            return
        await asyncio.sleep(_PAUSE_SECONDS)


async def _cases_are_served(house: DevStack) -> None:
    """Wait until a worker asks for cases: who is told that all is ready may stop one at once."""
    while True:
        with suppress(RuntimeError, RPCError):
            client = await Client.connect(f"127.0.0.1:{house.ports.temporal}")
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


def _stop(told: asyncio.Event) -> None:
    """The first time all end in their order; who asks again does not want to wait."""
    if told.is_set():
        os._exit(1)
    told.set()


def _way_in(link: str) -> str:
    """First of all what a seller would do."""
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


def _welcome(house: DevStack, key: str, seconds: float) -> str:
    addresses = house.addresses()
    width = max(len(name) for name, _ in addresses) + 2
    lines = [
        f"Ready in {seconds:.1f} s. Ctrl-C ends everything; started again, it goes on.",
        "",
        *(f"  {name:<{width}}{address}" for name, address in addresses),
        f"  {'data':<{width}}{house.folder}",
        "",
        "A backend's key, for all calls:",
        "",
        f"  export API=http://127.0.0.1:{house.ports.api}/v1 KEY={key}",
        '  curl -H "Authorization: Bearer $KEY" $API/cases',
        "",
        "For other commands of dunning in this installation (import, keys, console, doctor):",
        "",
        f"  export {shlex.join(house.for_commands())}",
        "",
    ]
    return "\n".join(lines) + "\n"
