"""All wanted cases as flat rows, for a table that people open elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case_fields import CaseFields, case_fields, day_text, moment_text
from models.lists import Filter
from models.tables import CaseRow

_ROWS_AT_ONCE: Final = 500

Cells = tuple[Any, ...]


def _address(case: CaseFields) -> Mapping[str, str | None]:
    return case.postal_address or {}


def _goes_on(case: CaseFields) -> bool:
    return case.next_kind is not None and case.next_at is not None


# The cell of each column, by the column's header: in the order of the table.
_CELLS: Final[dict[str, Callable[[CaseFields, datetime], Any]]] = {
    "case_id": lambda case, _: case.case_id,
    "seller_id": lambda case, _: case.seller_id,
    "order_id": lambda case, _: case.order_id,
    "installment": lambda case, _: case.installment,
    "stage": lambda case, _: case.stage,
    "blocked_by": lambda case, _: case.is_blocked_by,
    "missing": lambda case, _: " ".join(case.missing_parts),
    "due_date": lambda case, _: day_text(case.due_date),
    "days_overdue": lambda case, now: case.days_overdue(now),
    "currency": lambda case, _: case.currency,
    "amount": lambda case, _: case.written(case.amount),
    "order_amount": lambda case, _: case.written(case.order_amount),
    "open_amount": lambda case, _: case.written(case.open_amount),
    "paid": lambda case, _: case.written(case.paid),
    "credit": lambda case, _: case.written(case.credit),
    "fees": lambda case, _: case.written(case.fees),
    "cancellation_costs": lambda case, _: case.written(case.cancellation_costs),
    "dunning_option": lambda case, _: case.option_in_force,
    "dunning_option_kept": lambda case, _: "true" if case.is_option_kept else "false",
    "payment_plan": lambda case, _: case.payment_plan,
    "hold_since": lambda case, _: day_text(case.hold_since),
    "hold_until": lambda case, _: day_text(case.hold_until),
    "hold_reason": lambda case, _: case.hold_reason,
    "claim_reference": lambda case, _: case.claim_reference if case.claim_status else None,
    "claim_status": lambda case, _: case.claim_status,
    "claim_close_code": lambda case, _: case.claim_close_code,
    "claim_reason": lambda case, _: case.claim_reason,
    "actions": lambda case, now: " ".join(case.possible_actions(now)),
    "next_step_kind": lambda case, _: case.next_kind if _goes_on(case) else None,
    "next_step_at": lambda case, _: moment_text(case.next_at) if _goes_on(case) else None,
    "updated_at": lambda case, _: moment_text(case.updated_at),
    "customer_customer_id": lambda case, _: case.customer_id,
    "customer_first_name": lambda case, _: case.first_name,
    "customer_last_name": lambda case, _: case.last_name,
    "customer_company": lambda case, _: case.company,
    "customer_email": lambda case, _: case.email,
    "customer_language": lambda case, _: case.language,
    "customer_phone": lambda case, _: case.phone,
    "customer_tax_id": lambda case, _: case.tax_id,
    "customer_registration_number": lambda case, _: case.registration_number,
    "customer_street": lambda case, _: _address(case).get("street"),
    "customer_postal_code": lambda case, _: _address(case).get("postal_code"),
    "customer_city": lambda case, _: _address(case).get("city"),
    "customer_region": lambda case, _: _address(case).get("region"),
    "customer_country": lambda case, _: _address(case).get("country"),
}
COLUMNS: Final = tuple(_CELLS)


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
            yield [_cells(CaseFields(*row), now) for row in some]


def _cells(case: CaseFields, now: datetime) -> Cells:
    return tuple(cell(case, now) for cell in _CELLS.values())
