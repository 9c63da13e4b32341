"""The migrations lead to the tables of the code, in SQLite and in PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
from alembic import command
from sqlalchemy import Connection, Inspector, inspect

from bench.databases import Databases
from models.console.access import ConsoleActRow
from models.debt_summaries import DebtSummaryRow
from models.tables import ApiKeyRow, PartnerEventRow, StatementRow
from runtime.database import Database
from runtime.migrate import alembic_config, upgrade

# Each of these modules has tables of its own.
TABLES = (ApiKeyRow, ConsoleActRow, DebtSummaryRow, PartnerEventRow, StatementRow)
METADATA = TABLES[0].metadata
NO_TABLE_OF_OURS = "alembic_version"

Found = TypeVar("Found")


@pytest.fixture
async def empty(databases: Databases) -> AsyncIterator[Database]:
    """A database without a table."""
    async with databases.empty() as url:
        opened = Database(url)
        yield opened
        await opened.close()


async def run(database: Database, what: Callable[[Connection], Found]) -> Found:
    async with database.writing() as session:
        return await (await session.connection()).run_sync(what)


def _described(connection: Connection) -> dict[str, Any]:
    """All that a database says of its tables, whatever the order in which it was made."""
    there = inspect(connection)
    return {
        name: _table(there, name) for name in there.get_table_names() if name != NO_TABLE_OF_OURS
    }


def _table(there: Inspector, name: str) -> dict[str, Any]:
    columns = {
        column["name"]: (str(column["type"]), column["nullable"], column["default"])
        for column in there.get_columns(name)
    }
    described: dict[str, Any] = {
        "columns": columns,
        "primary key": there.get_pk_constraint(name)["constrained_columns"],
    }
    for kind, found in (
        ("foreign keys", there.get_foreign_keys(name)),
        ("unique", there.get_unique_constraints(name)),
        ("indexes", there.get_indexes(name)),
    ):
        described[kind] = sorted(_in_words(one) for one in found)
    return described


def _in_words(found: Any) -> str:
    """The same for the same; the conditions of an index are objects without equality."""
    if isinstance(found, dict):
        return str(sorted((name, _in_words(part)) for name, part in found.items()))
    return str(found)


async def test_from_nothing_the_migrations_make_exactly_the_tables_of_the_code(
    databases: Databases, empty: Database
) -> None:
    """With their columns, keys and indexes, and which rows an index is about."""
    async with databases.empty() as url:
        by_the_code = Database(url)
        await run(by_the_code, METADATA.create_all)
        wanted = await run(by_the_code, _described)
        await by_the_code.close()

    await upgrade(empty)

    assert set(wanted) == set(METADATA.tables)
    made = await run(empty, _described)
    for table in wanted | made:
        assert made.get(table) == wanted.get(table), table


async def test_after_all_migrations_nothing_is_left_to_migrate(empty: Database) -> None:
    await upgrade(empty)
    config = alembic_config()

    def check(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.check(config)

    await run(empty, check)


async def test_to_upgrade_again_changes_nothing(empty: Database) -> None:
    await upgrade(empty)
    before = await run(empty, _described)

    await upgrade(empty)

    assert await run(empty, _described) == before


async def test_the_migrations_can_be_undone(empty: Database) -> None:
    await upgrade(empty)
    config = alembic_config()

    def downgrade(connection: Connection) -> list[str]:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    assert set(await run(empty, downgrade)) <= {NO_TABLE_OF_OURS}


def test_the_migrations_can_be_written_down_for_postgresql() -> None:
    out = io.StringIO()
    config = alembic_config("postgresql+psycopg://")
    config.output_buffer = out

    command.upgrade(config, "head", sql=True)

    written = out.getvalue()
    for table in METADATA.tables:
        assert f"CREATE TABLE {table} (" in written
    assert "TIMESTAMP WITH TIME ZONE" in written
