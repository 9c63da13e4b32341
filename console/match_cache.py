"""Cached matches of the lines of large statements (R20).

Matching thousands of lines takes seconds, and a page shows about twenty. The cached matches are
used while the seller's ledger has not changed. After a change they are shown for two more minutes,
with the moment at which they were computed: a clerk who books line after line does not wait each
time. Nothing is booked by a cached match: booking all certain lines matches them again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.statements.matches import Match
from dunning.statements.order_index import IndexedOrder
from models.tables import OrderRow, PaymentRow, ReceivableRow, SellerRow, StatementRow
from starter.reading.statements.matches import matches_of_statement

# Up to this many lines are matched anew for each page.
_FEW: Final = 200
_SHOWN_ALTHOUGH_CHANGED: Final = timedelta(minutes=2)
_STATEMENTS_KEPT: Final = 4
_Books = tuple[object, ...]


class CachedMatches(NamedTuple):
    """The matches of a statement's open lines, and the orders that they name.

    `is_of_now` is false if the ledger has changed since.
    """

    matches: Mapping[str, Match]
    orders: Mapping[str, IndexedOrder]
    judged_at: datetime
    books: _Books = ()
    is_of_now: bool = True


class MatchCache:
    """The cached matches of the statements that were shown last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, CachedMatches] = OrderedDict()

    def forget(self, statement_id: str) -> None:
        """Drop the cached matches, so that the next page computes new ones."""
        self._kept.pop(statement_id, None)

    async def of(
        self,
        session: AsyncSession,
        seller: SellerRow,
        statement: StatementRow,
        open_lines: Collection[str],
        *,
        now: datetime,
    ) -> CachedMatches:
        """Return the matches of the open lines: new ones, or cached ones if they may be shown."""
        if len(open_lines) <= _FEW:
            return await _match_now(session, seller, statement, now)
        books = await _books(session, seller.seller_id)
        kept = self._kept.get(statement.statement_id)
        if kept is not None and kept.matches.keys() >= set(open_lines):
            if kept.books == books:
                return kept
            if timedelta(0) <= now - kept.judged_at <= _SHOWN_ALTHOUGH_CHANGED:
                return kept._replace(is_of_now=False)
        matched = (await _match_now(session, seller, statement, now))._replace(books=books)
        self._kept[statement.statement_id] = matched
        self._kept.move_to_end(statement.statement_id)
        while len(self._kept) > _STATEMENTS_KEPT:
            self._kept.popitem(last=False)
        return matched


async def _match_now(
    session: AsyncSession, seller: SellerRow, statement: StatementRow, now: datetime
) -> CachedMatches:
    matched = await matches_of_statement(session, seller, statement)
    orders = matched.seller.orders.orders
    named = {
        share.order_id: orders[share.order_id]
        for match in matched.matches.values()
        for candidate in match.candidates
        for share in candidate.shares
        if share.order_id in orders
    }
    return CachedMatches(matched.matches, named, now)


async def _books(session: AsyncSession, seller_id: str) -> _Books:
    """Return counts and sums that every order, payment, chargeback and cancellation changes."""
    owed = select(func.count(), func.sum(col(ReceivableRow.open_amount))).where(
        col(ReceivableRow.seller_id) == seller_id
    )
    ordered = select(func.count(), func.count(col(OrderRow.canceled_at))).where(
        col(OrderRow.seller_id) == seller_id
    )
    paid = select(func.count(), func.count(col(PaymentRow.taken_back_at))).where(
        col(PaymentRow.seller_id) == seller_id
    )
    return tuple([tuple((await session.exec(query)).one()) for query in (owed, ordered, paid)])
