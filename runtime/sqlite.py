"""SQLite without a change of thread for every statement.

The driver runs each call in a thread of its own, and the round trip costs several times as much as
a statement. Only waiting for the write lock, which another process may hold, is worth a thread.
Everything after it takes microseconds and runs on the caller's thread (`docs/decisions/0005`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final, Self

import aiosqlite

TAKE_THE_LOCK: Final = "BEGIN IMMEDIATE"
_PRAGMAS: Final = (
    "PRAGMA busy_timeout=20000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)


class SqliteConnection(aiosqlite.Connection):
    """A connection that leaves its caller's thread only to wait for the write lock."""

    async def _connect(self) -> Self:
        # Opened on this thread, too: while another thread opened it, the first twenty callers of a
        # process would find no free connection, and each would open one.
        if self._connection is None:
            try:
                self._connection = self._connector()
            except sqlite3.Error:
                self.stop()
                raise
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if args and args[0] == TAKE_THE_LOCK:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)


def connect(path: str) -> SqliteConnection:
    """Return a connection to await; it begins no transaction by itself."""

    def open_file() -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    opened = SqliteConnection(open_file, iter_chunk_size=64)
    opened._thread.daemon = True
    return opened
