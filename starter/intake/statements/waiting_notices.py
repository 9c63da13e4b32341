"""Notices that wait for a newer bank statement go on when one is there (R20)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders import bring_up_cases
from models.outbox import CaseRef
from models.tables import NEEDS_STATEMENT, CaseRow

# As text: a database uses the partial index only if the condition is literally the same.
_WAITS_FOR_STATEMENT: Final = text(NEEDS_STATEMENT)


async def bring_up_waiting(
    session: AsyncSession, seller_id: str, *, now: datetime
) -> list[CaseRef]:
    """Let the cases go on whose notices wait for a newer statement."""
    query = (
        select(CaseRow.case_id)
        .where(col(CaseRow.seller_id) == seller_id, _WAITS_FOR_STATEMENT)
        .order_by(col(CaseRow.due_date), col(CaseRow.case_id))
    )
    cases = [CaseRef(seller_id, case_id) for case_id in await session.exec(query)]
    return await bring_up_cases(session, cases, at=now)
