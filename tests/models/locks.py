"""Which rows a change locks, seen in its SQL."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from runtime.database import Database

_LOCKED = re.compile(r"\bFOR (?:NO KEY UPDATE|UPDATE|SHARE)(?: OF (?P<named>\w+))?")
_FROM = re.compile(r"\bFROM (\w+)")

Change = Callable[[AsyncSession], Awaitable[Any]]


@contextmanager
def locked_tables(database: Database) -> Iterator[list[str]]:
    """The tables of which rows are locked, in the order in which that is asked for."""
    found: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if lock := _LOCKED.search(statement):
            named, whole = lock["named"], _FROM.search(statement)
            assert named or whole
            found.append(named or (whole[1] if whole else ""))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", look)
    yield found
    event.remove(engine, "before_cursor_execute", look)


async def locks_of(database: Database, change: Change) -> list[str]:
    """Of which tables a change locks rows, each named where it is first locked."""
    with locked_tables(database) as found:
        async with database.writing() as session:
            await change(session)
    return list(dict.fromkeys(found))
