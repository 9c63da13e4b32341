"""`dunning keys`: who may call the API."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from models.keys import UnknownKey, UnknownSeller, all_keys, create_key, revoke_key
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Who may call the API.")
Written = TypeVar("Written")


@app.command("create")
def create(
    seller: Annotated[
        str | None, typer.Option(help="The seller whose cases it opens; without one: a backend.")
    ] = None,
    label: Annotated[str, typer.Option(help="What it is for, in the list of keys.")] = "",
) -> None:
    """Make a key, and show it this one time."""
    now = SystemClock().now()
    try:
        new = _write(lambda session: create_key(session, seller_id=seller, label=label, at=now))
    except UnknownSeller as error:
        sys.stderr.write(f"There is no seller {seller}: create it first, PUT /v1/sellers/….\n")
        raise typer.Exit(1) from error
    sys.stderr.write(f"{new.key_id}; this is shown once:\n")
    sys.stdout.write(f"{new.token}\n")


@app.command("list")
def list_keys() -> None:
    """All keys, without what callers send."""
    keys = _write(all_keys)
    table = Table("id", "kind", "seller", "label", "created", "revoked", box=None)
    for key in keys:
        revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        created = f"{key.created_at:%Y-%m-%d %H:%M}"
        table.add_row(key.key_id, key.kind, key.seller_id or "", key.label, created, revoked)
    Console(highlight=False).print(table)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="Its id, from the list.")]) -> None:
    """Let a key open nothing any more; the webhooks of its endpoints end too."""
    now = SystemClock().now()
    try:
        _write(lambda session: revoke_key(session, key_id, at=now))
    except UnknownKey as error:
        sys.stderr.write(f"There is no key {key_id}; see `dunning keys list`.\n")
        raise typer.Exit(1) from error
    sys.stdout.write(f"{key_id} is revoked.\n")


def _write(change: Callable[[AsyncSession], Awaitable[Written]]) -> Written:
    async def run() -> Written:
        database = Database(Settings().database_url)
        try:
            async with database.writing() as session:
                return await change(session)
        finally:
            await database.close()

    return asyncio.run(run())
