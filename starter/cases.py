"""Cases: read, and moved by the verbs of R15 and R17 to R19."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Header
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.calendars import terms_now
from dunning.case import DunningCase, Refused
from models.casebook import case_of
from models.dossier import Dossier, load_dossier
from models.locks import LOCKED
from models.messages import Answer, EscalateCase, HoldCase, Request
from models.queries import case_document
from models.seller import SellerProfile
from models.tables import CaseRow, RequestRow, SellerRow
from runtime.temporal import CasesUnavailable
from starter.client import CaseNotRunning
from starter.fields import Strict, is_id
from starter.problems import Conflict, NotFound, wrong
from starter.schemas import EmptyBody, HoldBody
from starter.services import Provided, Services

router = APIRouter(prefix="/v1/cases", tags=["cases"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]
_PAUSES: Final = (0.05, 0.2, 0.8, 1.6)
_WORDS: Final = {
    "handoff_begun": "The collection partner is being asked.",
    "handed_over": "The claim is with the collection partner.",
    "final_notice_not_sent": "The customer has not had the final notice yet.",
    "address_incomplete": "The customer's address is not complete.",
    "no_collection": "This seller hands nothing over.",
    "on_hold": "The case is on hold.",
    "not_on_hold": "The case is not on hold.",
    "not_stopped": "The case is not stopped.",
    "not_handed_over": "The collection partner has no claim of this case.",
    "ended": "The case has ended.",
}


@router.get("/{case_id}")
async def get_case(case_id: str, services: Provided) -> dict[str, Any]:
    """A case with its history."""
    return await _case_now(services, case_id)


@router.post("/{case_id}/stop")
async def stop(
    case_id: str, services: Provided, body: EmptyBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R17: stop a case, at any time until its handoff has begun."""
    return await _ask(services, case_id, "stop", body or EmptyBody(), key)


@router.post("/{case_id}/start")
async def start(
    case_id: str, services: Provided, body: EmptyBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R17: take a stopped case up again."""
    return await _ask(services, case_id, "start", body or EmptyBody(), key)


@router.post("/{case_id}/escalate")
async def escalate(
    case_id: str, services: Provided, body: EmptyBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R18: hand a case over now."""
    return await _ask(services, case_id, "escalate", body or EmptyBody(), key)


@router.post("/{case_id}/hold")
async def hold(
    case_id: str, services: Provided, body: HoldBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R19: pause a case, until a day or until it is resumed."""
    return await _ask(services, case_id, "hold", body or HoldBody(), key)


@router.post("/{case_id}/resume")
async def resume(
    case_id: str, services: Provided, body: EmptyBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R19: end the pause; or try again what was blocked by an error (R14)."""
    return await _ask(services, case_id, "resume", body or EmptyBody(), key)


@router.post("/{case_id}/withdraw")
async def withdraw(
    case_id: str, services: Provided, body: EmptyBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R15: ask the collection partner to stop; the case ends when it has closed the claim."""
    return await _ask(services, case_id, "withdraw", body or EmptyBody(), key)


async def _ask(
    services: Services, case_id: str, verb: str, body: Strict, key: str | None
) -> dict[str, Any]:
    """Ask something of a case: the case as it then is, or the reason why not.

    The same Idempotency-Key gets the same answer, whatever has happened since.
    """
    now = services.clock.now()
    asked = body.model_dump(mode="json")
    known = await services.write(
        partial(_noted, case_id=case_id, verb=verb, body=body, asked=asked, key=key, now=now)
    )
    if known.status is not None and known.answer is not None:
        return _repeated(known)
    await services.deliverer.deliver([case_id])
    answer = await _outcome(services, case_id, verb, body, known.request_id, at=known.at)
    if answer.refused is not None:
        extra = {}
        if answer.handed_over_at is not None:
            extra["handed_over_at"] = answer.handed_over_at.isoformat()
        refusal = {"reason": answer.refused, **extra}
        return _repeated(await _remembered(services, known, 409, refusal))
    document = await _case_now(services, case_id)
    return _repeated(await _remembered(services, known, 200, document))


async def _noted(
    session: AsyncSession,
    *,
    case_id: str,
    verb: str,
    body: Strict,
    asked: dict[str, Any],
    key: str | None,
    now: datetime,
) -> RequestRow:
    """The request as it stands in SQL, where its words stay; 404 for an unknown case."""
    request_id = uuid4().hex if key is None else hashlib.sha256(key.encode()).hexdigest()
    case = await session.get(CaseRow, case_id) if is_id(case_id) else None
    if case is None:
        raise NotFound("case")
    known = await session.get(RequestRow, (case_id, request_id))
    if known is not None:
        if known.verb != verb or known.asked != asked:
            raise Conflict("different_content", "This Idempotency-Key was used before.")
        return known
    seller = await session.get_one(SellerRow, case.seller_id)
    zone = SellerProfile.model_validate(seller.profile).zone
    if isinstance(body, HoldBody) and body.until and body.until < now.astimezone(zone).date():
        raise wrong("until", "lies in the past")
    request = RequestRow(case_id=case_id, request_id=request_id, verb=verb, asked=asked, at=now)
    session.add(request)
    return request


async def _outcome(
    services: Services, case_id: str, verb: str, body: Strict, request_id: str, *, at: datetime
) -> Answer:
    """What the running case says; of one that has ended, what its row says.

    A case may end or be taken up again while it is asked: then it is asked anew.
    """
    for pause in _PAUSES:
        async with services.database.reading() as session:
            dossier = await load_dossier(session, case_id)
        request = _request(verb, body, dossier, request_id, at)
        with suppress(CaseNotRunning):
            return await services.cases.ask(case_id, verb, request)
        async with services.database.reading() as session:
            row = await session.get_one(CaseRow, case_id)
        with suppress(CaseNotRunning):
            return await _outcome_of_ended(services, row, verb, request, at=at)
        await asyncio.sleep(pause)
    raise CasesUnavailable(verb)


def _request(verb: str, body: Strict, dossier: Dossier, request_id: str, at: datetime) -> Request:
    given: dict[str, Any] = {"request_id": request_id, "at": at, "terms": terms_now(dossier, at)}
    if isinstance(body, HoldBody):
        return HoldCase(until=body.until, **given)
    if verb == "escalate":
        return EscalateCase(address_complete=dossier.address_complete, **given)
    return Request(**given)


async def _outcome_of_ended(
    services: Services, row: CaseRow, verb: str, request: Request, *, at: datetime
) -> Answer:
    """Raises `CaseNotRunning` for a case that by its row would have to answer itself."""
    case = case_of(row).with_terms(request.terms)
    try:
        changed = _ask_rules(case, verb, request, at)
    except Refused as refused:
        claim = case.claim
        return Answer(refused=str(refused), handed_over_at=claim.at if claim else None)
    if changed is case:
        return Answer()
    if verb == "start":
        return await services.cases.start(case, request, at=at)
    raise CaseNotRunning


def _ask_rules(case: DunningCase, verb: str, request: Request, at: datetime) -> DunningCase:
    match request:
        case HoldCase():
            return case.put_on_hold(at, until=request.until, request_id=request.request_id or "")
        case EscalateCase():
            return case.escalate(at, address_complete=request.address_complete)
    changes = {
        "stop": case.stop,
        "start": case.start,
        "resume": case.resume,
        "withdraw": case.withdraw,
    }
    return changes[verb](at)


async def _remembered(
    services: Services, request: RequestRow, status: int, answer: dict[str, Any]
) -> RequestRow:
    """The request with its answer: the first one, if the same was asked twice at a time."""
    key = (request.case_id, request.request_id)
    async with services.database.writing() as session:
        row = await session.get_one(RequestRow, key, with_for_update=LOCKED)
        if row.status is None:
            row.status, row.answer = status, answer
            session.add(row)
    return row


def _repeated(request: RequestRow) -> dict[str, Any]:
    answer = dict(request.answer or {})
    if request.status == 409:
        raise _refusal(answer)
    return answer


def _refusal(answer: dict[str, Any]) -> Conflict:
    extra = {name: value for name, value in answer.items() if name != "reason"}
    reason = str(answer["reason"])
    return Conflict(reason, _WORDS[reason], **extra)


async def _case_now(services: Services, case_id: str) -> dict[str, Any]:
    document = None
    if is_id(case_id):
        async with services.database.reading() as session:
            document = await case_document(session, case_id, now=services.clock.now())
    if document is None:
        raise NotFound("case")
    return document
