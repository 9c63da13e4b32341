"""What comes in a case if nobody acts, also if it were held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.forecast import Planned, forecast
from dunning.case.requests import apply_request
from dunning.case.state import DunningCase
from dunning.case.update import brought_up
from dunning.case.waiting import Wait, what_it_waits_for
from dunning.requests import Refused, Request, Verb
from models.snapshot import CaseSnapshot, load_snapshot
from starter.refusals import Conflict, wrong


@dataclass(frozen=True)
class CaseForecast:
    """A case as it is at a moment, for whom it waits, and what comes by itself."""

    snapshot: CaseSnapshot
    case: DunningCase
    waits: Wait | None
    items: tuple[Planned, ...]


async def case_forecast(
    session: AsyncSession, case_id: str, *, now: datetime, held_until: date | None = None
) -> CaseForecast:
    """Return the forecast of a case; with `held_until`, as if it were held until that day.

    Raises `NoResultFound`, and `Problem` if the case cannot be held like that.
    """
    snapshot = await load_snapshot(session, case_id)
    now = max(now, snapshot.row.updated_at)
    case = brought_up(snapshot.case, snapshot.inputs(now), now)
    if held_until is not None:
        case = _held(case, snapshot, held_until, now)
    coming = forecast(case, now, snapshot.inputs)
    return CaseForecast(snapshot, case, what_it_waits_for(case, now), coming)


def _held(case: DunningCase, snapshot: CaseSnapshot, until: date, now: datetime) -> DunningCase:
    if until < case.terms.day_of(now):
        raise wrong("until", "lies in the past")
    request = Request(verb=Verb.HOLD, until=until)
    try:
        return apply_request(case, request, snapshot.inputs(now), now)
    except Refused as refused:
        raise Conflict(refused.reason, refused.reason.sentence) from None
