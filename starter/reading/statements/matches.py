"""Matching the lines of a statement to what is owed now (R20)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.statements.lines import StatementLine
from dunning.statements.matches import Candidate, Match, Verdict
from dunning.statements.matching import match_lines
from dunning.statements.order_index import OrderIndex
from models.seller import SellerProfile
from models.tables import (
    LineState,
    SellerRow,
    StatementDecisionRow,
    StatementEntryRow,
    StatementLineRow,
    StatementRow,
)
from starter.reading.statements.documents import (
    KNOWN,
    booked_shares,
    line_document,
    matches_of,
)
from starter.reading.statements.lines import Entry, line_of, rows_of_statement
from starter.reading.statements.seller_index import SellerIndex, seller_index

Document = dict[str, Any]


class MatchedLines(NamedTuple):
    """Open lines, each with its match."""

    lines: dict[str, StatementLine]
    matches: dict[str, Match]
    seller: SellerIndex

    @property
    def certain(self) -> dict[str, Candidate]:
        """The one candidate of each line that is certain, by line."""
        return {
            line_id: match.candidates[0]
            for line_id, match in self.matches.items()
            if match.verdict is Verdict.CERTAIN
        }

    def document(self, line_id: str) -> Document:
        match = self.matches[line_id]
        return line_document(
            line_id,
            self.lines[line_id],
            verdict=match.verdict,
            matches=matches_of(match, self.seller),
        )


async def matches_of_lines(
    session: AsyncSession,
    seller: SellerRow,
    lines: dict[str, StatementLine],
    *,
    statement_id: str | None = None,
) -> MatchedLines:
    """Match lines together, in a thread; each after the certain ones before it have paid."""
    if not lines:
        return MatchedLines({}, {}, SellerIndex(OrderIndex(()), frozenset()))
    index = await seller_index(
        session,
        seller.seller_id,
        time_zone=SellerProfile.model_validate(seller.profile).time_zone,
        since=min(line.booked_on for line in lines.values()),
        statement_id=statement_id,
    )
    matches = await asyncio.to_thread(match_lines, list(lines.values()), index.orders)
    return MatchedLines(lines, dict(zip(lines, matches, strict=True)), index)


async def matches_of_statement(
    session: AsyncSession, seller: SellerRow, statement: StatementRow
) -> MatchedLines:
    """Match the open lines of a statement to what is owed now."""
    rows = await rows_of_statement(session, statement.statement_id)
    open_lines = {
        row.line_id: line_of(row)
        for entry, row in rows
        if not entry.is_known and row.state == LineState.OPEN
    }
    return await matches_of_lines(session, seller, open_lines, statement_id=statement.statement_id)


async def matches_of_line(
    session: AsyncSession, seller: SellerRow, row: StatementLineRow
) -> MatchedLines:
    """Match one line together with its statement's others, because certain ones pay first."""
    statement = await session.get_one(StatementRow, row.statement_id)
    return await matches_of_statement(session, seller, statement)


async def statement_lines(
    session: AsyncSession, seller: SellerRow, statement: StatementRow
) -> list[Document]:
    """Return the lines of a statement with their verdicts, in the order of the file."""
    rows = await rows_of_statement(session, statement.statement_id)
    matched = await matches_of_statement(session, seller, statement)
    booked = await last_bookings(
        session, [row.line_id for _, row in rows if row.state == LineState.BOOKED]
    )
    return [_document(entry, row, matched, booked) for entry, row in rows]


def entry_documents(
    entries: Sequence[Entry], matched: MatchedLines, booked: dict[str, list[Document]]
) -> list[Document]:
    """Return the lines of a file that was just read; known lines are only marked as known."""
    return [
        line_document(
            entry.line_id,
            entry.line,
            verdict=KNOWN,
            payment_id=payment_of(booked.get(entry.line_id, ())),
        )
        if entry.is_known
        else matched.document(entry.line_id)
        for entry in entries
    ]


async def line_as_it_is(
    session: AsyncSession, seller: SellerRow, row: StatementLineRow
) -> Document:
    """Return one line with its current verdict."""
    if row.state == LineState.OPEN:
        return (await matches_of_line(session, seller, row)).document(row.line_id)
    booked = await last_bookings(session, [row.line_id])
    return _decided(row, booked.get(row.line_id, []))


async def last_bookings(
    session: AsyncSession, line_ids: Collection[str]
) -> dict[str, list[Document]]:
    """Return the shares of booked lines, by line id."""
    if not line_ids:
        return {}
    query = (
        select(StatementDecisionRow)
        .where(StatementDecisionRow.decision == LineState.BOOKED)
        .order_by(col(StatementDecisionRow.id))
    )
    found: dict[str, list[Document]] = {}
    for some in _chunks(sorted(line_ids)):
        of_these = query.where(col(StatementDecisionRow.line_id).in_(some))
        for decision in await session.exec(of_these):
            found[decision.line_id] = decision.shares
    return found


def payment_of(shares: Iterable[Document]) -> str | None:
    """Return the payment that a line became; of a return, the one that it took back."""
    return next((str(share["payment_id"]) for share in shares), None)


def _document(
    entry: StatementEntryRow,
    row: StatementLineRow,
    matched: MatchedLines,
    booked: dict[str, list[Document]],
) -> Document:
    shares = booked.get(row.line_id, []) if row.state == LineState.BOOKED else []
    if entry.is_known:
        return line_document(
            row.line_id, line_of(row), verdict=KNOWN, payment_id=payment_of(shares)
        )
    if row.state == LineState.OPEN:
        return matched.document(row.line_id)
    return _decided(row, shares)


def _decided(row: StatementLineRow, shares: Sequence[Document]) -> Document:
    is_booked = row.state == LineState.BOOKED
    return line_document(
        row.line_id,
        line_of(row),
        verdict=row.state,
        matches=booked_shares(shares) if is_booked else (),
        payment_id=payment_of(shares) if is_booked else None,
    )


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Split ids into as many as one SQL statement may name."""
    return (ids[at : at + 500] for at in range(0, len(ids), 500))
