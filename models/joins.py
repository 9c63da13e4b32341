"""A case with all that belongs to it, as one query."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow


def whole_cases() -> Select[CaseRow, ReceivableRow, OrderRow, CustomerRow]:
    """Cases with their receivables, orders and customers."""
    return (
        select(CaseRow, ReceivableRow, OrderRow, CustomerRow)
        .join(ReceivableRow, col(ReceivableRow.case_id) == CaseRow.case_id)
        .join(
            OrderRow,
            (col(OrderRow.seller_id) == CaseRow.seller_id)
            & (col(OrderRow.order_id) == CaseRow.order_id),
        )
        .join(
            CustomerRow,
            (col(CustomerRow.seller_id) == CaseRow.seller_id)
            & (col(CustomerRow.customer_id) == CaseRow.customer_id),
        )
    )
