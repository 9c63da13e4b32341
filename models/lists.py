"""Many cases at a time: filtered, a page after the other or all in one stream.

A page walks along an index by due date, on which nearly all that is filtered by stands too, and
stops when it is full. Only few of those with a name are looked up by it: they may be far apart.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    values,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.stages import ENDS, Stage
from models.joins import of_customer, of_receivable
from models.tables import CaseRow, CustomerRow, ReceivableRow

ACTIVE: Final = "active"
_ESCAPE: Final = "\\"
_FEW: Final = 500
_POSITION: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([!-~]{1,80})")
_CHECK_BYTES: Final = 6
_LETTERS_OF_IDS: Final = re.compile(r"[a-z0-9._:-]+")
# An index of PostgreSQL takes no longer entries.
_LONGEST_SEARCH: Final = 600

_Table = type[CaseRow] | type[ReceivableRow]


def searchable(*texts: str | None) -> str:
    """Texts as they are searched in and for: upper and lower case are the same."""
    text = " ".join(filter(None, texts))
    return unicodedata.normalize("NFC", text.casefold())[:_LONGEST_SEARCH]


class NotACursor(ValueError):
    """Something that no page has given out."""


@dataclass(frozen=True, order=True)
class Position:
    """Where a page ended: lists are ordered by due date, then case id."""

    due_date: date
    case_id: str

    def cursor(self) -> str:
        """Opaque to callers, and nothing that they could not have seen on the page."""
        text = f"{self.due_date.isoformat()}/{self.case_id}".encode()
        check = hashlib.sha256(text).digest()[:_CHECK_BYTES]
        return base64.urlsafe_b64encode(check + text).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str) -> Position:
        """Raises `NotACursor`."""
        try:
            decoded = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
            found = _POSITION.fullmatch(decoded[_CHECK_BYTES:].decode("ascii"))
            position = cls(date.fromisoformat(found[1]), found[2]) if found else None
        except (ValueError, binascii.Error) as error:
            raise NotACursor(cursor) from error
        if position is None or position.cursor() != cursor:
            raise NotACursor(cursor)
        return position


@dataclass(frozen=True)
class Filter:
    """Which cases are wanted; what is not given does not matter.

    Days are due dates and both included, amounts are open amounts; `words` is found in the order
    id, the first and last name and the company, in upper or lower case.
    """

    seller_id: str | None = None
    stages: Collection[str] = ()
    due_from: date | None = None
    due_to: date | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    words: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """All of them, for cases with their receivables and customers."""
        found = [*self.of_place(CaseRow), *self.of_amount(), *self.of_stage()]
        if self.words:
            found.append(or_(self.numbered(CaseRow), self.named()))
        return found

    def of_place(self, table: _Table) -> Iterable[ColumnElement[bool]]:
        """Whose and when: both tables know it."""
        if self.seller_id is not None:
            yield col(table.seller_id) == self.seller_id
        if self.due_from is not None:
            yield col(table.due_date) >= self.due_from
        if self.due_to is not None:
            yield col(table.due_date) <= self.due_to

    def of_amount(self) -> Iterable[ColumnElement[bool]]:
        if self.amount_min is not None:
            yield col(ReceivableRow.open_amount) >= self.amount_min
        if self.amount_max is not None:
            yield col(ReceivableRow.open_amount) <= self.amount_max

    def of_stage(self) -> Iterable[ColumnElement[bool]]:
        if self.stages:
            still_going = set(Stage) - ENDS if ACTIVE in self.stages else set[Stage]()
            yield col(CaseRow.stage).in_(sorted({*self.stages, *still_going} - {ACTIVE}))

    def named(self) -> ColumnElement[bool]:
        """Whether the words are in a customer's name."""
        return col(CustomerRow.search).like(self._pattern(), escape=_ESCAPE)

    def numbered(self, table: _Table) -> ColumnElement[bool]:
        """Whether the words are in the order's id."""
        return func.lower(col(table.order_id)).like(self._pattern(), escape=_ESCAPE)

    @property
    def has_amounts(self) -> bool:
        return self.amount_min is not None or self.amount_max is not None

    @property
    def may_be_a_number(self) -> bool:
        return _LETTERS_OF_IDS.fullmatch(searchable(self.words)) is not None

    def _pattern(self) -> str:
        words = searchable(self.words)
        for special in (_ESCAPE, "%", "_"):
            words = words.replace(special, _ESCAPE + special)
        return f"%{words}%"


async def positions(
    session: AsyncSession, wanted: Filter, *, limit: int, after: Position | None
) -> list[Position]:
    """Where the next cases of a list stand in it."""
    connection = await session.connection()
    found: set[Position] = set()
    for walk in await _walks(session, wanted):
        rows = await connection.execute(_from(after, walk).limit(limit))
        found.update(Position(*row) for row in rows)
    return sorted(found)[:limit]


async def _walks(session: AsyncSession, wanted: Filter) -> list[Select[date, str]]:
    """Ways that together come by all wanted cases, each in the order of lists."""
    if not wanted.words:
        return [_along(wanted)]
    people = await _few_people(session, wanted)
    if people is None:
        walk = _along(wanted)
        return [walk.where(or_(wanted.numbered(_table(wanted)), _is_named(wanted)))]
    walks = [_of_people(wanted, people)] if people else []
    if wanted.may_be_a_number:
        walks.append(_along(wanted).where(wanted.numbered(_table(wanted))))
    return walks


async def _few_people(session: AsyncSession, wanted: Filter) -> list[tuple[str, str]] | None:
    """The customers with the words in their names; None if there are many.

    Many are soon met by looking at one case after the other, few are not.
    """
    query = select(col(CustomerRow.seller_id), col(CustomerRow.customer_id)).where(wanted.named())
    if wanted.seller_id is not None:
        query = query.where(col(CustomerRow.seller_id) == wanted.seller_id)
    connection = await session.connection()
    people = [(row[0], row[1]) for row in await connection.execute(query.limit(_FEW + 1))]
    return people if len(people) <= _FEW else None


def _table(wanted: Filter) -> _Table:
    """The one whose index has most of what is filtered by."""
    return ReceivableRow if wanted.has_amounts else CaseRow


def _along(wanted: Filter) -> Select[date, str]:
    """The cases by due date, without a look at words."""
    table = _table(wanted)
    query = select(col(table.due_date), col(table.case_id)).where(*wanted.of_place(table))
    if table is CaseRow:
        return query.where(*wanted.of_stage())
    # A join would let the database begin with the stages, which do not sift as well.
    is_case = exists().where(of_receivable(), *wanted.of_stage())
    return query.where(*wanted.of_amount(), is_case)


def _of_people(wanted: Filter, people: list[tuple[str, str]]) -> Select[date, str]:
    """The cases of these customers."""
    person = values(column("seller_id", String), column("customer_id", String), name="people")
    # As a list to compare with they would not be looked up, but every case with them.
    named = person.data(people).cte()
    is_theirs = and_(
        col(CaseRow.seller_id) == named.c.seller_id,
        col(CaseRow.customer_id) == named.c.customer_id,
    )
    query = (
        select(col(CaseRow.due_date), col(CaseRow.case_id))
        .join(named, is_theirs)
        .where(*wanted.of_place(CaseRow), *wanted.of_stage())
    )
    if wanted.has_amounts:
        query = query.where(exists().where(of_receivable(), *wanted.of_amount()))
    return query


def _is_named(wanted: Filter) -> ColumnElement[bool]:
    """Whether the words are in the name of the customer, looked up for each case."""
    named = exists().where(of_customer(), wanted.named())
    if _table(wanted) is ReceivableRow:
        named = named.where(of_receivable())
    return named


def _from(after: Position | None, walk: Select[date, str]) -> Select[date, str]:
    """A walk in its order, from behind a position on."""
    due_date, case_id = walk.selected_columns
    if after is not None:
        later = and_(due_date == after.due_date, case_id > after.case_id)
        # The first condition finds the place in the index, the second drops what was shown.
        walk = walk.where(due_date >= after.due_date, or_(due_date > after.due_date, later))
    return walk.order_by(due_date, case_id)
