"""Joins of a case with its receivable, its order and its customer."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow


def of_receivable() -> ColumnElement[bool]:
    return col(ReceivableRow.case_id) == CaseRow.case_id


def of_order() -> ColumnElement[bool]:
    return (col(OrderRow.seller_id) == CaseRow.seller_id) & (
        col(OrderRow.order_id) == CaseRow.order_id
    )


def of_customer() -> ColumnElement[bool]:
    return (col(CustomerRow.seller_id) == CaseRow.seller_id) & (
        col(CustomerRow.customer_id) == CaseRow.customer_id
    )


def whole_cases() -> Select[CaseRow, ReceivableRow, OrderRow, CustomerRow]:
    """Select cases with their receivables, orders and customers."""
    return (
        select(CaseRow, ReceivableRow, OrderRow, CustomerRow)
        .join(ReceivableRow, of_receivable())
        .join(OrderRow, of_order())
        .join(CustomerRow, of_customer())
    )
