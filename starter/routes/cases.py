"""Reading cases, and the requests of R15 and R17 to R19."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header

from dunning.requests import Verb
from models.queries import case_document
from starter.input.fields import is_id
from starter.input.schemas import EscalateBody, HoldBody, VerbBody
from starter.intake.ask_case import ask_case
from starter.openapi import documents, examples
from starter.openapi.described import Success, described, described_verb
from starter.refusals import NotFound, wrong
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/cases", tags=["cases"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


@router.get("/{case_id}")
@described({200: Success(examples.CASE, documents.CaseDocument)})
async def get_case(case_id: str, services: ServicesDep) -> dict[str, Any]:
    """A case with its history."""
    document = None
    if is_id(case_id):
        async with services.database.reading() as session:
            document = await case_document(session, case_id, now=services.clock.now())
    if document is None:
        raise NotFound("case")
    return document


@router.post("/{case_id}/stop")
@described_verb(Verb.STOP)
async def stop(
    case_id: str, services: ServicesDep, body: VerbBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R17: stop a case, at any time until its handoff has begun."""
    return await ask_case(services, case_id, Verb.STOP, body, key)


@router.post("/{case_id}/start")
@described_verb(Verb.START)
async def start(
    case_id: str, services: ServicesDep, body: VerbBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R17: take a stopped case up again."""
    return await ask_case(services, case_id, Verb.START, body, key)


@router.post("/{case_id}/escalate")
@described_verb(Verb.ESCALATE)
async def escalate(
    case_id: str, services: ServicesDep, body: EscalateBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R18: hand a case over now, from the day on that its final notice named.

    Before that day it is refused (`term_running`, with `possible_from`), unless the request says
    `despite_term` and a `reason`: the customer was given that time in writing.
    """
    if body is not None and body.despite_term and body.reason is None:
        raise wrong("reason", "is required with despite_term")
    return await ask_case(services, case_id, Verb.ESCALATE, body, key)


@router.post("/{case_id}/hold")
@described_verb(Verb.HOLD)
async def hold(
    case_id: str, services: ServicesDep, body: HoldBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R19: pause a case, until a day or until it is resumed."""
    return await ask_case(services, case_id, Verb.HOLD, body, key)


@router.post("/{case_id}/resume")
@described_verb(Verb.RESUME)
async def resume(
    case_id: str, services: ServicesDep, body: VerbBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R19: end the pause; or try again what was blocked by an error (R14)."""
    return await ask_case(services, case_id, Verb.RESUME, body, key)


@router.post("/{case_id}/withdraw")
@described_verb(Verb.WITHDRAW)
async def withdraw(
    case_id: str, services: ServicesDep, body: VerbBody | None = None, key: Key = None
) -> dict[str, Any]:
    """R15: ask the collection partner to stop; the case ends when it has closed the claim."""
    return await ask_case(services, case_id, Verb.WITHDRAW, body, key)
