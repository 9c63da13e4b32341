"""`dunning temporal`: prepares a namespace so that cases can be started in it."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Annotated, Final

import typer
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.search_attributes import lacking, register, type_name
from runtime.temporal import TemporalUnavailable, connect
from workflows.search_attributes import SEARCH_ATTRIBUTES

app = typer.Typer(add_completion=False, no_args_is_help=True)
_PAUSE_SECONDS: Final = 1
_MADE_WITHIN_SECONDS: Final = 30
_RETENTION: Final = timedelta(days=30)


class WrongTypes(Exception):
    """Search attributes of these names are registered with other types."""


@app.callback()
def temporal() -> None:
    """The namespace in Temporal."""


@app.command("setup")
def setup(
    wait: Annotated[
        int, typer.Option(help="For how many seconds to wait for server and namespace.")
    ] = 0,
    create_namespace: Annotated[
        bool, typer.Option("--create-namespace", help="Make the namespace if there is none.")
    ] = False,
) -> None:
    """Register the search attributes that are missing."""
    try:
        added = asyncio.run(set_up(wait=wait, create_namespace=create_namespace))
    except (TemporalUnavailable, RPCError, WrongTypes) as error:
        words = error.message if isinstance(error, RPCError) else str(error)
        sys.stderr.write(f"{words}\nWhat is missing, and what to do: dunning doctor\n")
        raise typer.Exit(1) from error
    sys.stdout.write(f"registered: {', '.join(added)}\n" if added else "nothing was missing\n")


async def set_up(*, wait: int, create_namespace: bool = False) -> list[str]:
    """Wait for server and namespace, and register what is missing; return its names."""
    clock = asyncio.get_running_loop().time
    # After a failed lookup the server caches for a while that there is no such namespace.
    deadline = clock() + max(wait, _MADE_WITHIN_SECONDS if create_namespace else 0)
    while True:
        try:
            client = await connect()
            if create_namespace:
                await _create_namespace(client)
            return await _register(client)
        except (TemporalUnavailable, RPCError):
            if clock() + _PAUSE_SECONDS > deadline:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)


async def _create_namespace(client: Client) -> None:
    """Create the namespace unless it exists; it keeps ended workflows for 30 days."""
    request = RegisterNamespaceRequest(namespace=client.namespace)
    request.workflow_execution_retention_period.FromTimedelta(_RETENTION)
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def _register(client: Client) -> list[str]:
    missing, wrong = await lacking(client, SEARCH_ATTRIBUTES)
    if wrong:
        wanted = ", ".join(f"{key.name} must be {type_name(key)}" for key in wrong)
        raise WrongTypes(f"registered with another type: {wanted}")
    if missing:
        await register(client, missing)
    return [key.name for key in missing]
