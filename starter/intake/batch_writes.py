"""Orders or payments taken many at once: some in one transaction, and a bad one stops nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from models.outbox import Untold
from starter.input.ndjson import Body, Line
from starter.refusals import Problem

_Body = TypeVar("_Body", bound=BaseModel, contravariant=True)
_Change = TypeVar("_Change")


@dataclass(frozen=True)
class Accepted:
    """What the caller is told, and the cases of which Temporal has to hear; none if not new."""

    answer: dict[str, Any]
    is_new: bool
    untold: tuple[Untold, ...] = ()


Outcome = Accepted | Problem


class Change(Protocol[_Body]):
    """Writes some bodies down in one session; one that is refused leaves the others alone."""

    def __call__(
        self, session: AsyncSession, bodies: Sequence[_Body], *, now: datetime
    ) -> Awaitable[list[Outcome]]: ...


class Write(Protocol):
    """Makes a change in one transaction: `Services.write`."""

    def __call__(
        self, change: Callable[[AsyncSession], Awaitable[_Change]], /
    ) -> Awaitable[_Change]: ...


async def accept(
    write: Write, change: Change[Body], lines: Sequence[Line[Body]], *, now: datetime
) -> list[Outcome]:
    """What became of each line; raises `SQLAlchemyError` where the database is away.

    Then nothing is known of any of them, and to ask again does no harm.
    """
    bodies = [line.said for line in lines if not isinstance(line.said, Problem)]
    outcomes = iter(await accept_all(write, change, bodies, now=now) if bodies else ())
    return [
        line.said if isinstance(line.said, Problem) else next(outcomes)  # in the same order
        for line in lines
    ]


async def accept_all(
    write: Write, change: Change[Body], bodies: Sequence[Body], *, now: datetime
) -> list[Outcome]:
    """What became of each body, all written in one transaction; raises as `accept` does."""
    try:
        return await write(partial(change, bodies=bodies, now=now))
    except (IntegrityError, DataError):
        if len(bodies) == 1:
            return [Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This could not be written down.")]
        # Whatever it is that the database does not take, its neighbors have nothing to do with it.
        return [(await accept_all(write, change, [body], now=now))[0] for body in bodies]
    except SQLAlchemyError:
        # A connection that was cut on the way: to ask again does no harm.
        return await write(partial(change, bodies=bodies, now=now))
