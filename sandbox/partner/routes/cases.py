"""Cases: create them, find them, and read their course."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response

from sandbox.partner import documents
from sandbox.partner.agency import Agency
from sandbox.partner.answers import answer, business_error, wrong
from sandbox.partner.claims import Claim, Json
from sandbox.partner.idempotency import Decision, IdempotencyKey, once
from sandbox.partner.routes.provided import AgencyDep, PagingDep, claim_of
from sandbox.partner.wire import BUSINESS_ERRORS, NewCase, parsed

router = APIRouter()


@router.post("/cases")
async def create_case(
    request: Request, agency: AgencyDep, idempotency_key: IdempotencyKey = None
) -> Response:
    body = await request.body()
    # No await from here on, so that two requests with the same key cannot interleave.
    return once(agency, "/cases", idempotency_key, body, partial(_decide, agency, body))


@router.get("/cases")
async def list_cases(agency: AgencyDep, paging: PagingDep) -> Response:
    """List the cases, oldest first."""
    claims = list(agency.memory.claims.values())
    shown = [documents.case(claim) for claim in paging.of(claims)]
    return answer(documents.page("cases", shown, paging, len(claims)))


@router.get("/cases/by-creditor-reference/{reference:path}")
async def case_by_reference(reference: str, agency: AgencyDep) -> Response:
    ids = agency.memory.ids.get(reference)
    return answer(documents.case(claim_of(agency, ids[0] if ids else "")))


@router.get("/cases/{case_id}")
async def case_by_id(case_id: str, agency: AgencyDep) -> Response:
    claim = claim_of(agency, case_id)
    return answer(documents.case(claim))


@router.get("/cases/{case_id}/timeline")
async def timeline(case_id: str, agency: AgencyDep) -> Response:
    claim = claim_of(agency, case_id)
    return answer(documents.timeline(claim))


@router.get("/cases/{case_id}/payments")
async def payments(case_id: str, agency: AgencyDep) -> Response:
    claim = claim_of(agency, case_id)
    return answer([documents.payment(claim, payment) for payment in claim.payments])


def _decide(agency: Agency, body: bytes, at: datetime) -> Decision:
    sent, new = parsed(body, NewCase)
    division_id = new.creditor_division_id
    if division_id is not None and division_id not in agency.memory.divisions:
        raise wrong("creditorDivisionId", "is not a division")
    for kind, message in BUSINESS_ERRORS.items():
        if kind in new.debtor.name:
            return Decision(422, business_error(kind, message), sent)
    return Decision(200, _new_case(agency, sent, new, at), sent)


def _new_case(agency: Agency, sent: Json, new: NewCase, at: datetime) -> Json:
    reference = new.creditor_reference or ""
    earlier = agency.memory.created[reference]
    claim_id = str(uuid5(NAMESPACE_URL, f"{reference}\n{earlier}"))
    return documents.case(Claim(claim_id, at, sent))
