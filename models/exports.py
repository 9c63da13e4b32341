"""All wanted cases as flat rows, for a table that people open elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, String, select, type_coerce
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.money import CURRENCY_DIGITS
from dunning.stages import Stage
from models.credits import credits_of
from models.joins import of_customer, of_order, of_receivable
from models.lists import Filter
from models.queries import payment_plan, today_of_sellers
from models.tables import CaseRow, ClaimRow, CustomerRow, OrderRow, ReceivableRow, SellerRow

_ROWS_AT_ONCE: Final = 1000
_SCALE_DIGITS: Final = 4
_ADDRESS: Final = ("street", "postal_code", "city", "region", "country")


class _Row(NamedTuple):
    """What is read of a case; amounts in ten-thousandths, days and times as they are stored."""

    case_id: str
    seller_id: str
    order_id: str
    installment: int | None
    stage: str
    blocked_by: str | None
    due_date: str | date
    currency: str
    amount: int
    order_amount: int
    open_amount: int
    paid: int
    fees: int
    cancellation_costs: int
    dunning_option: str | None
    parts: int
    hold_since: str | date | None
    hold_until: str | date | None
    hold_reason: str | None
    claim_reference: str | None
    claim_status: str | None
    actions: list[str] | str
    missing: list[str] | str
    next_kind: str | None
    next_at: str | datetime | None
    updated_at: str | datetime
    customer_id: str
    first_name: str | None
    last_name: str | None
    company: str | None
    email: str
    language: str | None
    phone: str | None
    tax_id: str | None
    registration_number: str | None
    address: dict[str, str | None] | str | None


COLUMNS: Final = (
    *("case_id", "seller_id", "order_id", "installment", "stage", "blocked_by", "missing"),
    *("due_date", "days_overdue", "currency", "amount", "order_amount", "open_amount", "paid"),
    *("credit", "fees", "cancellation_costs", "dunning_option", "payment_plan"),
    *("hold_since", "hold_until", "hold_reason", "claim_reference", "claim_status"),
    *("actions", "next_step_kind", "next_step_at", "updated_at"),
    *("customer_customer_id", "customer_first_name", "customer_last_name", "customer_company"),
    *("customer_email", "customer_language", "customer_phone", "customer_tax_id"),
    "customer_registration_number",
    *(f"customer_{field}" for field in _ADDRESS),
)

Cells = tuple[Any, ...]


async def exported(
    session: AsyncSession, wanted: Filter, *, now: datetime
) -> AsyncIterator[list[Cells]]:
    """The wanted cases some at a time, each with a cell for every column, from one read."""
    connection = await session.connection()
    sellers = await connection.execute(select(col(SellerRow.seller_id)))
    days = await today_of_sellers(session, set(sellers.scalars()), now=now)
    credits = await credits_of(session)
    query = (
        select(*_selected())
        .join(ReceivableRow, of_receivable())
        .join(OrderRow, of_order())
        .join(CustomerRow, of_customer())
        .outerjoin(ClaimRow, col(ClaimRow.reference) == CaseRow.claim_reference)
        .where(*wanted.conditions())
        .order_by(col(CaseRow.due_date), col(CaseRow.case_id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    async with connection.stream(query) as rows:
        async for some in rows.partitions(_ROWS_AT_ONCE):
            yield [
                _cells(
                    row := _Row(*found),
                    today=days[row.seller_id],
                    credit=int(credits.get((row.seller_id, row.order_id), 0) * 10**_SCALE_DIGITS),
                )
                for found in some
            ]


def _selected() -> Iterator[ColumnElement[Any]]:
    """Columns without their way into Python: at this number of rows it would cost the most."""
    raw: dict[str, Any] = {
        "amount": col(ReceivableRow.amount),
        "order_amount": col(OrderRow.total),
        "open_amount": col(ReceivableRow.open_amount),
        "paid": col(ReceivableRow.paid),
        "fees": col(ReceivableRow.fees),
        "cancellation_costs": col(OrderRow.cancellation_costs),
    }
    elsewhere: dict[str, Any] = {
        "currency": col(ReceivableRow.currency),
        "parts": col(OrderRow.parts),
        "claim_status": col(ClaimRow.status),
    }
    for name in _Row._fields:
        if name in raw:
            yield type_coerce(raw[name], BigInteger)
        elif name in elsewhere:
            yield elsewhere[name]
        else:
            table = CaseRow if hasattr(CaseRow, name) and name != "customer_id" else CustomerRow
            yield type_coerce(col(getattr(table, name)), String)


def _cells(row: _Row, *, today: date, credit: int) -> Cells:
    amount = _amounts(CURRENCY_DIGITS[row.currency])
    due = _day(row.due_date)
    address = _read(row.address) or {}
    missing = _words(row.missing)
    actions = _words(row.actions)
    if missing:
        actions = " ".join(verb for verb in actions.split() if verb != "escalate")
    is_owed = row.open_amount > 0 and row.stage != Stage.CANCELED
    return (
        row.case_id,
        row.seller_id,
        row.order_id,
        row.installment,
        row.stage,
        row.blocked_by if row.stage == Stage.BLOCKED else None,
        missing,
        due,
        max(0, (today - due).days) if is_owed else 0,
        row.currency,
        amount(row.amount),
        amount(row.order_amount),
        amount(row.open_amount),
        amount(row.paid),
        amount(credit),
        amount(row.fees),
        amount(row.cancellation_costs),
        row.dunning_option,
        payment_plan(row.installment, row.parts),
        row.hold_since,
        row.hold_until,
        row.hold_reason,
        row.claim_reference,
        row.claim_status,
        actions,
        row.next_kind,
        _moment(row.next_at),
        _moment(row.updated_at),
        row.customer_id,
        row.first_name,
        row.last_name,
        row.company,
        row.email,
        row.language,
        row.phone,
        row.tax_id,
        row.registration_number,
        *(address.get(field) for field in _ADDRESS),
    )


def _read(stored: Any) -> Any:
    """A JSON column: SQLite has it as text, PostgreSQL as what it stands for."""
    return json.loads(stored) if isinstance(stored, str) else stored


def _words(stored: list[str] | str) -> str:
    """A list in one cell."""
    return _joined(stored) if isinstance(stored, str) else " ".join(stored)


@lru_cache(maxsize=1024)
def _joined(stored: str) -> str:
    return " ".join(json.loads(stored))


@lru_cache(maxsize=4096)
def _day(stored: str | date) -> date:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


@lru_cache(maxsize=4096)
def _moment(stored: str | datetime | None) -> str | None:
    """SQLite stores UTC without saying so."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment.replace(tzinfo=UTC).isoformat() if moment.tzinfo is None else moment.isoformat()


@cache
def _amounts(digits: int) -> Callable[[int], str]:
    """How amounts of a currency with so many digits are written, from ten-thousandths."""
    dropped, unit = 10 ** (_SCALE_DIGITS - digits), 10**digits

    def written(scaled: int) -> str:
        sign = "-" if scaled < 0 else ""
        whole, part = divmod(abs(scaled) // dropped, unit)
        return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"

    return written
