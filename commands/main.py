"""The command `dunning`."""

from __future__ import annotations

import asyncio
import os
import sys

import typer
from sqlalchemy.exc import DBAPIError

from commands import keys, temporal
from commands.doctor import doctor
from commands.simulate import simulate
from runtime.configuration import WrongSettings
from runtime.database import Database
from runtime.migrate import upgrade
from runtime.settings import Settings
from runtime.temporal import CasesUnavailable

_ASK_THE_DOCTOR = "What is missing, and what to do: dunning doctor\n"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Collects unpaid orders.")
database = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(database, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(temporal.app, name="temporal")
app.command()(doctor)
app.command()(simulate)


@app.command()
def worker() -> None:
    """Run the worker: workflows and activities."""
    import worker as process

    process.main()


@app.command()
def api() -> None:
    """Run the HTTP API."""
    from starter.app import main as serve

    serve()


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
    try:
        app()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except WrongSettings as wrong:
        sys.stderr.write(f"{wrong}\n")
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
