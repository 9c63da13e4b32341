"""What the routes work with; built once in `sandbox.partner.app`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request

from sandbox.partner.agency import Agency
from sandbox.partner.claims import Claim
from sandbox.partner.courier import Courier


async def _agency(request: Request) -> Agency:
    agency: Agency = request.app.state.agency
    return agency


async def _courier(request: Request) -> Courier:
    courier: Courier = request.app.state.courier
    return courier


Provided = Annotated[Agency, Depends(_agency)]
Delivering = Annotated[Courier, Depends(_courier)]


Page = Annotated[int, Query(ge=1)]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=100)]


def claim_of(agency: Agency, case_id: str) -> Claim:
    """A case, or 404."""
    claim = agency.memory.claims.get(case_id)
    if claim is None:
        raise HTTPException(404, "There is no such case.")
    return claim
