"""Deciding requests: case, history and answer are written in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
Describe = Callable[[AsyncSession, str], Awaitable[Document]]
"""Returns the answer to a granted request, from the id of its case."""


class LastDayIsPast(Exception):
    """The last day of the hold that was asked for has passed, by the seller's calendar."""


class DifferentRequest(Exception):
    """The request id was used before for another request to this case."""


@dataclass(frozen=True)
class RequestDecision:
    """The answer to a request: 200 and the case, or 409 and the reason.

    `plan` is what the case plans from then on, None if the request was answered before; `untold` is
    the case if Temporal has to be told of its plan.
    """

    status: int
    answer: Document
    plan: Plan | None = None
    untold: list[CaseRef] = field(default_factory=list)


async def decide_request(
    session: AsyncSession,
    case_id: str,
    request: Request,
    *,
    request_id: str,
    at: datetime,
    describe: Describe,
    answers_workflow: bool = False,
) -> RequestDecision:
    """Grant a request or refuse it; the same request id gets the same answer.

    Raises `LookupError` if there is no such case, `DifferentRequest` and `LastDayIsPast`.
    """
    if await session.get(CaseRow, case_id) is None:
        raise LookupError(case_id)
    known = await session.get(RequestRow, (case_id, request_id))
    if known is not None:
        if (known.verb, known.asked) != (request.verb, _asked(request)):
            raise DifferentRequest
        return RequestDecision(known.status, known.answer)
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
    if refused:
        status, answer = HTTPStatus.CONFLICT, _refusal(changed, refused[0])
    else:
        status, answer = HTTPStatus.OK, await describe(session, case_id)
    session.add(
        RequestRow(
            case_id=case_id,
            request_id=request_id,
            verb=request.verb,
            asked=_asked(request),
            at=at,
            status=status,
            answer=answer,
        )
    )
    return RequestDecision(status, answer, changed.plan, changed.untold)


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
