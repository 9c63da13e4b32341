"""Importing bank statements: every transaction once, however many files contain it (R20)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import insert
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.statements import Statement
from dunning.statements.lines import StatementLine
from models.locks import LOCKED
from models.outbox import CaseRef
from models.seller import SellerProfile
from models.tables import (
    SellerRow,
    StatementEntryRow,
    StatementLineRow,
    StatementRow,
    TableReadingRow,
)
from starter.intake.statements.files import Uploaded
from starter.intake.statements.waiting_notices import bring_up_waiting
from starter.reading.statements.lines import Entry, entries_of, stored_line
from starter.reading.statements.matches import (
    MatchedLines,
    entry_documents,
    last_bookings,
    matches_of_lines,
)
from starter.refusals import NotFound

Document = dict[str, Any]
_ID_BYTES: Final = 10
_ROWS_AT_ONCE: Final = 500


class Imported(NamedTuple):
    """A stored statement; `is_new` if this file was not stored before.

    `unsent` are the cases that go on because the statement is newer.
    """

    row: StatementRow
    entries: Sequence[Entry]
    is_new: bool
    unsent: Sequence[CaseRef] = ()


async def import_statement(
    session: AsyncSession,
    seller_id: str,
    uploaded: Uploaded,
    statement: Statement,
    *,
    by: str,
    now: datetime,
) -> Imported:
    """Store a statement; a file that is known stays as it is.

    The seller is locked: of two files about the same day the second finds what the first stored.
    """
    seller = await session.get(SellerRow, seller_id, with_for_update=LOCKED)
    if seller is None:
        raise NotFound("seller")
    digest = hashlib.sha256(uploaded.content).hexdigest()
    if uploaded.reading is not None:
        await _remember(session, seller_id, uploaded)
    entries = await entries_of(session, seller_id, statement.lines)
    query = select(StatementRow).where(
        StatementRow.seller_id == seller_id, StatementRow.digest == digest
    )
    known = (await session.exec(query)).one_or_none()
    if known is not None:
        return Imported(known, entries, is_new=False)
    row = StatementRow(
        statement_id=f"st-{secrets.token_hex(_ID_BYTES)}",
        seller_id=seller_id,
        digest=digest,
        filename=uploaded.filename,
        format=statement.format,
        covers_until=_until(statement, seller, now),
        imported_at=now,
        imported_by=by,
        reading=statement.reading.model_dump(mode="json") if statement.reading else None,
    )
    session.add(row)
    await session.flush()
    await _write(session, row, entries)
    unsent = await _fresher(session, seller, row.covers_until, now=now)
    return Imported(row, entries, is_new=True, unsent=unsent)


async def matched_entries(
    session: AsyncSession, seller: SellerRow, entries: Sequence[Entry], statement_id: str | None
) -> list[Document]:
    """Return the lines of a file with what they may pay, as the API answers them."""
    new: dict[str, StatementLine] = {
        entry.line_id: entry.line for entry in entries if not entry.is_known
    }
    matched: MatchedLines = await matches_of_lines(session, seller, new, statement_id=statement_id)
    known = [entry.line_id for entry in entries if entry.is_known]
    return entry_documents(entries, matched, await last_bookings(session, known))


async def _write(session: AsyncSession, row: StatementRow, entries: Sequence[Entry]) -> None:
    """Write the new lines, and the position of each line in the file."""
    lines = (
        {
            "line_id": entry.line_id,
            "seller_id": row.seller_id,
            "key": entry.key,
            "statement_id": row.statement_id,
            "booked_on": entry.line.booked_on,
            "amount": entry.line.amount,
            "currency": entry.line.currency,
            "counterparty_iban": entry.line.counterparty_iban,
            "is_return": entry.line.is_return,
            "content": stored_line(entry.line),
            "state": "open",
            "bookings": 0,
        }
        for entry in entries
        if not entry.is_known
    )
    places = (
        {
            "statement_id": row.statement_id,
            "position": position,
            "line_id": entry.line_id,
            "is_known": entry.is_known,
        }
        for position, entry in enumerate(entries, 1)
    )
    connection = await session.connection()
    tables: Sequence[tuple[type[SQLModel], Iterator[Document]]] = (
        (StatementLineRow, lines),
        (StatementEntryRow, places),
    )
    for table, rows in tables:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            await connection.execute(insert(table), some)


async def _remember(session: AsyncSession, seller_id: str, uploaded: Uploaded) -> None:
    """Store a corrected reading of a table, for all tables with the same header."""
    reading = uploaded.reading
    if reading is None or not reading.header_digest:
        return
    key = (seller_id, reading.header_digest)
    row = await session.get(TableReadingRow, key)
    if row is None:
        row = TableReadingRow(seller_id=seller_id, header_digest=key[1], reading={})
    row.reading = reading.model_dump(mode="json")
    session.add(row)
    await session.flush()


def _until(statement: Statement, seller: SellerRow, now: datetime) -> date | None:
    """Return the newest day that a statement covers, today at the latest."""
    today = now.astimezone(SellerProfile.model_validate(seller.profile).zone).date()
    return min(statement.covers_until, today) if statement.covers_until else None


async def _fresher(
    session: AsyncSession, seller: SellerRow, until: date | None, *, now: datetime
) -> list[CaseRef]:
    """If the statement is the newest, let the notices go on that waited for it."""
    if until is None or (seller.statements_until and seller.statements_until >= until):
        return []
    seller.statements_until = until
    session.add(seller)
    await session.flush()
    return await bring_up_waiting(session, seller.seller_id, now=now)
