"""A seller sees its own: what is another's looks as if it were not there."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from console.visitor import Visitor
from models.tables import CaseRow
from starter.input.fields import is_id
from starter.refusals import NotFound
from starter.services import Services


async def own_case(services: Services, visitor: Visitor, case_id: str) -> CaseRow:
    """The row of a case of the seller. Raises `NotFound`."""
    async with services.database.reading() as session:
        return await own_case_in(session, visitor, case_id)


async def own_case_in(session: AsyncSession, visitor: Visitor, case_id: str) -> CaseRow:
    row = await session.get(CaseRow, case_id) if is_id(case_id) else None
    if row is None or row.seller_id != visitor.seller_id:
        raise NotFound("case")
    return row
