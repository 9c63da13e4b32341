"""Many cases at a time: filtered, a page after the other or all in one stream."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.stages import ENDS
from models.joins import of_customer, of_receivable
from models.tables import CaseRow, CustomerRow, ReceivableRow

ACTIVE: Final = "active"
_Columns = TypeVarTuple("_Columns")
_ESCAPE: Final = "\\"
_FEW: Final = 200


class NotACursor(ValueError):
    """Something that no page has given out."""


@dataclass(frozen=True)
class Position:
    """Where a page ended: lists are ordered by due date, then case id."""

    due_date: date
    case_id: str

    def cursor(self) -> str:
        """Opaque to callers, and nothing that they could not have seen on the page."""
        text = f"{self.due_date.isoformat()}/{self.case_id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str) -> Position:
        """Raises `NotACursor`."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            day, slash, case_id = (
                base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition("/")
            )
            due_date = date.fromisoformat(day)
        except (ValueError, binascii.Error) as error:
            raise NotACursor(cursor) from error
        if not slash or not case_id:
            raise NotACursor(cursor)
        return cls(due_date, case_id)


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
        found = self._of_cases()
        if self.amount_min is not None:
            found.append(col(ReceivableRow.open_amount) >= self.amount_min)
        if self.amount_max is not None:
            found.append(col(ReceivableRow.open_amount) <= self.amount_max)
        if self.words:
            found.append(or_(self.named(), self.numbered()))
        return found

    def _of_cases(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.seller_id is not None:
            found.append(col(CaseRow.seller_id) == self.seller_id)
        if self.stages:
            named = [stage for stage in self.stages if stage != ACTIVE]
            wanted: ColumnElement[bool] = col(CaseRow.stage).in_(named)
            if ACTIVE in self.stages:
                wanted = or_(wanted, col(CaseRow.stage).not_in(list(ENDS)))
            found.append(wanted)
        if self.due_from is not None:
            found.append(col(CaseRow.due_date) >= self.due_from)
        if self.due_to is not None:
            found.append(col(CaseRow.due_date) <= self.due_to)
        return found

    def named(self) -> ColumnElement[bool]:
        """Whether the words are in a customer's name."""
        return col(CustomerRow.search).like(self._pattern(), escape=_ESCAPE)

    def numbered(self) -> ColumnElement[bool]:
        """Whether the words are in the order's id."""
        return func.lower(col(CaseRow.order_id)).like(self._pattern(), escape=_ESCAPE)

    def _pattern(self) -> str:
        words = (self.words or "").casefold()
        for special in (_ESCAPE, "%", "_"):
            words = words.replace(special, _ESCAPE + special)
        return f"%{words}%"


async def positions(
    session: AsyncSession, wanted: Filter, *, limit: int, after: Position | None
) -> list[Position]:
    """Where the next cases of a list stand in it."""
    few = await _few_with_words(session, wanted) if wanted.words else None
    if few is not None:
        wanted = replace(wanted, words=None)
    query = _filtered(select(col(CaseRow.due_date), col(CaseRow.case_id)), wanted)
    if few is not None:
        query = query.where(few)
    if after is not None:
        later = and_(col(CaseRow.due_date) == after.due_date, col(CaseRow.case_id) > after.case_id)
        # The first condition finds the place in the index, the second drops what was shown.
        query = query.where(
            col(CaseRow.due_date) >= after.due_date,
            or_(col(CaseRow.due_date) > after.due_date, later),
        )
    connection = await session.connection()
    return [Position(*row) for row in await connection.execute(query.limit(limit))]


async def _few_with_words(session: AsyncSession, wanted: Filter) -> ColumnElement[bool] | None:
    """The cases with the words, named one by one; None if there are many.

    Many are soon found by looking at one case after the other, few are not.
    """
    people = select(col(CustomerRow.seller_id), col(CustomerRow.customer_id)).where(wanted.named())
    orders = select(col(CaseRow.seller_id), col(CaseRow.order_id)).where(wanted.numbered())
    if wanted.seller_id is not None:
        people = people.where(col(CustomerRow.seller_id) == wanted.seller_id)
        orders = orders.where(col(CaseRow.seller_id) == wanted.seller_id)
    connection = await session.connection()
    named = [tuple(row) for row in await connection.execute(people.limit(_FEW + 1))]
    if len(named) > _FEW:
        return None
    numbered = [tuple(row) for row in await connection.execute(orders.limit(_FEW + 1))]
    if len(numbered) > _FEW:
        return None
    by_person = tuple_(col(CaseRow.seller_id), col(CaseRow.customer_id)).in_(named)
    by_order = tuple_(col(CaseRow.seller_id), col(CaseRow.order_id)).in_(numbered)
    return or_(by_person, by_order)


def _filtered(query: Select[*_Columns], wanted: Filter) -> Select[*_Columns]:
    """The wanted cases in the order of lists; joined is only what is asked for."""
    if wanted.amount_min is not None or wanted.amount_max is not None:
        query = query.join(ReceivableRow, of_receivable())
    if wanted.words:
        query = query.join(CustomerRow, of_customer())
    return query.where(*wanted.conditions()).order_by(col(CaseRow.due_date), col(CaseRow.case_id))
