"""One running system for all tests, and scenarios told to it."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path
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

POSTGRESQL = "postgresql"
SERVER = pytest.StashKey[Server]()
_STORIES = frozenset({"workflows", "browser", "simulation", "processes"})
_NO_DATABASE = frozenset({"adapters", "docs", "gallery", "rows", "rules", "sandbox"})


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


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare a run on PostgreSQL the folders in which no test has a database."""
    is_spared = config.getoption(POSTGRESQL) and collection_path.name in _NO_DATABASE
    return True if is_spared and collection_path.is_dir() else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the tests of a run: on PostgreSQL only those that could go otherwise there."""
    if unseen := [item for item in items if _folder(item) in _NO_DATABASE and _has_database(item)]:
        raise pytest.UsageError(f"not on PostgreSQL because of _NO_DATABASE: {unseen}")
    is_wanted = _is_for_postgresql if config.getoption(POSTGRESQL) else _is_for_sqlite
    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = filter(is_wanted, items)


def pytest_collection_finish() -> None:
    """What is loaded stays: searching it for garbage takes a tenth of all processor time."""
    keep_loaded_objects()


def _is_for_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("only_postgresql") is None


def _is_for_postgresql(item: pytest.Item) -> bool:
    """Whether a test could behave differently on PostgreSQL.

    Only a test with a database could. Stories of workflows, processes and the browser reach it
    through the same SQL as the others; they run there if they are marked, or in thorough runs.
    """
    marks = {mark.name for mark in item.iter_markers()}
    is_chosen = "only_postgresql" in marks
    is_wanted = is_chosen or IS_THOROUGH or _folder(item) not in _STORIES
    return _has_database(item) and "one_database" not in marks and is_wanted


def _has_database(item: pytest.Item) -> bool:
    return "databases" in getattr(item, "fixturenames", ())


def _folder(item: pytest.Item) -> str:
    """The folder in `tests/`."""
    return item.path.relative_to(ROOT).parts[1]


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
