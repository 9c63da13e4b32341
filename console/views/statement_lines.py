"""The lines of a bank statement as a clerk decides them: in groups, each with its candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from console.wording import Words
from dunning.matches import Candidate, Doubt, Match, Reason, ReasonKind, Verdict
from dunning.money import CURRENCY_DIGITS
from dunning.order_index import IndexedOrder
from dunning.statements import StatementLine
from models.statement_tables import (
    LineState,
    StatementEntryRow,
    StatementLineRow,
    StatementRow,
)
from models.tables import SellerRow
from starter.intake.statements.judging import judged_statement
from starter.intake.statements.lines import line_of, rows_of_statement
from starter.intake.statements.origins import Decision, last_decisions


class Group(StrEnum):
    """What is to be done with lines, in the order in which a clerk looks at them."""

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
    """What of a line goes to an order, and whose order that is."""

    order_id: str
    amount: Decimal
    name: str | None
    case_id: str | None


@dataclass(frozen=True)
class Choice:
    """One way to book a line; `value` is what its button sends."""

    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]
    payment_id: str | None
    charges: Decimal | None
    value: str


@dataclass(frozen=True)
class Line:
    """A line, what it may pay, and what was decided about it last."""

    line_id: str
    position: int
    told: StatementLine
    group: Group
    statement_id: str
    choices: tuple[Choice, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    decision: Decision | None = None

    @property
    def can_be_taken_back(self) -> bool:
        """R20: a booking of money that went back is no booking of the seller's own."""
        return self.group is Group.ASIDE or (
            self.told.amount > 0
            and self.decision is not None
            and self.decision.decision == "booked"
        )


@dataclass(frozen=True)
class Some:
    """The lines of a group that stand on a page, of all that there are."""

    group: Group
    lines: Sequence[Line]
    count: int
    money: Mapping[str, Decimal] = field(default_factory=dict)


async def lines_of(session: AsyncSession, seller: SellerRow, statement: StatementRow) -> list[Line]:
    """All lines of a statement, judged as the books are now, in the order of the file."""
    rows = await rows_of_statement(session, statement.statement_id)
    judged = await judged_statement(session, seller, statement)
    decided = [row.line_id for _, row in rows if row.state != LineState.OPEN]
    decisions = await last_decisions(session, decided)
    orders = judged.seller.orders.orders
    return [
        _line(entry, row, judged.matches.get(row.line_id), orders, decisions.get(row.line_id))
        for entry, row in rows
    ]


def grouped(lines: Sequence[Line], *, most: int) -> list[Some]:
    """The groups that have lines, each with its first ones."""
    found = []
    for group in Group:
        some = [line for line in lines if line.group is group]
        if some:
            found.append(Some(group, some[:most], len(some), _money(some)))
    return found


def one_group(lines: Sequence[Line], group: Group, *, page: int, most: int) -> Some:
    """A page of one group, counted from 1."""
    some = [line for line in lines if line.group is group]
    return Some(group, some[(page - 1) * most : page * most], len(some), _money(some))


def reason_in_words(reason: Reason, words: Words, *, currency: str, is_return: bool) -> str:
    name = f"match_back.{reason.kind}" if is_return and reason.kind in _OF_A_RETURN else None
    value = reason.value
    if reason.kind in _AMOUNTS:
        value = money_in_words(value.split()[0], currency, words)
    return words(name or f"match.{reason.kind}", value=value)


def money_in_words(amount: Decimal | str, currency: str, words: Words) -> str:
    """An amount; banks have accounts in what is no currency of ISO 4217, too."""
    if currency in CURRENCY_DIGITS:
        return words.money(amount, currency)
    return f"{amount} {currency}"


def _money(lines: Sequence[Line]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        currency = line.told.currency
        sums[currency] = sums.get(currency, Decimal(0)) + line.told.amount
    return sums


def _line(
    entry: StatementEntryRow,
    row: StatementLineRow,
    match: Match | None,
    orders: Mapping[str, IndexedOrder],
    decision: Decision | None,
) -> Line:
    told = line_of(row)
    return Line(
        line_id=row.line_id,
        position=entry.position,
        told=told,
        group=_group_of(entry, row, told, match),
        statement_id=row.statement_id,
        choices=tuple(_choice(one, orders) for one in (match.candidates if match else ())),
        doubts=match.doubts if match else (),
        decision=decision,
    )


def _group_of(
    entry: StatementEntryRow, row: StatementLineRow, told: StatementLine, match: Match | None
) -> Group:
    if entry.is_known:
        return Group.KNOWN
    if row.state != LineState.OPEN:
        return Group(row.state)
    if match is not None and match.verdict is Verdict.CERTAIN:
        return Group.CERTAIN
    if told.amount <= 0:
        return Group.RETURNS if told.is_return else Group.OUT
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
