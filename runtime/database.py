"""The database: sessions to read, and sessions to write in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from runtime import sqlite

_WRITES: Final = "dunning_writes"
CONNECTIONS: Final = 20
_TRIES: Final = 5
_TIMEOUT_SECONDS: Final = 10
# Serialization failure and deadlock.
_COLLISIONS: Final = frozenset({"40001", "40P01"})
# What SQLite does by itself: a reading transaction sees all tables as they were at one moment. A
# writing one sees what was committed before each statement, and so before it got a lock.
_READING: Final[dict[str, Any]] = {
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}
_WRITING: Final = "READ COMMITTED"
# With these, a server that disappears silently is noticed within half a minute.
_LIVENESS: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

AfterCommit = Callable[[AsyncSession], None]
Result = TypeVar("Result")


class Database:
    """Sessions on one database, SQLite or PostgreSQL."""

    def __init__(self, url: str, *, connections: int = CONNECTIONS) -> None:
        """`connections`: the largest number of open connections to PostgreSQL."""
        is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if is_sqlite else _postgresql(url, connections)
        # SQLite has one writer at a time and no queue. The writers of one process wait in line
        # here, instead of polling for the lock until some give up.
        self._turn = asyncio.Lock() if is_sqlite else nullcontext()
        reading = self.engine.execution_options(**({} if is_sqlite else _READING))
        self._reading = async_sessionmaker(reading, class_=AsyncSession, expire_on_commit=False)
        writing = self.engine.execution_options(**{_WRITES: True})
        self._writing = async_sessionmaker(writing, class_=AsyncSession, expire_on_commit=False)
        self._after_commit: AfterCommit | None = None

    def after_commit(self, callback: AfterCommit) -> None:
        """Call `callback` after each commit of a transaction that left something in `session.info`.

        `callback` must not fail or take long: the change is committed, and its caller waits.
        """
        self._after_commit = callback

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction; it is committed at the end, or rolled back if anything is raised."""
        async with self._turn, self._writing() as session, session.begin():
            yield session
        if self._after_commit is not None and session.info:
            self._after_commit(session)

    async def in_transaction(self, change: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Run a change in one transaction; if it collided with another writer, run it again.

        Another writer may have written the same id: then this one finds it, and compares. Or the
        two stood in each other's way (PostgreSQL writes side by side).
        """
        for _ in range(_TRIES - 1):
            try:
                async with self.writing() as session:
                    return await change(session)
            except DBAPIError as error:
                if not collided(error):
                    raise
        async with self.writing() as session:
            return await change(session)

    async def close(self) -> None:
        await self.engine.dispose()


def collided(error: DBAPIError) -> bool:
    """Whether a transaction failed because of another one, and may work if it is repeated."""
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, IntegrityError) or state in _COLLISIONS


def _postgresql(url: str, connections: int) -> AsyncEngine:
    given = make_url(url).query
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_TIMEOUT_SECONDS,
        pool_pre_ping=True,  # no call gets a dead connection after a restart of the server
        isolation_level=_WRITING,
        hide_parameters=True,  # parameters name people, and errors are logged
        connect_args={name: value for name, value in _LIVENESS.items() if name not in given},
    )


def _sqlite(url: str) -> AsyncEngine:
    path = make_url(url).database or ":memory:"
    engine = create_async_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
        async_creator=lambda: sqlite.connect(path),
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: if it read first, it might not get the lock later.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql(sqlite.TAKE_THE_LOCK if writes else "BEGIN")

    return engine
