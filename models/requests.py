"""Deciding requests: case, history and answer are written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.inputs import CaseInputs
from dunning.case.plan import Plan
from dunning.case.requests import apply_request, refusal_noted
from dunning.case.state import DunningCase
from dunning.requests import Refused, Request
from models.changes import ChangedCase, change_case
from models.outbox import CaseRef
from models.seller import SellerProfile
from models.tables import CaseRow, RequestRow, SellerRow

Document = dict[str, Any]


class LastDayIsPast(Exception):
    """The last day of the hold that was asked for has passed, by the seller's calendar."""


class DifferentRequest(Exception):
    """The request id was used before for another request to this case."""


@dataclass(frozen=True)
class RequestDecision:
    """How a request was decided, now or before: `kept` has the status and the answer.

    `plan` is what the case plans from then on, None if the request was decided before; `unsent`
    is the case if its plan has to be sent to Temporal.
    """

    kept: RequestRow
    plan: Plan | None = None
    unsent: list[CaseRef] = field(default_factory=list)

    @property
    def is_granted(self) -> bool:
        return self.kept.status == HTTPStatus.OK


async def decide_request(
    session: AsyncSession,
    case_id: str,
    request: Request,
    *,
    request_id: str,
    at: datetime,
    answers_workflow: bool = False,
) -> RequestDecision:
    """Grant a request or refuse it; the same request id gets the same answer.

    A refusal is answered with its reason; for one that is granted the caller writes the answer.
    Raises `LookupError` if there is no such case, `DifferentRequest` and `LastDayIsPast`.
    """
    if await session.get(CaseRow, case_id) is None:
        raise LookupError(case_id)
    known = await session.get(RequestRow, (case_id, request_id))
    if known is not None:
        if (known.verb, known.asked) != (request.verb, _asked(request)):
            raise DifferentRequest
        return RequestDecision(known)
    if request.until is not None and request.until < await _today(session, case_id, at):
        raise LastDayIsPast
    refused: list[Refused] = []

    def change(case: DunningCase, inputs: CaseInputs) -> DunningCase:
        try:
            return apply_request(case, request, inputs, at)
        except Refused as error:
            refused.append(error)
            return refusal_noted(case, request.verb, error.reason, at)

    changed = await change_case(session, case_id, change, at=at, answers_workflow=answers_workflow)
    kept = RequestRow(
        case_id=case_id,
        request_id=request_id,
        verb=request.verb,
        asked=_asked(request),
        at=at,
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        answer=_refusal(changed, refused[0]) if refused else {},
    )
    session.add(kept)
    return RequestDecision(kept, changed.plan, changed.unsent)


async def _today(session: AsyncSession, case_id: str, at: datetime) -> date:
    """Return the present day of the seller of a case."""
    case = await session.get_one(CaseRow, case_id)
    seller = await session.get_one(SellerRow, case.seller_id)
    return at.astimezone(SellerProfile.model_validate(seller.profile).zone).date()


def _asked(request: Request) -> Document:
    return request.model_dump(mode="json", exclude={"verb", "by"})


def _refusal(changed: ChangedCase, refused: Refused) -> Document:
    answer: Document = {"reason": refused.reason}
    if refused.possible_from is not None:
        answer["possible_from"] = refused.possible_from.isoformat()
    claim = changed.case.claim
    return answer | ({"handed_over_at": claim.at.isoformat()} if claim else {})
