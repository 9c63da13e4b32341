"""Reading an uploaded file as a bank statement (R20)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.statements import (
    Problem as Unreadable,
)
from adapters.statements import (
    Statement,
    StatementProblem,
    TableReading,
    read_preview,
    read_statement,
)
from dunning.money import MAX_AMOUNT
from dunning.statements.lines import StatementLine
from models.tables import OrderRow, TableReadingRow
from starter.refusals import FieldError, Problem

_STATUSES: Final = {
    Unreadable.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unreadable.UNKNOWN_FORMAT: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
_SMALLEST: Final = Decimal("0.0001")
_SHOWN: Final = 3


class Uploaded(NamedTuple):
    """A file, its name, and the reading of its table if the caller states one."""

    content: bytes
    filename: str | None = None
    reading: TableReading | None = None


class Habits(NamedTuple):
    """A seller's habits that help to read its files: readings by table header, and the currency."""

    readings: Mapping[str, TableReading]
    currency: str | None


async def habits_of(session: AsyncSession, seller_id: str) -> Habits:
    """Return a seller's habits; the currency is None unless all its orders have the same one."""
    rows = await session.exec(select(TableReadingRow).where(TableReadingRow.seller_id == seller_id))
    readings = {row.header_digest: TableReading.model_validate(row.reading) for row in rows}
    counted = await session.exec(
        select(OrderRow.currency, func.count())
        .where(col(OrderRow.seller_id) == seller_id)
        .group_by(col(OrderRow.currency))
        .limit(2)
    )
    currencies = Counter(dict(counted.all()))
    return Habits(readings, next(iter(currencies)) if len(currencies) == 1 else None)


async def read_in_thread(uploaded: Uploaded, habits: Habits) -> Statement:
    """Read the statement in a thread. Raises `Problem` with words for the person who sent it."""
    return await asyncio.to_thread(read_file, uploaded, habits)


def read_file(uploaded: Uploaded, habits: Habits) -> Statement:
    """Read the statement; a large one takes seconds. Raises `Problem`."""
    try:
        statement = read_statement(
            uploaded.content,
            uploaded.filename,
            reading=uploaded.reading,
            remembered=habits.readings,
            currency=habits.currency,
        )
    except StatementProblem as problem:
        raise _refused(problem, uploaded) from None
    for number, line in enumerate(statement.lines, 1):
        if not _can_be_kept(line.amount):
            message = f"the amount of transaction {number} cannot be one of a bank"
            raise _unreadable(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    return statement


def first_lines_of(uploaded: Uploaded, reading: TableReading) -> tuple[StatementLine, ...]:
    """Return the first transactions of a table by a given reading. Raises `Problem`."""
    try:
        return read_preview(uploaded.content, reading)
    except StatementProblem as problem:
        raise _refused(problem, uploaded) from None


def _can_be_kept(amount: Decimal) -> bool:
    return abs(amount) < MAX_AMOUNT and amount == amount.quantize(_SMALLEST)


def _refused(problem: StatementProblem, uploaded: Uploaded) -> Problem:
    """Return the refusal, with the reading of a table as far as it got, to be corrected."""
    status = _STATUSES.get(problem.problem, HTTPStatus.UNPROCESSABLE_ENTITY)
    extra: dict[str, Any] = {"problem": problem.problem.value}
    if problem.reading is not None:
        extra["reading"] = problem.reading.model_dump(mode="json")
        extra["understood"] = _understood(uploaded.content, problem.reading)
    return _unreadable(status, str(problem), **extra)


def _understood(content: bytes, reading: TableReading) -> list[dict[str, Any]]:
    """Return the first lines as they were understood; empty if none was."""
    try:
        lines = read_preview(content, reading)[:_SHOWN]
    except StatementProblem:
        return []
    return [line.model_dump(mode="json", exclude_defaults=True) for line in lines]


def _unreadable(status: HTTPStatus, message: str, **extra: Any) -> Problem:
    return Problem(
        status,
        "The statement cannot be read.",
        errors=[FieldError(field="file", message=message)],
        extra=extra,
    )
