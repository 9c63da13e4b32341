"""The lines of a bank statement as a clerk sees them: in groups, each with its candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from console.match_cache import CachedMatches, MatchCache
from console.wording import Words
from dunning.money import CURRENCY_DIGITS
from dunning.statements.lines import StatementLine
from dunning.statements.matches import Candidate, Doubt, Match, MatchReason, ReasonKind, Verdict
from dunning.statements.order_index import IndexedOrder
from models.tables import (
    LineState,
    SellerRow,
    StatementEntryRow,
    StatementLineRow,
    StatementRow,
)
from starter.reading.statements.lines import line_of
from starter.reading.statements.origins import Decision, last_decisions


class Group(StrEnum):
    """What has to be done with lines, in the order in which a clerk reads them."""

    CERTAIN = "certain"
    DECIDE = "decide"
    RETURNS = "returns"
    UNKNOWN = "unknown"
    BOOKED = "booked"
    ASIDE = "aside"
    KNOWN = "known"
    OUT = "out"


WAITING: Final = frozenset({Group.CERTAIN, Group.DECIDE, Group.RETURNS, Group.UNKNOWN})
_AMOUNTS: Final = frozenset({ReasonKind.AMOUNT, ReasonKind.TOTAL_AMOUNT, ReasonKind.SUM_OF_ORDERS})
_OF_A_RETURN: Final = frozenset({ReasonKind.AMOUNT, ReasonKind.NAME, ReasonKind.KNOWN_IBAN})


class Part(NamedTuple):
    """The part of a line that goes to one order, with the customer's name and the case."""

    order_id: str
    amount: Decimal
    name: str | None
    case_id: str | None


@dataclass(frozen=True)
class Choice:
    """One way to book a line; `value` is what its button sends."""

    parts: tuple[Part, ...]
    reasons: tuple[MatchReason, ...]
    payment_id: str | None
    charges: Decimal | None
    value: str


@dataclass(frozen=True)
class Line:
    """A line, its candidates, and the last decision about it."""

    line_id: str
    position: int
    content: StatementLine
    group: Group
    statement_id: str
    choices: tuple[Choice, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    decision: Decision | None = None

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it was set aside, or booked as a payment.

        R20: a booked chargeback cannot be taken back.
        """
        return self.group is Group.ASIDE or (
            self.content.amount > 0
            and self.decision is not None
            and self.decision.decision == "booked"
        )


class Place(NamedTuple):
    """The position of a line in its file, and its group."""

    line_id: str
    position: int
    group: Group
    amount: Decimal
    currency: str
    is_known: bool


@dataclass(frozen=True)
class Some:
    """The lines of one group that a page shows, with the count and the sums of the whole group."""

    group: Group
    places: Sequence[Place]
    count: int
    money: Mapping[str, Decimal] = field(default_factory=dict)
    lines: Sequence[Line] = ()


class Looked(NamedTuple):
    """All lines of a statement in the order of the file, and the matches of the open ones."""

    places: list[Place]
    cached: CachedMatches


async def look_at(
    session: AsyncSession,
    match_cache: MatchCache,
    seller: SellerRow,
    statement: StatementRow,
    *,
    now: datetime,
) -> Looked:
    """Return the lines of a statement with their groups; reads only the columns that this needs."""
    query = (
        select(
            col(StatementEntryRow.position),
            col(StatementEntryRow.is_known),
            col(StatementLineRow.line_id),
            col(StatementLineRow.state),
            col(StatementLineRow.amount),
            col(StatementLineRow.currency),
        )
        .join(StatementLineRow, col(StatementLineRow.line_id) == StatementEntryRow.line_id)
        .where(col(StatementEntryRow.statement_id) == statement.statement_id)
        .order_by(col(StatementEntryRow.position))
    )
    connection = await session.connection()
    rows = (await connection.execute(query)).all()
    waiting = {row.line_id for row in rows if not row.is_known and row.state == LineState.OPEN}
    cached = await match_cache.of(session, seller, statement, waiting, now=now)
    places = [
        Place(
            row.line_id,
            row.position,
            _group_of(row, cached.matches.get(row.line_id)),
            row.amount,
            row.currency,
            row.is_known,
        )
        for row in rows
    ]
    return Looked(places, cached)


def grouped(places: Sequence[Place], *, most: int) -> list[Some]:
    """Return the groups that have lines, each with its first ones."""
    return [some for group in Group if (some := one_group(places, group, page=1, most=most)).count]


def one_group(places: Sequence[Place], group: Group, *, page: int, most: int) -> Some:
    """Return one page of a group; the first page is 1."""
    some = [place for place in places if place.group is group]
    return Some(group, some[(page - 1) * most : page * most], len(some), _money(some))


async def with_lines(
    session: AsyncSession, shown: Sequence[Some], cached: CachedMatches
) -> list[Some]:
    """Return the groups with everything that the page shows of their lines."""
    ids = [place.line_id for some in shown for place in some.places]
    query = select_rows(StatementLineRow).where(col(StatementLineRow.line_id).in_(ids))
    rows = {row.line_id: row for row in await session.exec(query)}
    decided = [row.line_id for row in rows.values() if row.state != LineState.OPEN]
    decisions = await last_decisions(session, decided)
    return [
        replace(
            some,
            lines=[
                _line(place, rows[place.line_id], cached, decisions.get(place.line_id))
                for place in some.places
            ],
        )
        for some in shown
    ]


def reason_in_words(reason: MatchReason, words: Words, *, currency: str, is_return: bool) -> str:
    name = f"match_back.{reason.kind}" if is_return and reason.kind in _OF_A_RETURN else None
    value = reason.value
    if reason.kind in _AMOUNTS:
        value = money_in_words(value.split()[0], currency, words)
    return words(name or f"match.{reason.kind}", value=value)


def money_in_words(amount: Decimal | str, currency: str, words: Words) -> str:
    """Return an amount with its currency, also for a currency that ISO 4217 does not know."""
    if currency in CURRENCY_DIGITS:
        return words.money(amount, currency)
    return f"{amount} {currency}"


def _money(places: Sequence[Place]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for place in places:
        sums[place.currency] = sums.get(place.currency, Decimal(0)) + place.amount
    return sums


def _line(
    place: Place, row: StatementLineRow, cached: CachedMatches, decision: Decision | None
) -> Line:
    is_open = not place.is_known and row.state == LineState.OPEN
    match = cached.matches.get(row.line_id) if is_open else None
    candidates = match.candidates if match else ()
    return Line(
        line_id=row.line_id,
        position=place.position,
        content=line_of(row),
        group=place.group,
        statement_id=row.statement_id,
        choices=tuple(_choice(one, cached.orders) for one in candidates),
        doubts=match.doubts if match else (),
        decision=decision,
    )


def _group_of(row: Any, match: Match | None) -> Group:
    """Return the group of a line; `row` has the columns that `look_at` reads."""
    if row.is_known:
        return Group.KNOWN
    if row.state != LineState.OPEN:
        return Group(row.state)
    if match is not None and match.verdict is Verdict.CERTAIN:
        return Group.CERTAIN
    if row.amount <= 0:
        is_return = match is not None and Doubt.IS_A_RETURN in match.doubts
        return Group.RETURNS if is_return else Group.OUT
    return Group.DECIDE if match is not None and match.candidates else Group.UNKNOWN


def _choice(candidate: Candidate, orders: Mapping[str, IndexedOrder]) -> Choice:
    shares: list[Any] = [
        [share.order_id, share.installment, str(share.amount.amount)] for share in candidate.shares
    ]
    parts = []
    for share in candidate.shares:
        order = orders.get(share.order_id)
        name = order.names[0] if order and order.names else None
        case_id = order.case_ids[0] if order and order.case_ids else None
        parts.append(Part(share.order_id, share.amount.amount, name, case_id))
    return Choice(
        parts=tuple(parts),
        reasons=candidate.reasons,
        payment_id=candidate.payment_id,
        charges=candidate.charges.amount if candidate.charges else None,
        value=json.dumps(shares),
    )
