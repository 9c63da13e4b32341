"""The tables. All of them are loaded together, because their foreign keys name each other.

Facts that the API writes: `sellers`, `orders`, `statements`. What becomes of each case: `cases`.
Who calls, and webhooks: `callers`. What the collection partner tells: `partner`. The summaries that
were sent are in `models.debt_summaries`, access to the console is in `models.console.access`.
"""

from __future__ import annotations

from models.tables.callers import ApiKeyRow, RequestRow, WebhookEndpointRow, WebhookMessageRow
from models.tables.cases import (
    NEEDS_SOMEBODY,
    NEEDS_STATEMENT,
    UNSENT,
    CaseRow,
    ClaimRow,
    EventRow,
    MessageRow,
)
from models.tables.orders import (
    AllocationRow,
    ChargebackRow,
    FeeRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    ReversalRow,
    WaiverRow,
)
from models.tables.partner import ClaimDifferenceRow, PartnerEventRow
from models.tables.sellers import CustomerRow, SellerRow
from models.tables.statements import (
    LineState,
    StatementDecisionRow,
    StatementEntryRow,
    StatementLineRow,
    StatementRow,
    TableReadingRow,
)

__all__ = [
    "NEEDS_SOMEBODY",
    "NEEDS_STATEMENT",
    "UNSENT",
    "AllocationRow",
    "ApiKeyRow",
    "CaseRow",
    "ChargebackRow",
    "ClaimDifferenceRow",
    "ClaimRow",
    "CustomerRow",
    "EventRow",
    "FeeRow",
    "LineState",
    "MessageRow",
    "OrderRow",
    "PartnerEventRow",
    "PaymentRow",
    "ReceivableRow",
    "RequestRow",
    "ReversalRow",
    "SellerRow",
    "StatementDecisionRow",
    "StatementEntryRow",
    "StatementLineRow",
    "StatementRow",
    "TableReadingRow",
    "WaiverRow",
    "WebhookEndpointRow",
    "WebhookMessageRow",
]
