"""Bringing a database to the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select

from runtime.database import Database

_SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
# Any number that no other lock uses.
_LOCK: Final = 0x64756E6E


def alembic_config(url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


async def upgrade(database: Database) -> None:
    """Run the migrations that this database lacks; other processes wait meanwhile."""
    config = alembic_config()

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with database.writing() as session:
        connection = await session.connection()
        await connection.run_sync(run)
