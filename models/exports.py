"""All wanted cases as flat rows, for a table that people open elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case_fields import CaseFields, case_fields, day_text, moment_text
from models.lists import Filter
from models.tables import CaseRow

_ROWS_AT_ONCE: Final = 500
_ADDRESS: Final = ("street", "postal_code", "city", "region", "country")
_NO_ADDRESS: Final[dict[str, str | None]] = {}

COLUMNS: Final = (
    *("case_id", "seller_id", "order_id", "installment", "stage", "blocked_by", "missing"),
    *("due_date", "days_overdue", "currency", "amount", "order_amount", "open_amount", "paid"),
    *("credit", "fees", "cancellation_costs"),
    *("dunning_option", "dunning_option_kept", "payment_plan"),
    *("hold_since", "hold_until", "hold_reason"),
    *("claim_reference", "claim_status", "claim_close_code", "claim_reason"),
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
    """Yield the wanted cases in groups, each with a cell for every column, from one query."""
    query = (
        case_fields()
        .where(*wanted.conditions())
        .order_by(col(CaseRow.due_date), col(CaseRow.case_id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    connection = await session.connection()
    async with connection.stream(query) as rows:
        async for some in rows.partitions(_ROWS_AT_ONCE):
            yield [_cells(CaseFields(*row), now=now) for row in some]


def _cells(case: CaseFields, *, now: datetime) -> Cells:
    written = case.written
    address = case.postal_address or _NO_ADDRESS
    goes_on = case.next_kind is not None and case.next_at is not None
    return (
        case.case_id,
        case.seller_id,
        case.order_id,
        case.installment,
        case.stage,
        case.is_blocked_by,
        " ".join(case.missing_parts),
        day_text(case.due_date),
        case.days_overdue(now),
        case.currency,
        written(case.amount),
        written(case.order_amount),
        written(case.open_amount),
        written(case.paid),
        written(case.credit),
        written(case.fees),
        written(case.cancellation_costs),
        case.option_in_force,
        "true" if case.is_option_kept else "false",
        case.payment_plan,
        day_text(case.hold_since),
        day_text(case.hold_until),
        case.hold_reason,
        case.claim_reference if case.claim_status else None,
        case.claim_status,
        case.claim_close_code,
        case.claim_reason,
        " ".join(case.possible_actions(now)),
        case.next_kind if goes_on else None,
        moment_text(case.next_at) if goes_on else None,
        moment_text(case.updated_at),
        case.customer_id,
        case.first_name,
        case.last_name,
        case.company,
        case.email,
        case.language,
        case.phone,
        case.tax_id,
        case.registration_number,
        *(address.get(field) for field in _ADDRESS),
    )
