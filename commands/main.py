"""The command `dunning`."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from commands import keys, partner, temporal
from commands.doctor import doctor
from commands.import_orders import import_file
from commands.mail_catcher import mail_catcher
from commands.partner_sandbox import partner_sandbox
from commands.simulate import simulate
from commands.up import FolderInUse, up
from runtime.configuration import WrongSettings, adopt_env_file
from runtime.database import Database
from runtime.migrate import upgrade
from runtime.ports import PortTaken
from runtime.settings import Settings
from runtime.temporal import CasesUnavailable
from runtime.tree import ChildDied

_ASK_THE_DOCTOR = "What is missing, and what to do: dunning doctor\n"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Collects unpaid orders.")
database = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(database, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(partner.app, name="partner")
app.add_typer(temporal.app, name="temporal")
app.command()(doctor)
app.command("import")(import_file)
app.command()(simulate)
app.command()(up)
app.command()(mail_catcher)
app.command()(partner_sandbox)


@app.command()
def worker(
    metrics_port: Annotated[
        int | None, typer.Option(help="Where Prometheus asks, 0: any free one.")
    ] = None,
) -> None:
    """Run the worker: workflows and activities."""
    import worker as process

    process.main(_settings(metrics_port=metrics_port))


@app.command()
def api(
    api_port: Annotated[int | None, typer.Option(help="Where it listens, 0: any free one.")] = None,
) -> None:
    """Run the HTTP API."""
    from starter.app import main as serve

    serve(_settings(api_port=api_port))


def _settings(**options: int | None) -> Settings:
    """An option beats what the environment or a file says."""
    return Settings(**{name: given for name, given in options.items() if given is not None})


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the newest schema."""

    async def run() -> None:
        opened = Database(Settings().database_url)
        await upgrade(opened)
        await opened.close()

    asyncio.run(run())


def main() -> None:
    """Run a command, and leave without the interpreter's farewell.

    Temporal's client has threads of its own that may crash a process which ends soon after a
    call (temporalio/sdk-python#300); the exit code must not depend on that.
    """
    code = 0
    adopt_env_file()
    try:
        app()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except WrongSettings as wrong:
        sys.stderr.write(f"{wrong}\n")
        code = 1
    except (ChildDied, FolderInUse, PortTaken) as error:
        sys.stderr.write(f"{error}\n")
        code = 1
    except CasesUnavailable as away:
        sys.stderr.write(f"Temporal: {away}\n{_ASK_THE_DOCTOR}")
        code = 1
    except DBAPIError as error:
        # Further lines may quote what was to be written.
        reason = str(error.orig).partition("\n")[0]
        sys.stderr.write(f"The database: {reason}\n{_ASK_THE_DOCTOR}")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
