"""The next steps of a seller's cases, counted by day, and one by one for a day.

Each case's row has its first step. Cases with similar first steps are counted together, along an
index. Customers are read only where their group differs from the most frequent one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Select, and_, func, null, or_, select, tuple_, type_coerce
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.actions import ActionKind
from dunning.addresses.address import Address
from dunning.case.state import DunningCase
from models.inputs import CustomerContact
from models.joins import of_customer
from models.tables import CaseRow, CustomerRow

_SCALE: Final = Decimal(10_000)
_IS_ADVANCE: Final = col(CaseRow.ahead_kind) == ActionKind.ADVANCE_NOTICE


class CustomerGroup(NamedTuple):
    """A group of customers: those of one country whose addresses are, or are not, complete."""

    country: str | None
    is_incomplete: bool


class FirstStepGroup(NamedTuple):
    """A group of first steps: of one kind, on one day and in one currency.

    `due_date` matters only for an advance notice.
    """

    day: date
    kind: str
    option: str | None
    currency: str
    due_date: date | None


class CaseTotal(NamedTuple):
    """A number of cases, and the money owed in them."""

    cases: int
    owed: Decimal

    def __add__(self, other: CaseTotal) -> CaseTotal:  # type: ignore[override]
        return CaseTotal(self.cases + other.cases, self.owed + other.owed)

    def __sub__(self, other: CaseTotal) -> CaseTotal:
        return CaseTotal(self.cases - other.cases, self.owed - other.owed)


class CustomerCase(NamedTuple):
    """The first step of one case of a customer."""

    customer_id: str
    case_id: str
    customers: CustomerGroup
    group: FirstStepGroup
    due_date: date
    total: CaseTotal


class UpcomingCase(NamedTuple):
    """A case with the data of its customer that the rules need."""

    case: DunningCase
    contact: CustomerContact


async def count_customer_groups(session: AsyncSession, seller_id: str) -> dict[CustomerGroup, int]:
    """Return how many customers are in each group."""
    groups = (col(CustomerRow.country), col(CustomerRow.is_incomplete))
    query = select(*groups, func.count()).where(col(CustomerRow.seller_id) == seller_id)
    connection = await session.connection()
    rows = await connection.execute(query.group_by(*groups))
    return {CustomerGroup(row[0], bool(row[1])): int(row[2]) for row in rows}


async def count_first_steps(
    session: AsyncSession, seller_id: str, *, last: date
) -> dict[FirstStepGroup, CaseTotal]:
    """Count the first steps of all cases of a seller, up to a day."""
    groups = _groups()
    notices = _first_steps(seller_id, last).where(~_IS_ADVANCE).add_columns(null())
    advance = _first_steps(seller_id, last).where(_IS_ADVANCE)
    advance = advance.add_columns(col(CaseRow.due_date)).group_by(*groups, col(CaseRow.due_date))
    connection = await session.connection()
    found: dict[FirstStepGroup, CaseTotal] = {}
    for query in (notices.group_by(*groups), advance):
        for day, kind, option, currency, cases, owed, due_date in await connection.execute(query):
            group = FirstStepGroup(day, kind, option, currency, due_date)
            found[group] = _total(cases, owed)
    return found


async def count_first_steps_of(
    session: AsyncSession, seller_id: str, customers: Collection[CustomerGroup], *, last: date
) -> dict[tuple[CustomerGroup, FirstStepGroup], CaseTotal]:
    """Count the first steps of the cases of some groups of customers, up to a day."""
    sorts = (col(CustomerRow.country), col(CustomerRow.is_incomplete), col(CaseRow.due_date))
    is_wanted = or_(
        *(
            and_(
                _same(col(CustomerRow.country), one.country),
                col(CustomerRow.is_incomplete).is_(one.is_incomplete),
            )
            for one in customers
        )
    )
    # The customers are looked up first, and their cases by them.
    query = (
        _first_steps(seller_id, last, begins_with=CustomerRow)
        .add_columns(*sorts)
        .where(col(CustomerRow.seller_id) == seller_id, is_wanted)
        .group_by(*_groups(), *sorts)
    )
    connection = await session.connection()
    found: dict[tuple[CustomerGroup, FirstStepGroup], CaseTotal] = {}
    for row in await connection.execute(query):
        day, kind, option, currency, cases, owed, country, is_incomplete, due_date = row
        matters = kind == ActionKind.ADVANCE_NOTICE
        group = FirstStepGroup(day, kind, option, currency, due_date if matters else None)
        key = (CustomerGroup(country, bool(is_incomplete)), group)
        found[key] = found.get(key, CaseTotal(0, Decimal(0))) + _total(cases, owed)
    return found


async def cases_of_customers_with_several(
    session: AsyncSession,
    seller_id: str,
    countries: Collection[str | None],
    *,
    last: date,
    most: int,
) -> list[CustomerCase] | None:
    """Return the first steps of customers in some countries who have several cases that act soon.

    None if there are too many to look at each.
    """
    is_theirs = (
        col(CustomerRow.seller_id) == seller_id,
        or_(*(_same(col(CustomerRow.country), country) for country in countries)),
        col(CaseRow.ahead_on) <= last,
    )
    with_several = (
        select(col(CustomerRow.customer_id))
        .join(CaseRow, of_customer())
        .where(*is_theirs)
        .group_by(col(CustomerRow.customer_id))
        .having(func.count() > 1)
    )
    query = (
        select(
            col(CustomerRow.customer_id),
            col(CaseRow.case_id),
            col(CustomerRow.country),
            col(CustomerRow.is_incomplete),
            *_groups(),
            col(CaseRow.due_date),
            col(CaseRow.owed),
        )
        .join(CaseRow, of_customer())
        .where(*is_theirs, col(CustomerRow.customer_id).in_(with_several))
        .order_by(col(CustomerRow.customer_id), col(CaseRow.due_date), col(CaseRow.installment))
        .limit(most + 1)
    )
    connection = await session.connection()
    rows = (await connection.execute(query)).all()
    return [_of_customer(row) for row in rows] if len(rows) <= most else None


def _of_customer(row: Any) -> CustomerCase:
    customer_id, case_id, country, is_incomplete, *first, due_date, owed = row
    day, kind, option, currency = first
    matters = kind == ActionKind.ADVANCE_NOTICE
    return CustomerCase(
        customer_id,
        case_id,
        CustomerGroup(country, bool(is_incomplete)),
        FirstStepGroup(day, kind, option, currency, due_date if matters else None),
        due_date,
        CaseTotal(1, owed),
    )


async def first_steps_on(
    session: AsyncSession,
    seller_id: str,
    firsts: Collection[tuple[date, str]],
    *,
    limit: int,
    skip: int = 0,
) -> list[UpcomingCase]:
    """Return the cases with first steps of these days and kinds, the last day first."""
    if not firsts:
        return []
    query = (
        select(
            col(CaseRow.state),
            col(CustomerRow.address),
            col(CustomerRow.missing),
            col(CustomerRow.email_version),
        )
        .join(CustomerRow, of_customer())
        .where(
            col(CaseRow.seller_id) == seller_id,
            tuple_(col(CaseRow.ahead_on), col(CaseRow.ahead_kind)).in_(sorted(firsts)),
        )
        .order_by(col(CaseRow.ahead_on).desc(), col(CaseRow.ahead_kind), col(CaseRow.case_id))
    )
    connection = await session.connection()
    rows: Sequence[Any] = (await connection.execute(query.limit(limit).offset(skip))).all()
    return [
        UpcomingCase(
            DunningCase.model_validate(row[0]),
            CustomerContact(
                Address.model_validate(row[1]) if row[1] else None, tuple(row[2]), row[3]
            ),
        )
        for row in rows
    ]


def _groups() -> tuple[Any, ...]:
    return (
        col(CaseRow.ahead_on),
        col(CaseRow.ahead_kind),
        col(CaseRow.dunning_option),
        col(CaseRow.currency),
    )


def _first_steps(seller_id: str, last: date, *, begins_with: Any = None) -> Select[Any]:
    money = func.sum(type_coerce(col(CaseRow.owed), BigInteger))
    query: Select[Any] = select(*_groups(), func.count(), money)
    if begins_with is None:
        query = query.select_from(CaseRow)
    else:
        query = query.select_from(begins_with).join(CaseRow, of_customer())
    is_soon = (col(CaseRow.ahead_on).is_not(None), col(CaseRow.ahead_on) <= last)
    return query.where(col(CaseRow.seller_id) == seller_id, *is_soon)


def _same(column: Any, value: str | None) -> Any:
    return column.is_(None) if value is None else column == value


def _total(cases: Any, owed: Any) -> CaseTotal:
    return CaseTotal(int(cases), Decimal(int(owed)) / _SCALE)
