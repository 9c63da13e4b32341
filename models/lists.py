"""Many cases at a time: filtered, page by page or all in one stream.

A page walks along an index by due date and stops when it is full; the index has nearly all columns
that lists are filtered by. If only few customers have a name, their cases are looked up by it
instead: along the index they may be far apart.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
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
# Longer entries do not fit into an index of PostgreSQL.
_LONGEST_SEARCH: Final = 600
# Letters that Unicode does not decompose: with strokes, joined ones, the i without a dot; and the
# quotation marks and dashes that editors insert.
_PLAIN: Final = str.maketrans(
    {
        **{"\u0131": "i", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d"},
        **{"\u00e6": "ae", "\u0153": "oe", "\u00fe": "th"},
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4`\u2032\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)

_Table = type[CaseRow] | type[ReceivableRow]
_Named = Callable[[str], ColumnElement[bool]]


def searchable(*texts: str | None) -> str:
    """Return texts in the form for searching: case, accents and typographic signs do not matter."""
    text = unicodedata.normalize("NFKD", " ".join(filter(None, texts)).casefold())
    plain = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(plain.translate(_PLAIN).split())[:_LONGEST_SEARCH]


class NotACursor(ValueError):
    """A cursor that no page has given out."""


@dataclass(frozen=True, order=True)
class Position:
    """The place where a page ended: lists are ordered by due date, then case id."""

    due_date: date
    case_id: str

    def cursor(self) -> str:
        """Return a cursor, opaque to callers, with nothing that the page did not show."""
        text = f"{self.due_date.isoformat()}/{self.case_id}".encode()
        check = hashlib.sha256(text).digest()[:_CHECK_BYTES]
        return base64.urlsafe_b64encode(check + text).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str) -> Position:
        """Return the position of a cursor. Raises `NotACursor`."""
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
    """The cases that are wanted; a field that is not given filters nothing.

    Days are due dates and both included, amounts are open amounts. Each of the `words` is searched
    in the first or last name or the company, in any order; a single word, or one with a digit, may
    be part of the order id instead.
    """

    seller_id: str | None = None
    stages: Collection[str] = ()
    due_from: date | None = None
    due_to: date | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    words: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return all conditions, for a query of cases with their receivables and customers."""
        found = [*self.of_place(CaseRow), *self.of_amount(), *self.of_stage()]
        return [*found, *self.is_found(CaseRow, has_name)]

    def of_place(self, table: _Table) -> Iterable[ColumnElement[bool]]:
        """Yield the conditions on seller and due date, which both tables have."""
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

    @property
    def searched(self) -> list[str]:
        return searchable(self.words).split()

    @property
    def names(self) -> list[str]:
        """The words that the customer's name must have; a single one may be in the order id."""
        searched = self.searched
        return searched if len(searched) == 1 else [w for w in searched if not _is_number(w)]

    def is_found(self, table: _Table, named: _Named) -> Iterator[ColumnElement[bool]]:
        """Yield a condition for each word: it is in the name, or where allowed in the order id."""
        searched = self.searched
        for word in searched:
            if len(searched) == 1 or _is_number(word):
                yield or_(named(word), numbered(table, word))
            else:
                yield named(word)

    @property
    def has_amounts(self) -> bool:
        return self.amount_min is not None or self.amount_max is not None


def has_name(word: str) -> ColumnElement[bool]:
    """Whether a word is in a customer's name."""
    return col(CustomerRow.search).like(_pattern(word), escape=_ESCAPE)


def numbered(table: _Table, word: str) -> ColumnElement[bool]:
    """Whether a word is in the order's id."""
    return func.lower(col(table.order_id)).like(_pattern(word), escape=_ESCAPE)


def _pattern(word: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        word = word.replace(special, _ESCAPE + special)
    return f"%{word}%"


def _is_number(word: str) -> bool:
    """Whether a word may be part of an order id rather than of a name."""
    return any(letter.isdigit() for letter in word)


async def positions(
    session: AsyncSession, wanted: Filter, *, limit: int, after: Position | None
) -> list[Position]:
    """Return the positions of the next cases of a list."""
    connection = await session.connection()
    found: set[Position] = set()
    for walk in await _walks(session, wanted):
        rows = await connection.execute(_from(after, walk).limit(limit))
        found.update(Position(*row) for row in rows)
    return sorted(found)[:limit]


async def _walks(session: AsyncSession, wanted: Filter) -> list[Select[date, str]]:
    """Return queries that together find all wanted cases, each in the order of lists."""
    if not wanted.searched:
        return [_along(wanted)]
    found = list(wanted.is_found(_table(wanted), partial(_is_named, wanted)))
    people = await _few_people(session, wanted)
    if people is None:
        return [_along(wanted).where(*found)]
    walks = []
    if people:
        walks.append(_of_people(wanted, people))
    if len(wanted.searched) == 1:
        [word] = wanted.searched
        if _LETTERS_OF_IDS.fullmatch(word):
            walks.append(_along(wanted).where(numbered(_table(wanted), word)))
    return walks


async def _few_people(session: AsyncSession, wanted: Filter) -> list[tuple[str, str]] | None:
    """Return the customers with these words in their names; None if there are many.

    Cases of many customers are soon met on a walk along the index, those of few are not.
    """
    names = wanted.names
    if not names:
        return None
    query = select(col(CustomerRow.seller_id), col(CustomerRow.customer_id))
    query = query.where(*(has_name(word) for word in names))
    if wanted.seller_id is not None:
        query = query.where(col(CustomerRow.seller_id) == wanted.seller_id)
    connection = await session.connection()
    people = [(row[0], row[1]) for row in await connection.execute(query.limit(_FEW + 1))]
    return people if len(people) <= _FEW else None


def _table(wanted: Filter) -> _Table:
    """Return the table whose index has most of the columns that are filtered by."""
    return ReceivableRow if wanted.has_amounts else CaseRow


def _along(wanted: Filter) -> Select[date, str]:
    """Select the cases by due date, without a condition on words."""
    table = _table(wanted)
    query = select(col(table.due_date), col(table.case_id)).where(*wanted.of_place(table))
    if table is CaseRow:
        return query.where(*wanted.of_stage())
    # With a join the database might begin with the stages, which filter out less.
    is_case = exists().where(of_receivable(), *wanted.of_stage())
    return query.where(*wanted.of_amount(), is_case)


def _of_people(wanted: Filter, people: list[tuple[str, str]]) -> Select[date, str]:
    """Select the cases of these customers."""
    person = values(column("seller_id", String), column("customer_id", String), name="people")
    # With a plain list the database would compare every case instead of looking these up.
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
    if len(wanted.searched) > 1:
        query = query.where(*wanted.is_found(CaseRow, _is_named_of_case))
    return query


def _is_named(wanted: Filter, word: str) -> ColumnElement[bool]:
    """Whether a word is in the name of the customer, looked up for each case."""
    if _table(wanted) is CaseRow:
        return _is_named_of_case(word)
    return exists().where(of_customer(), has_name(word), of_receivable())


def _is_named_of_case(word: str) -> ColumnElement[bool]:
    return exists().where(of_customer(), has_name(word))


def _from(after: Position | None, walk: Select[date, str]) -> Select[date, str]:
    """Order a walk and begin it after a position."""
    due_date, case_id = walk.selected_columns
    if after is not None:
        later = and_(due_date == after.due_date, case_id > after.case_id)
        # The first condition finds the place in the index, the second drops what was shown.
        walk = walk.where(due_date >= after.due_date, or_(due_date > after.due_date, later))
    return walk.order_by(due_date, case_id)
