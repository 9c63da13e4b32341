"""The forecast of a case: each coming step, with the rule that sets its day."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.exc import NoResultFound

from dunning.case.forecast import Planned
from starter.input.fields import Day, Strict, is_id
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.reading.forecasts import case_forecast
from starter.refusals import NotFound
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class ForecastQuery(Strict):
    until: Day | None = None


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
        "waits_for": found.waits.text if found.waits else None,
        "items": [_item(planned) for planned in found.items],
    }


def _item(planned: Planned) -> dict[str, Any]:
    return {
        "kind": planned.kind,
        "at": planned.at.isoformat(),
        "reasons": [
            {"rule": reason.rule, "day": reason.day.isoformat(), "text": reason.text}
            for reason in planned.reasons
        ],
    }
