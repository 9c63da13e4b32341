"""`dunning keys`: the keys with which the API is called."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.imports.report import printable
from models.keys import (
    AmbiguousKey,
    UnknownKey,
    UnknownSeller,
    all_keys,
    create_key,
    revoke_key,
)
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
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="When a seller's key ends by itself.")
    ] = None,
) -> None:
    """Make a key, and show it this one time."""
    now = SystemClock().now()
    if days is not None and seller is None:
        raise typer.BadParameter("only the key of a seller ends by itself", param_hint="--days")
    ends = None if days is None else now + timedelta(days=days)
    try:
        new = _write(
            lambda session: create_key(
                session, seller_id=seller, label=label, at=now, expires_at=ends
            )
        )
    except UnknownSeller as error:
        sys.stderr.write(f"There is no seller {seller}: create it first, PUT /v1/sellers/….\n")
        raise typer.Exit(1) from error
    sys.stderr.write(f"{new.key_id}; this is shown once:\n")
    sys.stdout.write(f"{new.token}\n")


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document a line.")] = False,
) -> None:
    """List all keys, without their secrets."""
    for line in _lines_of_json() if as_json else _lines_of_table():
        sys.stdout.write(f"{line}\n")


def _lines_of_json() -> Iterator[str]:
    for key in _write(all_keys):
        yield json.dumps(
            {
                "id": key.key_id,
                "kind": key.kind,
                "seller_id": key.seller_id,
                "label": key.label,
                "created_at": key.created_at.isoformat(),
                "expires_at": key.expires_at.isoformat() if key.expires_at else None,
                "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
            },
            ensure_ascii=False,
        )


def _lines_of_table() -> Iterator[str]:
    """Return the table at its full width, also for a narrow terminal: ids are never cut."""
    rows = [("id", "kind", "seller", "created", "ends", "revoked", "label")]
    rows += [
        (
            key.key_id,
            key.kind,
            key.seller_id or "",
            _minute(key.created_at),
            _minute(key.expires_at),
            _minute(key.revoked_at),
            printable(key.label),
        )
        for key in _write(all_keys)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


@app.command("revoke")
def revoke(
    key_id: Annotated[
        str, typer.Argument(help="Its id, or as much of it as no other begins with.")
    ],
) -> None:
    """Revoke a key; the webhooks of its endpoints end too."""
    now = SystemClock().now()
    try:
        row = _write(lambda session: revoke_key(session, key_id, at=now))
    except UnknownKey as error:
        sys.stderr.write(f"There is no key {printable(key_id)}; see `dunning keys list`.\n")
        raise typer.Exit(1) from error
    except AmbiguousKey as error:
        sys.stderr.write(f"Several keys begin with {printable(key_id)}: {', '.join(error.ids)}.\n")
        raise typer.Exit(1) from error
    sys.stdout.write(f"{row.key_id} is revoked.\n")


def _write(change: Callable[[AsyncSession], Awaitable[Written]]) -> Written:
    async def run() -> Written:
        database = Database(Settings().database_url)
        try:
            async with database.writing() as session:
                return await change(session)
        finally:
            await database.close()

    return asyncio.run(run())
