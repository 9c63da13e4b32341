"""Test mode: calls that move a case on, and that choose how webhooks behave."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from sandbox.partner import documents
from sandbox.partner.agency import Agency
from sandbox.partner.announcing import hears
from sandbox.partner.answers import answer, business_error, wrong
from sandbox.partner.claims import Behavior, Claim, CloseCode, Lifecycle, Phase, Webhook
from sandbox.partner.routes.provided import AgencyDep, claim_of
from sandbox.partner.wire import Advance, Dispute, Fire, parsed

router = APIRouter(prefix="/test")


@router.post("/cases/{case_id}/advance")
async def advance(case_id: str, request: Request, agency: AgencyDep) -> Response:
    _, wanted = parsed(await request.body(), Advance)
    claim = claim_of(agency, case_id)
    is_new = not _is_there(claim, wanted)
    if is_new:
        _advance(agency, claim, wanted)
    return answer({"advanced": is_new, "state": documents.state(claim)})


@router.post("/cases/{case_id}/dispute")
async def dispute(case_id: str, request: Request, agency: AgencyDep) -> Response:
    """Note whether the debtor disputes the claim; only the sandbox has this call."""
    _, wanted = parsed(await request.body(), Dispute)
    claim = claim_of(agency, case_id)
    agency.dispute(claim, is_disputed=wanted.disputed)
    return answer(documents.case(claim))


@router.delete("/cases")
async def delete_cases(
    tag: Annotated[str, StringConstraints(min_length=1), Query()], agency: AgencyDep
) -> Response:
    """Delete the test cases of a tag; none if one of them is no test case."""
    agency.delete_tests(tag)
    return Response(status_code=204)


@router.post("/webhooks/fire")
async def fire(request: Request, agency: AgencyDep) -> Response:
    _, wanted = parsed(await request.body(), Fire)
    claim = claim_of(agency, wanted.case_id)
    only_to = _listener(agency, claim, wanted)
    count = agency.fire(claim, wanted.event, only_to)
    if count is None:
        words = f"The case has nothing that {wanted.event} could tell."
        return answer(business_error("MissingData", words), status=422)
    return answer({"eventType": wanted.event, "caseId": claim.claim_id, "enqueuedCount": count})


@router.get("/webhooks/behavior")
async def show_behavior(agency: AgencyDep) -> Response:
    return answer(agency.memory.behavior)


@router.post("/webhooks/behavior")
async def behave(request: Request, agency: AgencyDep) -> Response:
    """Choose how webhooks go wrong from now on; only the sandbox has this call.

    A field that is left out has its default, which is correct behavior. `delaySeconds`: events come
    late. `copies`: each comes that many times. `order`: with `newestFirst` the newest of those due
    goes first, with `shuffled` the order is random. `lost`: no event comes unless it is replayed.
    `lostPercent`: that percentage of events does not come. The same `seed` repeats the order and
    the losses.
    """
    _, behavior = parsed(await request.body(), Behavior)
    agency.behave(behavior)
    return answer(behavior)


def _is_there(claim: Claim, wanted: Advance) -> bool:
    """Whether a case is already in the wanted state or past it, so that nothing is to be done.

    A wanted amount always has to be paid, except with a close code that the case has already.
    """
    if wanted.close_code is not None:
        return claim.close_code is wanted.close_code
    if wanted.amount is not None:
        return False
    if wanted.to == "Active":
        return claim.lifecycle is not Lifecycle.PENDING
    return claim.is_closed or claim.phase is Phase.LEGAL


def _advance(agency: Agency, claim: Claim, wanted: Advance) -> None:
    code = wanted.close_code
    if code is not None:
        collected = code in (CloseCode.PAID, CloseCode.NO_PAYMENT)
        agency.close(claim, code, amount=wanted.amount, collected=collected)
        return
    if wanted.amount is not None:
        agency.pay(claim, wanted.amount)
    if wanted.to == "Legal" and claim.phase is not Phase.LEGAL:
        agency.go_to_court(claim)
    elif claim.lifecycle is Lifecycle.PENDING:
        agency.accept(claim)


def _listener(agency: Agency, claim: Claim, wanted: Fire) -> Webhook | None:
    if wanted.subscription_id is None:
        return None
    hook = agency.memory.webhooks.get(wanted.subscription_id)
    if hook is None or not hears(hook, claim, wanted.event):
        raise wrong("subscriptionId", "is not a webhook that hears of this")
    return hook
