"""The doctor on the database."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from commands.checks import database as check
from commands.checks.findings import Finding, State
from models.keys import create_key, revoke_key
from models.outbox import mark_sent
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.migrate import alembic_config, upgrade
from runtime.ports import free_port
from tests.seeded import case_of_an_open_order

CLOCK = SystemClock()
UPGRADE = "run: dunning db upgrade"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A file with the newest schema."""
    opened = Database(url)
    await upgrade(opened)
    yield opened
    await opened.close()


async def found(url: str) -> dict[str, Finding]:
    return {finding.check: finding for finding in await check.look_at(url, CLOCK)}


async def test_a_file_that_is_not_there_is_a_problem_and_is_not_made(tmp_path: Path) -> None:
    looked = await found(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")

    assert list(looked) == ["database"]
    assert (looked["database"].state, looked["database"].remedy) == (State.PROBLEM, UPGRADE)
    assert os.listdir(tmp_path) == []


async def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "new.db").write_text("no database, but long enough to be looked at" * 40)

    looked = await found(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")

    assert looked["database"].state is State.PROBLEM
    assert "not a database" in looked["database"].says


async def test_a_server_that_is_not_there_is_a_problem_without_its_password() -> None:
    looked = await found(f"postgresql+psycopg://u:geheim@127.0.0.1:{free_port()}/d")

    assert looked["database"].state is State.PROBLEM
    assert "Connection refused" in looked["database"].says
    assert "geheim" not in looked["database"].says


async def test_an_empty_database_wants_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()

    looked = await found(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")

    assert (looked["schema"].state, looked["schema"].remedy) == (State.PROBLEM, UPGRADE)
    assert "keys" not in looked


@pytest.fixture
def newer_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of the system that has one more migration."""
    config = alembic_config()
    migrations = tmp_path / "migrations"
    shutil.copytree(str(config.get_main_option("script_location")), migrations)
    (migrations / "versions" / "9998_more.py").write_text(
        'revision = "9998"\ndown_revision = "0001"\n'
    )
    config.set_main_option("script_location", str(migrations))
    monkeypatch.setattr(check, "alembic_config", lambda: config)


@pytest.mark.usefixtures("newer_version")
async def test_a_schema_of_an_older_version_wants_an_upgrade(database: Database, url: str) -> None:
    schema = (await found(url))["schema"]

    assert (schema.state, schema.remedy) == (State.PROBLEM, UPGRADE)
    assert schema.says == "0001, the newest is 9998"


async def test_a_schema_of_a_newer_version_wants_that_version(database: Database, url: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    schema = (await found(url))["schema"]

    assert (schema.state, schema.remedy) == (State.PROBLEM, "install that version here too")


async def test_without_a_key_of_a_backend_nobody_can_call(database: Database, url: str) -> None:
    await case_of_an_open_order(database, CLOCK.now())
    async with database.writing() as session:
        await create_key(session, seller_id="s-1", at=CLOCK.now())
        revoked = await create_key(session, at=CLOCK.now())
        await revoke_key(session, revoked.key_id, at=CLOCK.now())

    keys = (await found(url))["keys"]

    assert (keys.state, keys.remedy) == (State.PROBLEM, "run: dunning keys create")


async def test_a_database_with_a_key_and_nothing_left_lying_is_fine(
    database: Database, url: str
) -> None:
    async with database.writing() as session:
        await create_key(session, at=CLOCK.now())

    looked = await found(url)

    assert {finding.state for finding in looked.values()} == {State.OK}
    assert list(looked) == ["database file", "database", "schema", "keys", "cases"]


@pytest.mark.parametrize(
    ("waiting", "state"),
    [(timedelta(seconds=30), State.OK), (timedelta(minutes=2), State.WARNING)],
)
async def test_cases_of_which_temporal_does_not_hear_for_more_than_a_minute_are_a_warning(
    database: Database, url: str, waiting: timedelta, state: State
) -> None:
    await case_of_an_open_order(database, CLOCK.now() - waiting)

    cases = (await found(url))["cases"]

    assert cases.state is state
    if state is State.WARNING:
        assert cases.says == "Temporal has not heard of 1 cases for more than a minute"
        assert "dunning-sweep" in (cases.remedy or "")


@pytest.mark.parametrize(
    ("late", "state"),
    [(timedelta(minutes=1), State.OK), (timedelta(minutes=3), State.WARNING)],
)
async def test_cases_that_have_not_acted_though_their_moment_has_passed_are_a_warning(
    database: Database, url: str, late: timedelta, state: State
) -> None:
    case_id = await case_of_an_open_order(database, CLOCK.now() - late)  # its invoice notice is due
    async with database.writing() as session:
        await mark_sent(session, {case_id: 1})

    cases = (await found(url))["cases"]

    assert cases.state is state
    if state is State.WARNING:
        assert cases.says == "1 have not acted though their moment has passed"
        assert "dunning cases revive" in (cases.remedy or "")


async def test_a_file_on_another_machine_is_a_warning(
    database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "file_system_of", lambda _path, _mounts: "nfs4")

    file = (await found(url))["database file"]

    assert file.state is State.WARNING
    assert "nfs4" in file.says
