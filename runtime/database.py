"""The database: sessions that read, and sessions that write in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from runtime import sqlite

_WRITES: Final = "dunning_writes"

AfterCommit = Callable[[AsyncSession], Awaitable[None]]


class Database:
    """Sessions on one database; SQLite and PostgreSQL alike."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        # SQLite has one writer at a time and no queue: in one process they wait in line here,
        # instead of each polling for the lock until the unlucky ones give up.
        self._turn = asyncio.Lock() if url.startswith("sqlite") else nullcontext()
        self._reading = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)
        writing = self.engine.execution_options(**{_WRITES: True})
        self._writing = async_sessionmaker(writing, class_=AsyncSession, expire_on_commit=False)
        self._after_commit: AfterCommit | None = None

    def after_commit(self, tell: AfterCommit) -> None:
        """Have somebody told after each commit whose transaction left word in `session.info`.

        What it does must not fail: the change stands, and its caller has to know.
        """
        self._after_commit = tell

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back if anything is raised."""
        async with self._turn, self._writing() as session, session.begin():
            yield session
        if self._after_commit is not None and session.info:
            await self._after_commit(session)

    async def close(self) -> None:
        await self.engine.dispose()


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=10, max_overflow=20, hide_parameters=True)
    path = make_url(url).database or ":memory:"
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=10,
        hide_parameters=True,  # they name people, and errors are logged
        async_creator=lambda: sqlite.connect(path),
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that read first could not get it later.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql(sqlite.TAKE_THE_LOCK if writes else "BEGIN")

    return engine
