"""Divisions: our sellers at the agency."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response

from sandbox.partner import documents
from sandbox.partner.agency import Agency
from sandbox.partner.answers import answer, present
from sandbox.partner.idempotency import Decision, IdempotencyKey, once
from sandbox.partner.routes.provided import AgencyDep, PagingDep
from sandbox.partner.wire import NewDivision, parsed

router = APIRouter()


@router.post("/divisions")
async def create_division(
    request: Request, agency: AgencyDep, idempotency_key: IdempotencyKey = None
) -> Response:
    body = await request.body()
    return once(agency, "/divisions", idempotency_key, body, partial(_decide, agency, body))


@router.get("/divisions")
async def list_divisions(agency: AgencyDep, paging: PagingDep) -> Response:
    divisions = list(agency.memory.divisions.values())
    shown = paging.of(divisions)
    return answer(documents.page("divisions", shown, paging, len(divisions)))


def _decide(agency: Agency, body: bytes, at: datetime) -> Decision:
    sent, new = parsed(body, NewDivision)
    number = len(agency.memory.divisions)
    division = present(
        id=str(uuid5(NAMESPACE_URL, f"division\n{new.company_name}\n{number}")),
        companyName=new.company_name,
        registrationNumber=new.registration_number,
        address=new.address,
        zipCode=new.zip_code,
        city=new.city,
        state=new.state,
        country={"alpha2": new.country_code},
        officeEmail=new.office_email,
        officePhone=new.office_phone,
        isArchived=False,
        createdUtc=at,
        updatedUtc=at,
    )
    return Decision(201, division, sent)
