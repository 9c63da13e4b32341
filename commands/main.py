"""The command `dunning`."""

from __future__ import annotations

import os
import sys

import typer
from sqlalchemy.exc import DBAPIError

from commands.on_demand import OnDemand
from runtime.configuration import WrongSettings, adopt_env_file
from runtime.folder_lock import FolderInUse
from runtime.garbage import collect_rarely
from runtime.ports import PortTaken
from runtime.process_group import ChildDied
from runtime.temporal import TemporalUnavailable

_ASK_THE_DOCTOR = "What is missing, and what to do: dunning doctor\n"

app = typer.Typer(cls=OnDemand, no_args_is_help=True, add_completion=False)


@app.callback()
def dunning() -> None:
    """Collects unpaid orders."""


def main() -> None:
    """Run a command, and leave without running the interpreter's shutdown.

    Temporal's client has threads that may crash a process that ends soon after a call
    (temporalio/sdk-python#300); the exit code must not depend on that.
    """
    code = 0
    collect_rarely()  # before the large imports of a command
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
    except TemporalUnavailable as away:
        sys.stderr.write(f"Temporal: {away}\n{_ASK_THE_DOCTOR}")
        code = 1
    except DBAPIError as error:
        # Further lines may quote the values of the statement.
        reason = str(error.orig).partition("\n")[0]
        sys.stderr.write(f"The database: {reason}\n{_ASK_THE_DOCTOR}")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
