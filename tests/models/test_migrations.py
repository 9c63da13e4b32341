"""The migrations lead to the tables of the code, in SQLite and in PostgreSQL."""

from __future__ import annotations

import io
import json
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, inspect, text

from models.debt_summaries import sellers_to_reschedule
from models.tables import CaseRow, SellerRow
from runtime.database import Database
from runtime.migrate import alembic_config, upgrade
from tests.databases import Databases


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


async def test_r24_a_seller_who_asked_for_summaries_before_there_were_any_gets_them(
    databases: Databases,
) -> None:
    async with databases.empty() as url:
        database = Database(url)
        config = alembic_config()

        def upgraded(connection: Connection, revision: str) -> None:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

        async with database.writing() as session:
            connection = await session.connection()
            await connection.run_sync(upgraded, "0003")
            for seller_id, rhythm in (("s-1", "weekly"), ("s-2", "off")):
                window = {"opens": "08:30:00", "closes": "12:00:00"}
                row = {
                    "seller_id": seller_id,
                    "profile": json.dumps({"time_zone": "Europe/Berlin"}),
                    "settings": json.dumps({"debt_summary": rhythm, "sending_window": window}),
                }
                values = "VALUES (:seller_id, :profile, :settings)"
                await connection.execute(
                    text(f"INSERT INTO sellers (seller_id, profile, settings) {values}"), row
                )
        await upgrade(database)
        async with database.reading() as session:
            waiting = await sellers_to_reschedule(session, limit=10)
            seller = await session.get_one(SellerRow, "s-1")
        await database.close()

    assert list(waiting) == ["s-1"]
    assert seller.summary_wanted == "08:30 Europe/Berlin"
