"""The operations on bank statements, each in its own transactions (R20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.statements.matches import Candidate
from models.locks import lock_orders
from models.seller import SellerSettings
from models.tables import SellerRow, StatementRow
from starter.intake.statements.booking import (
    BookedShare,
    Clerk,
    DecidedLine,
    book_certain_line,
    book_line,
    set_aside,
    take_back,
)
from starter.intake.statements.files import Uploaded, habits_of, read_in_thread
from starter.intake.statements.importing import Imported, import_statement, matched_entries
from starter.reading.sellers import known_seller
from starter.reading.statements.documents import statement_document
from starter.reading.statements.lines import entries_of, known_statement, lock_lines
from starter.reading.statements.matches import (
    line_as_it_is,
    matches_of_statement,
    statement_lines,
)
from starter.services import Services

Document = dict[str, Any]
Certain = tuple[str, Candidate]
"""A line, and what it certainly pays."""
_LINES_AT_ONCE: Final = 20
_STATEMENTS_LISTED: Final = 200


class ImportAnswer(NamedTuple):
    """The answer to a file, and whether the file is new."""

    answer: Document
    is_new: bool


async def preview_file(services: Services, seller_id: str, uploaded: Uploaded) -> Document:
    """Return what a file contains, as if it were imported; nothing is stored."""
    async with services.database.reading() as session:
        seller = await known_seller(session, seller_id)
        statement = await read_in_thread(uploaded, await habits_of(session, seller_id))
        entries = await entries_of(session, seller_id, statement.lines)
        lines = await matched_entries(session, seller, entries, None)
    return {"statement_id": None, "format": statement.format.value, "lines": lines}


async def import_with_lines(
    services: Services, seller_id: str, uploaded: Uploaded, *, by: str
) -> ImportAnswer:
    """Import a file as `import_uploaded` does, and answer with its lines and their verdicts."""
    kept = await import_uploaded(services, seller_id, uploaded, by=by)
    statement_id, is_new = kept.row.statement_id, kept.is_new
    async with services.database.reading() as session:
        seller = await known_seller(session, seller_id)
        if is_new and SellerSettings.model_validate(seller.settings).book_certain:
            lines = await statement_lines(session, seller, kept.row)
        else:
            lines = await matched_entries(session, seller, kept.entries, statement_id)
    answer = {"statement_id": statement_id, "format": kept.row.format, "lines": lines}
    return ImportAnswer(answer, is_new=is_new)


async def import_uploaded(
    services: Services, seller_id: str, uploaded: Uploaded, *, by: str
) -> Imported:
    """Import a file; if the seller wants that, book its certain lines."""
    async with services.database.reading() as session:
        seller = await known_seller(session, seller_id)
        habits = await habits_of(session, seller_id)
    statement = await read_in_thread(uploaded, habits)
    imported: Imported = await services.database.in_transaction(
        partial(
            import_statement,
            seller_id=seller_id,
            uploaded=uploaded,
            statement=statement,
            by=by,
            now=services.clock.now(),
        )
    )
    await services.send_plans_soon(imported.unsent)
    if SellerSettings.model_validate(seller.settings).book_certain and imported.is_new:
        await book_all_certain(services, seller_id, imported.row.statement_id, by=by)
    return imported


async def statement_list(services: Services, seller_id: str) -> list[Document]:
    """Return the seller's statements, the newest first."""
    async with services.database.reading() as session:
        await known_seller(session, seller_id)
        query = (
            select(StatementRow)
            .where(StatementRow.seller_id == seller_id)
            .order_by(col(StatementRow.imported_at).desc(), col(StatementRow.statement_id))
            .limit(_STATEMENTS_LISTED)
        )
        return [statement_document(row) for row in await session.exec(query)]


async def whole_statement(services: Services, seller_id: str, statement_id: str) -> Document:
    """Return a statement with its lines, matched to what is owed now."""
    async with services.database.reading() as session:
        seller = await known_seller(session, seller_id)
        row = await known_statement(session, seller_id, statement_id)
        lines = await statement_lines(session, seller, row)
    return {**statement_document(row), "lines": lines}


async def book_certain(
    services: Services, seller_id: str, statement_id: str, *, by: str
) -> Document:
    """Book all certain lines of a statement; return the statement afterwards."""
    await book_all_certain(services, seller_id, statement_id, by=by)
    return await whole_statement(services, seller_id, statement_id)


async def book_all_certain(
    services: Services, seller_id: str, statement_id: str, *, by: str
) -> None:
    """Book all certain lines of a statement.

    A few lines in each transaction, so that others wait only briefly. A line whose order was paid
    since the match, or can no longer be paid, is left open.
    """
    judged_at = services.clock.now()
    async with services.database.reading() as session:
        seller = await known_seller(session, seller_id)
        row = await known_statement(session, seller_id, statement_id)
        matched = await matches_of_statement(session, seller, row)
    certain = list(matched.certain.items())

    async def book(some: Sequence[Certain], session: AsyncSession) -> list[DecidedLine]:
        clerk = Clerk(by, services.clock.now())
        return await _book_certain_lines(session, seller, some, clerk, judged_at=judged_at)

    for start in range(0, len(certain), _LINES_AT_ONCE):
        some = certain[start : start + _LINES_AT_ONCE]
        for decided in await services.database.in_transaction(partial(book, some)):
            await services.send_plans_soon(decided.unsent)


async def _book_certain_lines(
    session: AsyncSession,
    seller: SellerRow,
    certain: Sequence[Certain],
    clerk: Clerk,
    *,
    judged_at: datetime,
) -> list[DecidedLine]:
    """Book some lines in one transaction; some may stay as they are (`book_certain_line`)."""
    await lock_lines(session, [line_id for line_id, _ in certain])
    orders = {share.order_id for _, candidate in certain for share in candidate.shares}
    await lock_orders(session, [(seller.seller_id, order_id) for order_id in orders])
    booked = [
        await book_certain_line(session, seller, line_id, candidate, clerk, judged_at=judged_at)
        for line_id, candidate in certain
    ]
    return [decided for decided in booked if decided is not None]


async def book_one(
    services: Services, seller_id: str, line_id: str, shares: list[BookedShare], *, by: str
) -> Document:
    """Book a line; return the line afterwards."""

    async def change(session: AsyncSession) -> DecidedLine:
        seller = await known_seller(session, seller_id)
        return await book_line(session, seller, line_id, shares, Clerk(by, services.clock.now()))

    decided = await services.database.in_transaction(change)
    return await _line_afterwards(services, seller_id, decided)


async def set_one_aside(
    services: Services, seller_id: str, line_id: str, *, reason: str | None, by: str
) -> Document:
    """Set a line aside; return the line afterwards."""

    async def change(session: AsyncSession) -> DecidedLine:
        seller, clerk = await known_seller(session, seller_id), Clerk(by, services.clock.now())
        return await set_aside(session, seller, line_id, clerk, reason=reason)

    decided = await services.database.in_transaction(change)
    return await _line_afterwards(services, seller_id, decided)


async def take_one_back(services: Services, seller_id: str, line_id: str, *, by: str) -> Document:
    """Undo the decision about a line; return the line afterwards."""

    async def change(session: AsyncSession) -> DecidedLine:
        seller = await known_seller(session, seller_id)
        return await take_back(session, seller, line_id, Clerk(by, services.clock.now()))

    decided = await services.database.in_transaction(change)
    return await _line_afterwards(services, seller_id, decided)


async def _line_afterwards(services: Services, seller_id: str, decided: DecidedLine) -> Document:
    await services.send_plans_soon(decided.unsent)
    async with services.database.reading() as session:
        seller = await known_seller(session, seller_id)
        return await line_as_it_is(session, seller, decided.row)
