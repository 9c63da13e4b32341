"""Removing all rows of a database, for the next test."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.database import Database

_tables: dict[str, list[str]] = {}


async def empty(database: Database) -> None:
    """Close all connections and remove all rows; numbers of rows begin at 1 again."""
    await database.close()
    async with database.engine.connect() as connection:
        name = database.engine.dialect.name
        if name not in _tables:
            _tables[name] = await connection.run_sync(_names)
        await connection.rollback()
        if name == "sqlite":
            await _delete(connection, _tables[name])
        else:
            names = ", ".join(_tables[name])
            await connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        await connection.commit()


async def _delete(connection: AsyncConnection, names: list[str]) -> None:
    # Until the commit nobody asks whether what a row refers to is still there.
    await connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    for name in names:
        await connection.exec_driver_sql(f"DELETE FROM {name}")


def _names(connection: object) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
