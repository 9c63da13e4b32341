"""`dunning partner-sandbox`: runs the stand-in for the collection agency."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from runtime.clock import SystemClock
from runtime.logs import configure
from runtime.ports import LOOPBACK, PortTaken, address_of, bind, serve
from runtime.private_files import keep_files_private
from sandbox.partner import UnreadableEventLog, create_partner_app

_PORT_SETTING: Final = "DUNNING_PARTNER_PORT"


def partner_sandbox(
    partner_port: Annotated[
        int,
        typer.Option(
            envvar=_PORT_SETTING, min=0, max=65_535, help="Where it listens; 0: any free port."
        ),
    ] = 8026,
    claims: Annotated[
        Path,
        typer.Option(
            envvar="DUNNING_PARTNER_CLAIMS",
            dir_okay=False,
            help="Where it keeps its claims; their files lie beside it.",
        ),
    ] = Path("claims.jsonl"),
    api_key: Annotated[
        str, typer.Option(envvar="DUNNING_PARTNER_API_KEY", help="The key that callers need.")
    ] = "sandbox",
    host: Annotated[
        str, typer.Option(envvar="DUNNING_HOST", help="The address to listen on.")
    ] = LOOPBACK,
) -> None:
    """Run a stand-in for the collection partner, with a page to play the agency."""
    configure(json=False)
    keep_files_private()
    try:
        bound = bind(partner_port, setting=_PORT_SETTING, host=host)
        app = create_partner_app(api_key=api_key, claims_file=claims, clock=SystemClock().now)
        bound.listen()
    except (PortTaken, UnreadableEventLog) as error:
        _give_up(str(error), error)
    except OSError as error:
        _give_up(f"the partner sandbox cannot start: {error}", error)
    sys.stdout.write(f"partner sandbox: {address_of(bound)}\n")
    sys.stdout.flush()
    serve(app, bound)


def _give_up(words: str, why: Exception) -> NoReturn:
    sys.stderr.write(f"{words}\n")
    raise typer.Exit(1) from why
