"""Databases for tests and benches: SQLite files, or databases of a real PostgreSQL server."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from bench.postgresql import Server
from runtime.database import Database
from runtime.migrate import upgrade


class Databases(ABC):
    """Where a test run makes its databases; each is gone with its context."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._model: str | None = None

    @abstractmethod
    def address(self) -> str:
        """Where a database can be made and none is yet."""

    @abstractmethod
    async def make(self, url: str, *, like: str | None = None) -> None:
        """Make a database: an empty one, or one like another that nobody uses."""

    @abstractmethod
    async def drop(self, url: str) -> None: ...

    @asynccontextmanager
    async def empty(self) -> AsyncIterator[str]:
        """A database without a table."""
        url = self.address()
        await self.make(url)
        try:
            yield url
        finally:
            await self.drop(url)

    @asynccontextmanager
    async def migrated(self) -> AsyncIterator[str]:
        """A database of the newest schema, with nothing in it."""
        if self._model is None:
            self._model = await self._migrated_model()
        url = self.address()
        await self.make(url, like=self._model)
        try:
            yield url
        finally:
            await self.drop(url)

    async def _migrated_model(self) -> str:
        """The migrations run once; all other databases are copies."""
        url = self.address()
        await self.make(url)
        database = Database(url)
        await upgrade(database)
        await database.close()
        return url

    async def close(self) -> None:
        if self._model is not None:
            await self.drop(self._model)


class SqliteFiles(Databases):
    """Files, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def address(self) -> str:
        return f"sqlite+aiosqlite:///{self._folder / str(next(self._numbers)) / 'dunning.db'}"

    async def make(self, url: str, *, like: str | None = None) -> None:
        _file_of(url).parent.mkdir()
        if like is not None:
            shutil.copy(_file_of(like), _file_of(url))

    async def drop(self, url: str) -> None:
        shutil.rmtree(_file_of(url).parent)


class PostgresqlDatabases(Databases):
    """Databases of one server, with names that no other test run has."""

    def __init__(self, server: Server, worker: str) -> None:
        super().__init__()
        self._server = make_url(server.url)
        self._names = f"{server.names}_{worker}"
        # Quicker where nothing is forced to the disk; older servers do not know it.
        self._is_ours = server.is_ours

    def address(self) -> str:
        url = self._server.set(
            drivername="postgresql+psycopg", database=f"{self._names}_{next(self._numbers)}"
        )
        return url.render_as_string(hide_password=False)

    async def make(self, url: str, *, like: str | None = None) -> None:
        model = "template1" if like is None else str(make_url(like).database)
        name, how = str(make_url(url).database), " STRATEGY file_copy" if self._is_ours else ""
        await self._run("CREATE DATABASE {} TEMPLATE {}" + how, name, model)

    async def drop(self, url: str) -> None:
        await self._run("DROP DATABASE {} WITH (FORCE)", str(make_url(url).database))

    async def _run(self, statement: str, *names: str) -> None:
        plain = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await AsyncConnection.connect(plain, autocommit=True) as connection:
            await connection.execute(SQL(statement).format(*map(Identifier, names)))


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")
