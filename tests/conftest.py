"""One running system for all tests, and scenarios told to it."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import pytest

from bench.postgresql import NoServer, Server, kept_server
from tests.examples import IS_THOROUGH

if TYPE_CHECKING:
    from bench.databases import Databases
    from runtime.database import Database
    from simulation.world import World
    from tests.stories import Story

POSTGRESQL = "postgresql"
SERVER = pytest.StashKey[Server]()
_STORIES = frozenset({"workflows", "browser", "simulation", "processes"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        f"--{POSTGRESQL}",
        action="store_true",
        help="only the tests that use a database, on PostgreSQL: on the server that "
        "DUNNING_TEST_DATABASE_URL names, else on one of the run's own",
    )


def pytest_configure(config: pytest.Config) -> None:
    """One server for a run, also for one with several workers."""
    if not config.getoption(POSTGRESQL) or config.option.collectonly:
        return
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[SERVER] = Server(*given[POSTGRESQL])
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    names = f"dunning_test_{secrets.token_hex(4)}"
    try:
        config.stash[SERVER] = stack.enter_context(
            kept_server(names, os.environ.get("DUNNING_TEST_DATABASE_URL"))
        )
    except NoServer as error:
        raise pytest.UsageError(f"no PostgreSQL: {error}") from error


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """What a worker of xdist is told."""
    if (server := node.config.stash.get(SERVER, None)) is not None:
        node.workerinput[POSTGRESQL] = astuple(server)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the tests of a run: on PostgreSQL only those that could go otherwise there."""
    is_wanted = _is_for_postgresql if config.getoption(POSTGRESQL) else _is_for_sqlite
    wanted = [item for item in items if is_wanted(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
    items[:] = wanted


def pytest_collection_finish() -> None:
    """What is loaded stays: searching it for garbage takes a tenth of all processor time."""
    gc.collect()
    gc.freeze()


def _is_for_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("only_postgresql") is None


def _is_for_postgresql(item: pytest.Item) -> bool:
    """Whether a test could behave differently on PostgreSQL.

    Only a test with a database could. Stories of workflows, processes and the browser reach it
    through the same SQL as the others; they run there if they are marked, or in thorough runs.
    """
    uses_database = "databases" in getattr(item, "fixturenames", ())
    marks = {mark.name for mark in item.iter_markers()}
    is_chosen = not marks.isdisjoint({"each_database", "only_postgresql"})
    is_story = item.path.parent.name in _STORIES
    return (
        uses_database and "one_database" not in marks and (is_chosen or IS_THOROUGH or not is_story)
    )


@pytest.fixture(scope="session")
async def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Databases]:
    """Where databases are made: SQLite, or PostgreSQL with `--postgresql`."""
    # Imported where needed: tests of the rules alone are collected in a second.
    from bench.databases import PostgresqlDatabases, SqliteFiles

    made: Databases
    if (server := request.config.stash.get(SERVER, None)) is not None:
        made = PostgresqlDatabases(server, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    else:
        made = SqliteFiles(tmp_path_factory.mktemp("databases"))
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def world(databases: Databases) -> AsyncIterator[World]:
    """The whole system: Temporal server, workers, API, database, SMTP and partner sandbox."""
    from simulation.building import open_world

    async with databases.migrated() as url, open_world(database_url=url) as opened:
        yield opened


@pytest.fixture
def story(world: World, request: pytest.FixtureRequest) -> Story:
    """A scenario with a seller of its own, so that no test sees another's cases."""
    from tests.stories import Story

    return Story(world, name=request.node.name)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """An empty database of its own, with the newest schema."""
    from runtime.database import Database

    async with databases.migrated() as url:
        opened = Database(url)
        yield opened
        await opened.close()
