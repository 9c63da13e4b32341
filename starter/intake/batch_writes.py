"""Writing many orders or payments in one transaction; an invalid one does not stop the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from models.outbox import CaseRef
from starter.input.ndjson import Body, InputLine
from starter.refusals import Problem

_Body = TypeVar("_Body", bound=BaseModel, contravariant=True)
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Accepted:
    """The answer to the caller.

    `cases` are those that it concerns (none if it is not new), `unsent` those of them whose plans
    Temporal needs.
    """

    answer: dict[str, Any]
    is_new: bool
    cases: tuple[CaseRef, ...] = ()
    unsent: tuple[CaseRef, ...] = ()


Outcome = Accepted | Problem


def with_unsent(outcomes: Sequence[Outcome], unsent: Collection[CaseRef]) -> list[Outcome]:
    """Return the outcomes, each with those of its cases whose plans Temporal needs."""
    wanted = set(unsent)
    return [
        outcome
        if isinstance(outcome, Problem)
        else replace(outcome, unsent=tuple(case for case in outcome.cases if case in wanted))
        for outcome in outcomes
    ]


class BatchChange(Protocol[_Body]):
    """A function that writes bodies in one session; refusing one does not affect the others."""

    def __call__(
        self, session: AsyncSession, bodies: Sequence[_Body], *, now: datetime
    ) -> Awaitable[list[Outcome]]: ...


class Writer(Protocol):
    """Makes a change in one transaction: `Database.in_transaction`."""

    def __call__(
        self, change: Callable[[AsyncSession], Awaitable[_Result]], /
    ) -> Awaitable[_Result]: ...


async def write_lines(
    write: Writer, change: BatchChange[Body], lines: Sequence[InputLine[Body]], *, now: datetime
) -> list[Outcome]:
    """Write the lines that are valid; return the outcome of each line.

    Raises `SQLAlchemyError` if the database is away: then the outcomes are unknown, and the caller
    may send the lines again.
    """
    bodies = [line.parsed for line in lines if not isinstance(line.parsed, Problem)]
    outcomes = iter(await write_batch(write, change, bodies, now=now) if bodies else ())
    return [
        line.parsed if isinstance(line.parsed, Problem) else next(outcomes)  # in the same order
        for line in lines
    ]


async def write_batch(
    write: Writer, change: BatchChange[Body], bodies: Sequence[Body], *, now: datetime
) -> list[Outcome]:
    """Write all bodies in one transaction; return the outcome of each.

    Raises what `write_lines` does.
    """
    try:
        return await write(partial(change, bodies=bodies, now=now))
    except (IntegrityError, DataError):
        if len(bodies) == 1:
            return [Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This could not be written down.")]
        # The database refuses one of them: write each by itself.
        return [(await write_batch(write, change, [body], now=now))[0] for body in bodies]
    except SQLAlchemyError:
        # The connection was lost; writing again does no harm.
        return await write(partial(change, bodies=bodies, now=now))
