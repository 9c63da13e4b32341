"""The cases of the seller who is signed in; those of others are not found."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from console.visitor import Visitor
from models.tables import CaseRow
from starter.input.fields import is_id
from starter.refusals import NotFound
from starter.services import Services


async def own_case(services: Services, visitor: Visitor, case_id: str) -> CaseRow:
    """Return the row of one of the seller's cases. Raises `NotFound`."""
    async with services.database.reading() as session:
        return await own_case_in(session, visitor, case_id)


async def own_case_in(session: AsyncSession, visitor: Visitor, case_id: str) -> CaseRow:
    row = await session.get(CaseRow, case_id) if is_id(case_id) else None
    if row is None or row.seller_id != visitor.seller_id:
        raise NotFound("case")
    return row
