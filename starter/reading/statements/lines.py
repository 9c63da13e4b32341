"""The stored lines of statements: recognized, found, and locked (R20)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.statements.line_keys import KnownLine, booking_of, line_keys
from dunning.statements.lines import StatementLine
from models.locks import LOCKED
from models.tables import StatementEntryRow, StatementLineRow, StatementRow
from starter.input.fields import is_id
from starter.refusals import NotFound

_ID_LENGTH: Final = 16
# A format that has only the value date may differ from the booking date by this much.
_DAYS_AROUND: Final = timedelta(days=10)


class Entry(NamedTuple):
    """A line of a file, the id under which it is stored, and whether it was stored before."""

    line_id: str
    key: str
    line: StatementLine
    is_known: bool


async def entries_of(
    session: AsyncSession, seller_id: str, lines: Sequence[StatementLine]
) -> list[Entry]:
    """Find out which transaction each line of a file is."""
    known = await _known_lines(session, seller_id, lines)
    ids = {before.key: line_id for line_id, before in known}
    by_booking: dict[str, str] = {}
    for line_id, before in known:
        by_booking.setdefault(booking_of(before.key), line_id)
    entries = []
    keys = line_keys(lines, [before for _, before in known])
    for line, (key, is_known) in zip(lines, keys, strict=True):
        there = ids.get(key) or (by_booking.get(booking_of(key)) if is_known else None)
        line_id = there or line_id_of(seller_id, key)
        ids.setdefault(key, line_id)
        by_booking.setdefault(booking_of(key), line_id)
        entries.append(Entry(line_id, key, line, is_known=there is not None))
    return entries


def line_id_of(seller_id: str, key: str) -> str:
    """Return a line's id: always the same, 16 letters and digits, and opaque about the line."""
    digest = hashlib.sha256(f"{seller_id}\n{key}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_ID_LENGTH]


def line_of(row: StatementLineRow) -> StatementLine:
    return StatementLine.model_validate(row.content)


def stored_line(line: StatementLine) -> dict[str, Any]:
    """Return a line as it is stored."""
    return line.model_dump(mode="json", exclude_defaults=True)


async def known_statement(session: AsyncSession, seller_id: str, statement_id: str) -> StatementRow:
    """Return a statement of the seller. Raises `NotFound`."""
    row = await session.get(StatementRow, statement_id) if is_id(statement_id) else None
    if row is None or row.seller_id != seller_id:
        raise NotFound("statement")
    return row


async def known_line(
    session: AsyncSession, seller_id: str, line_id: str, *, locked: bool = False
) -> StatementLineRow:
    """Return a line of the seller. Raises `NotFound`."""
    row = None
    if is_id(line_id):
        row = await session.get(
            StatementLineRow,
            line_id,
            with_for_update=LOCKED if locked else None,
            populate_existing=locked,
        )
    if row is None or row.seller_id != seller_id:
        raise NotFound("line")
    return row


async def lock_lines(session: AsyncSession, line_ids: Iterable[str]) -> None:
    """Lock lines until the transaction ends, in the order of their ids."""
    query = (
        select(StatementLineRow.line_id)
        .where(col(StatementLineRow.line_id).in_(sorted(line_ids)))
        .order_by(col(StatementLineRow.line_id))
        .with_for_update(**LOCKED)
    )
    await session.exec(query)


async def rows_of_statement(
    session: AsyncSession, statement_id: str
) -> list[tuple[StatementEntryRow, StatementLineRow]]:
    """Return the lines of a statement in the order of its file."""
    query = (
        select(StatementEntryRow, StatementLineRow)
        .join(StatementLineRow, col(StatementLineRow.line_id) == StatementEntryRow.line_id)
        .where(StatementEntryRow.statement_id == statement_id)
        .order_by(col(StatementEntryRow.position))
    )
    return list(await session.exec(query))


async def _known_lines(
    session: AsyncSession, seller_id: str, lines: Iterable[StatementLine]
) -> list[tuple[str, KnownLine]]:
    days = [day for line in lines for day in (line.booked_on, line.value_on) if day]
    if not days:
        return []
    query = (
        select_columns(
            col(StatementLineRow.line_id), col(StatementLineRow.key), col(StatementLineRow.content)
        )
        .where(
            col(StatementLineRow.seller_id) == seller_id,
            col(StatementLineRow.booked_on) >= min(days) - _DAYS_AROUND,
            col(StatementLineRow.booked_on) <= max(days) + _DAYS_AROUND,
        )
        .order_by(col(StatementLineRow.key))
    )
    connection = await session.connection()
    return [
        (line_id, KnownLine(key, StatementLine.model_validate(content)))
        for line_id, key, content in await connection.execute(query)
    ]
