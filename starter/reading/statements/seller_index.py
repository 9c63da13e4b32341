"""All data of a seller to which lines of a statement are matched, read once per statement (R20)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlmodel import col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.ledger import OpenItem
from dunning.money import Money
from dunning.receivables import ReceivableState
from dunning.statements.order_index import IndexedOrder, OrderIndex, ReportedPayment
from models.joins import of_receivable
from models.tables import (
    CaseRow,
    ChargebackRow,
    CustomerRow,
    LineState,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    StatementLineRow,
)

# A return may undo a payment of the last thirteen months, and some days more.
_PAYMENTS_OF: Final = timedelta(days=410)


class SellerIndex(NamedTuple):
    """The index, and the receivables that have a case."""

    orders: OrderIndex
    cases: frozenset[str]


async def seller_index(
    session: AsyncSession,
    seller_id: str,
    *,
    time_zone: str,
    since: date,
    statement_id: str | None = None,
) -> SellerIndex:
    """Read the seller's orders, payments and payers' IBANs, to match lines from a day on.

    A payment that was booked from this statement is not the same transaction as another of its
    lines: only returns are matched to it.
    """
    customers: dict[str, list[str]] = defaultdict(list)
    cases: set[str] = set()
    orders = await _orders(session, seller_id, customers, cases)
    payments = await _payments(session, seller_id, ZoneInfo(time_zone), since, statement_id)
    ibans = await _payer_ibans(session, seller_id, customers)
    return SellerIndex(OrderIndex(orders, payments=payments, payer_ibans=ibans), frozenset(cases))


async def _orders(
    session: AsyncSession,
    seller_id: str,
    customers: dict[str, list[str]],
    cases: set[str],
) -> list[IndexedOrder]:
    items = await _items(session, seller_id, cases)
    query = (
        select(
            col(OrderRow.order_id),
            col(OrderRow.invoice_number),
            col(OrderRow.currency),
            col(OrderRow.customer_id),
            col(CustomerRow.first_name),
            col(CustomerRow.last_name),
            col(CustomerRow.company),
        )
        .join(
            CustomerRow,
            (col(CustomerRow.seller_id) == OrderRow.seller_id)
            & (col(CustomerRow.customer_id) == OrderRow.customer_id),
        )
        .where(col(OrderRow.seller_id) == seller_id)
        .order_by(col(OrderRow.order_id))
    )
    orders = []
    for order_id, invoice, currency, customer_id, first, last, company in await _rows(
        session, query
    ):
        customers[customer_id].append(order_id)
        person = " ".join(filter(None, (first, last)))
        orders.append(
            IndexedOrder(
                order_id=order_id,
                invoice_number=invoice,
                names=tuple(name for name in (person, company) if name),
                currency=currency,
                items=tuple(items.get(order_id, ())),
            )
        )
    return orders


async def _items(
    session: AsyncSession, seller_id: str, cases: set[str]
) -> dict[str, list[OpenItem]]:
    """Return the receivables of each order, in order of due date."""
    query = (
        select(
            col(ReceivableRow.order_id),
            col(ReceivableRow.case_id),
            col(ReceivableRow.installment),
            col(ReceivableRow.due_date),
            col(ReceivableRow.currency),
            col(ReceivableRow.open_amount),
            col(OrderRow.canceled_at),
            col(OrderRow.canceled_for_claim),
            col(CaseRow.stage),
            col(CaseRow.claim_reference),
        )
        .join(
            OrderRow,
            (col(OrderRow.seller_id) == ReceivableRow.seller_id)
            & (col(OrderRow.order_id) == ReceivableRow.order_id),
        )
        .outerjoin(CaseRow, of_receivable())
        .where(col(ReceivableRow.seller_id) == seller_id)
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    items: dict[str, list[OpenItem]] = defaultdict(list)
    for row in await _rows(session, query):
        if row.stage is not None:
            cases.add(row.case_id)
        items[row.order_id].append(_open_item(row))
    return items


def _open_item(row: Any) -> OpenItem:
    state = ReceivableState(
        order_canceled=row.canceled_at is not None,
        for_claim=row.canceled_for_claim,
        had_claim=row.claim_reference is not None,
        stage=row.stage,
    )
    return OpenItem(
        case_id=row.case_id,
        installment=row.installment,
        due_date=row.due_date,
        open_amount=Money(amount=row.open_amount, currency=row.currency),
        can_be_paid=state.can_be_paid,
    )


async def _payments(
    session: AsyncSession,
    seller_id: str,
    zone: ZoneInfo,
    since: date,
    statement_id: str | None,
) -> list[ReportedPayment]:
    back = (
        select(func.coalesce(func.sum(col(ChargebackRow.amount)), 0))
        .where(col(ChargebackRow.payment_id) == PaymentRow.payment_id)
        .correlate(PaymentRow)
        .scalar_subquery()
    )
    query = (
        select(
            col(PaymentRow.payment_id),
            col(PaymentRow.order_id),
            col(PaymentRow.amount),
            col(PaymentRow.currency),
            col(PaymentRow.paid_at),
            back.label("gone"),
            col(StatementLineRow.statement_id),
            col(StatementLineRow.content),
        )
        .outerjoin(StatementLineRow, col(StatementLineRow.line_id) == PaymentRow.line_id)
        .where(
            col(PaymentRow.seller_id) == seller_id,
            col(PaymentRow.taken_back_at).is_(None),
            col(PaymentRow.paid_at) >= datetime.combine(since - _PAYMENTS_OF, time(0), UTC),
        )
    )
    rows = await _rows(session, query)
    return [_reported_payment(row, zone, statement_id) for row in rows]


def _reported_payment(row: Any, zone: ZoneInfo, statement_id: str | None) -> ReportedPayment:
    line: Mapping[str, Any] = row.content or {}
    left = row.amount - Decimal(row.gone or 0)
    return ReportedPayment(
        payment_id=row.payment_id,
        order_id=row.order_id,
        amount=Money(amount=row.amount, currency=row.currency),
        left=Money(amount=left, currency=row.currency),
        paid_on=row.paid_at.astimezone(zone).date(),
        payer=line.get("counterparty"),
        payer_iban=line.get("counterparty_iban"),
        end_to_end_id=line.get("end_to_end_id"),
        reference=line.get("reference"),
        is_of_this_statement=statement_id is not None and row.statement_id == statement_id,
    )


async def _payer_ibans(
    session: AsyncSession, seller_id: str, customers: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Return, by IBAN, the orders of the customers for whom it has paid before."""
    query = (
        select(col(StatementLineRow.counterparty_iban), col(OrderRow.customer_id))
        .join(PaymentRow, col(PaymentRow.line_id) == StatementLineRow.line_id)
        .join(
            OrderRow,
            (col(OrderRow.seller_id) == PaymentRow.seller_id)
            & (col(OrderRow.order_id) == PaymentRow.order_id),
        )
        .where(
            col(StatementLineRow.seller_id) == seller_id,
            col(StatementLineRow.state) == LineState.BOOKED,
            col(StatementLineRow.counterparty_iban).is_not(None),
            col(StatementLineRow.amount) > 0,
            col(PaymentRow.taken_back_at).is_(None),
        )
        .distinct()
    )
    found: dict[str, list[str]] = defaultdict(list)
    for iban, customer_id in await _rows(session, query):
        found[iban] += customers.get(customer_id, ())
    return found


async def _rows(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> Any:
    connection = await session.connection()
    return await connection.execute(query)
