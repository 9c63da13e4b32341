"""`dunning console`: links into a seller's console, for operators."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from models.console.access import LinkMaker, make_link
from models.keys import UnknownSeller
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.settings import Settings

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="The seller's console in the browser."
)


@app.callback()
def console() -> None:
    """The seller's console in the browser."""


@app.command("link")
def link(
    seller: Annotated[str, typer.Argument(help="Whose console it opens.")],
    path: Annotated[str, typer.Option(help="The page that it opens.")] = "/console/",
) -> None:
    """Make a link that signs in to a seller's console, once, within an hour."""
    settings = Settings()
    try:
        token = asyncio.run(new_link(settings.database_url, seller, path=path))
    except UnknownSeller as error:
        sys.stderr.write(f"There is no seller {seller}: create it first, PUT /v1/sellers/….\n")
        raise typer.Exit(1) from error
    sys.stdout.write(f"{settings.console_url.rstrip('/')}/console/in/{token}\n")


async def new_link(database_url: str, seller_id: str, *, path: str = "/console/") -> str:
    """Make a link and return its token. Raises `UnknownSeller`."""
    database = Database(database_url)
    try:
        async with database.writing() as session:
            made = await make_link(
                session, seller_id, made_by=LinkMaker.COMMAND, path=path, at=SystemClock().now()
            )
            return made.token
    finally:
        await database.close()
