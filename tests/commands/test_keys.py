"""`dunning keys`: what is shown can be used, also through a pipe."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner, Result

from bench.databases import Databases
from commands.main import app
from models.tables import ApiKeyRow
from runtime.database import Database
from tests.offline import NOW


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    """Three keys, two of which begin alike."""
    async with databases.migrated() as url:
        database = Database(url)
        async with database.writing() as session:
            for key_id in ("key-aa11aa11aa11", "key-aa22aa22aa22", "key-bb33bb33bb33"):
                session.add(
                    ApiKeyRow(
                        key_id=key_id,
                        kind="backend",
                        label="a label that is longer than any terminal is wide " * 3 + "\x1b[2J",
                        digest=key_id,
                        created_at=NOW,
                    )
                )
        await database.close()
        yield url


def keys(url: str, *words: str) -> Result:
    environment = {"DUNNING_DATABASE_URL": url, "COLUMNS": "80"}
    return CliRunner(env=environment).invoke(app, ["keys", *words])


def test_no_id_is_cut_and_nothing_moves_the_cursor(url: str) -> None:
    lines = keys(url, "list").stdout.splitlines()

    assert lines[0].startswith("id  ")
    assert [line.split()[0] for line in lines[1:]] == [
        *("key-aa11aa11aa11", "key-aa22aa22aa22", "key-bb33bb33bb33")
    ]
    assert "\x1b" not in "".join(lines)


def test_keys_as_json_are_a_document_a_line(url: str) -> None:
    documents = [json.loads(line) for line in keys(url, "list", "--json").stdout.splitlines()]

    assert documents[2]["id"] == "key-bb33bb33bb33"
    assert documents[2]["revoked_at"] is None
    assert "digest" not in documents[2]


def test_the_beginning_of_an_id_revokes_it_if_it_is_the_only_one(url: str) -> None:
    several = keys(url, "revoke", "key-aa")
    assert several.exit_code == 1
    assert "key-aa11aa11aa11, key-aa22aa22aa22" in several.stderr

    assert keys(url, "revoke", "key-aa1").stdout == "key-aa11aa11aa11 is revoked.\n"
    assert keys(url, "revoke", "key-aa1").exit_code == 0
    for none in ("key-c", "", "%", "key-__"):
        assert keys(url, "revoke", none).exit_code == 1
    revoked = [
        json.loads(line)["revoked_at"]
        for line in keys(url, "list", "--json").stdout.split("\n")
        if line
    ]
    assert [moment is not None for moment in revoked] == [True, False, False]
