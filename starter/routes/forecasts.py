"""The forecast of a case: each coming step, with the rule that sets its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.exc import NoResultFound
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.forecast import Planned, forecast
from dunning.case.requests import apply_request
from dunning.case.state import DunningCase
from dunning.case.update import brought_up
from dunning.requests import Refused, Request, Verb
from dunning.standing import Standing, standing
from models.snapshot import CaseSnapshot, load_snapshot
from starter.input.fields import Day, Strict, is_id
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.refusals import Conflict, NotFound, wrong
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class ForecastQuery(Strict):
    until: Day | None = None


@dataclass(frozen=True)
class CaseForecast:
    """A case at a moment, what it waits for, and its forecast."""

    snapshot: CaseSnapshot
    case: DunningCase
    stands: Standing | None
    items: tuple[Planned, ...]


@router.get("/{case_id}/forecast")
@described(
    {200: Success(examples.FORECAST, documents.ForecastDocument)},
    conflicts=("handoff_begun", "handed_over", "ended"),
)
async def get_forecast(
    case_id: str, asked_for: Annotated[ForecastQuery, Query()], services: ServicesDep
) -> dict[str, Any]:
    """What comes if nobody acts; with `until` as if the case were held until that day."""
    if not is_id(case_id):
        raise NotFound("case")
    async with services.database.reading() as session:
        try:
            found = await case_forecast(
                session, case_id, now=services.clock.now(), held_until=asked_for.until
            )
        except NoResultFound:
            raise NotFound("case") from None
    return {
        "waits_for": found.stands.text if found.stands else None,
        "items": [_item(planned) for planned in found.items],
    }


async def case_forecast(
    session: AsyncSession, case_id: str, *, now: datetime, held_until: date | None = None
) -> CaseForecast:
    """Return a case's forecast, if wanted as if it were held until a day.

    Raises `NoResultFound`, and `Problem` if the case cannot be held like that.
    """
    snapshot = await load_snapshot(session, case_id)
    now = max(now, snapshot.row.updated_at)
    case = brought_up(snapshot.case, snapshot.inputs(now), now)
    if held_until is not None:
        case = _held(case, snapshot, held_until, now)
    return CaseForecast(snapshot, case, standing(case, now), forecast(case, now, snapshot.inputs))


def _held(case: DunningCase, snapshot: CaseSnapshot, until: date, now: datetime) -> DunningCase:
    if until < case.terms.day_of(now):
        raise wrong("until", "lies in the past")
    request = Request(verb=Verb.HOLD, until=until)
    try:
        return apply_request(case, request, snapshot.inputs(now), now)
    except Refused as refused:
        raise Conflict(refused.reason, refused.reason.sentence) from None


def _item(planned: Planned) -> dict[str, Any]:
    return {
        "kind": planned.kind,
        "at": planned.at.isoformat(),
        "reasons": [
            {"rule": reason.rule, "day": reason.day.isoformat(), "text": reason.text}
            for reason in planned.reasons
        ],
    }
