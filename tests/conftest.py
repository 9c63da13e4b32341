"""One running system for all tests, and scenarios told to it."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import pytest

from bench.postgresql import ROOT, NoServer, Server, kept_server
from runtime.garbage import collect_rarely, keep_loaded_objects
from tests.examples import IS_THOROUGH

if TYPE_CHECKING:
    from bench.databases import Databases
    from runtime.database import Database
    from simulation.world import World
    from tests.stories import Story

collect_rarely()  # loading 7,000 tests then takes two thirds of the time

SQLITE, POSTGRESQL = "sqlite", "postgresql"
SERVER = pytest.StashKey[Server]()
_STORIES = frozenset({"workflows", "browser", "simulation", "processes"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        f"--{POSTGRESQL}",
        action="store_true",
        help="run what may differ there on PostgreSQL, too: on the server that "
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a database runs on SQLite, and on PostgreSQL if it may differ there."""
    if "databases" not in metafunc.fixturenames:
        return
    definition = metafunc.definition
    kinds = [] if definition.get_closest_marker("only_postgresql") else [SQLITE]
    if metafunc.config.getoption(POSTGRESQL) and _may_differ_on_postgresql(definition):
        kinds.append(POSTGRESQL)
    metafunc.parametrize("databases", kinds or [POSTGRESQL], indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """PostgreSQL comes last, so that each process makes what SQLite needs once."""
    on_postgresql = [item for item in items if _database_of(item) == POSTGRESQL]
    others = [item for item in items if _database_of(item) != POSTGRESQL]
    if not config.getoption(POSTGRESQL):
        config.hook.pytest_deselected(items=on_postgresql)
        on_postgresql = []
    items[:] = others + on_postgresql


def pytest_collection_finish() -> None:
    """What is loaded stays: searching it for garbage takes a tenth of all processor time."""
    keep_loaded_objects()


def _may_differ_on_postgresql(item: pytest.Item) -> bool:
    """Whether a test with a database could behave differently on PostgreSQL.

    Stories of workflows, processes and the browser reach it through the same SQL as the others;
    they run there if they are marked, or in thorough runs.
    """
    marks = {mark.name for mark in item.iter_markers()}
    if "one_database" in marks:
        return False
    folder = item.path.relative_to(ROOT).parts[1]
    return "only_postgresql" in marks or IS_THOROUGH or folder not in _STORIES


def _name_without_database(node: pytest.Item) -> str:
    """The name of a test; from it follow the ids and so the moments of a story's cases."""
    return node.name.replace(f"[{SQLITE}]", "").replace(f"{SQLITE}-", "")


def _database_of(item: pytest.Item) -> str | None:
    called = getattr(item, "callspec", None)
    return called.params.get("databases") if called else None


@pytest.fixture(scope="session")
async def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Databases]:
    """Where databases are made: SQLite, or PostgreSQL."""
    # Imported where needed: tests of the rules alone are collected in a second.
    from bench.databases import PostgresqlDatabases, SqliteFiles

    made: Databases
    if request.param == POSTGRESQL:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        made = PostgresqlDatabases(request.config.stash[SERVER], worker)
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

    return Story(world, name=_name_without_database(request.node))


@pytest.fixture(scope="session")
async def shared_database(databases: Databases) -> AsyncIterator[Database]:
    """One database for all tests of a process, so that each statement is compiled once."""
    from runtime.database import Database

    async with databases.migrated() as url:
        opened = Database(url)
        yield opened
        await opened.close()


@pytest.fixture
async def database(shared_database: Database) -> AsyncIterator[Database]:
    """A database with the newest schema and no row."""
    from tests.emptied import empty

    yield shared_database
    await empty(shared_database)
