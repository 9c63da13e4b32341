"""The running cases of a seller that a change of its settings may affect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.addresses.address import Address
from dunning.case.state import DunningCase
from dunning.stages import AT_THE_PARTNER, ENDS, Stage
from models.joins import of_customer
from models.tables import CaseRow, CustomerRow

MOST: Final = 500
_DECIDED: Final = frozenset({Stage.FINAL_NOTICE, Stage.AWAITING_APPROVAL, *AT_THE_PARTNER})


class Counts(NamedTuple):
    """The number of running cases, and of those whose option no final notice has fixed yet."""

    running: int
    undecided: int


@dataclass(frozen=True)
class RunningCase:
    """A case with the address of its customer."""

    case: DunningCase
    address: Address | None


async def count_running(session: AsyncSession, seller_id: str) -> Counts:
    query = (
        select(col(CaseRow.stage), func.count())
        .where(col(CaseRow.seller_id) == seller_id)
        .group_by(col(CaseRow.stage))
    )
    connection = await session.connection()
    found = {Stage(row[0]): int(row[1]) for row in await connection.execute(query)}
    running = {stage: count for stage, count in found.items() if stage not in ENDS}
    undecided = sum(count for stage, count in running.items() if stage not in _DECIDED)
    return Counts(sum(running.values()), undecided)


async def running_soon(
    session: AsyncSession, seller_id: str, *, until: datetime
) -> list[RunningCase]:
    """Return the cases that act next, up to a moment; if there are very many, only the first."""
    query = (
        select(col(CaseRow.state), col(CustomerRow.address))
        .join(CustomerRow, of_customer())
        .where(
            col(CaseRow.seller_id) == seller_id,
            col(CaseRow.next_at).is_not(None),
            col(CaseRow.next_at) < until,
        )
        .order_by(col(CaseRow.next_at))
        .limit(MOST)
    )
    connection = await session.connection()
    return [
        RunningCase(
            DunningCase.model_validate(row[0]),
            Address.model_validate(row[1]) if row[1] else None,
        )
        for row in await connection.execute(query)
    ]
