"""`dunning db`: the schema of the database."""

from __future__ import annotations

import asyncio

import typer

from runtime.database import Database
from runtime.migrate import upgrade
from runtime.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def database() -> None:
    """The database."""


@app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the newest schema."""

    async def run() -> None:
        opened = Database(Settings().database_url)
        await upgrade(opened)
        await opened.close()

    asyncio.run(run())
