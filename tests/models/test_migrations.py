"""The migrations lead to the tables of the code, in SQLite and in PostgreSQL."""

from __future__ import annotations

import io
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, inspect

from models.tables import CaseRow
from runtime.database import Database
from runtime.migrate import alembic_config, upgrade


async def test_after_all_migrations_nothing_is_left_to_migrate(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    await upgrade(database)
    config = alembic_config()

    def check(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.check(config)

    async with database.engine.connect() as connection:
        await connection.run_sync(check)
    await database.close()


async def test_the_migrations_can_be_undone(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    await upgrade(database)
    config = alembic_config()

    def downgrade(connection: Connection) -> list[str]:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    async with database.engine.begin() as connection:
        tables = await connection.run_sync(downgrade)
    await database.close()

    assert set(tables) <= {"alembic_version"}


def test_the_migrations_can_be_written_down_for_postgresql() -> None:
    out = io.StringIO()
    config = alembic_config("postgresql+psycopg://")
    config.output_buffer = out

    command.upgrade(config, "head", sql=True)

    written = out.getvalue()
    for table in CaseRow.metadata.tables:
        assert f"CREATE TABLE {table} (" in written
    assert "TIMESTAMP WITH TIME ZONE" in written
