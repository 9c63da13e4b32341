"""The page for a person who plays the agency: claims, actions on them, and events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import islice
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from sandbox.partner.agency import Agency
from sandbox.partner.claims import Behavior, Claim, CloseCode, Dispatch
from sandbox.partner.page_format import PAGES, rendered_page, state_words
from sandbox.partner.refusals import Refused
from sandbox.partner.routes.guard import guarded
from sandbox.partner.routes.provided import AgencyDep

router = APIRouter(dependencies=[Depends(guarded)])

_ON_A_PAGE: Final = 50
_SHOWN_EVENTS: Final = 100
_DONE: Final = {
    "accepted": "Accepted: collection has begun.",
    "rejected": "Rejected: closed before collection began.",
    "paid": "The payment is booked.",
    "court": "The claim is before a court now.",
    "closed": "The claim is closed.",
    "disputed": "The debtor disputes the claim.",
    "undisputed": "The dispute is over.",
    "replayed": "The event is sent again.",
    "behavior": "From now on webhooks behave like this.",
}
_STATES: Final = ("submitted", "in collection", "in court", "paid", "closed", "rejected")

Action = Callable[[Claim], None]


@router.get("/style.css")
async def stylesheet() -> Response:
    return Response((PAGES / "style.css").read_text(encoding="utf-8"), media_type="text/css")


@router.get("/")
async def show_claims(agency: AgencyDep, page: Annotated[int, Query(ge=1)] = 1) -> HTMLResponse:
    claims = agency.memory.claims
    first = (page - 1) * _ON_A_PAGE
    counts = Counter(state_words(claim) for claim in claims.values())
    return rendered_page(
        "claims.html.j2",
        claims=list(islice(reversed(claims.values()), first, first + _ON_A_PAGE)),
        counts=[(state, counts[state]) for state in _STATES if counts[state]],
        memory=agency.memory,
        page=page,
        is_last=first + _ON_A_PAGE >= len(claims),
    )


@router.get("/claims/{claim_id}")
async def show_claim(claim_id: str, agency: AgencyDep, done: str = "") -> HTMLResponse:
    claim = agency.memory.claims.get(claim_id)
    return _missing() if claim is None else _claim_page(agency, claim, done=_DONE.get(done))


@router.get("/claims/{claim_id}/files/{file_id}")
async def download(claim_id: str, file_id: str, agency: AgencyDep) -> Response:
    """Send a file as it came; the browser must save it and not show it."""
    claim = agency.memory.claims.get(claim_id)
    kept = [] if claim is None else [f for f in claim.attachments if f.file_id == file_id]
    content = agency.event_log.uploaded(file_id) if kept else None
    if content is None:
        return _missing()
    headers = {
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(kept[0].name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/claims/{claim_id}/accept")
async def accept(claim_id: str, agency: AgencyDep) -> Response:
    return _done(agency, claim_id, agency.accept, "accepted")


@router.post("/claims/{claim_id}/reject")
async def reject(claim_id: str, agency: AgencyDep) -> Response:
    return _done(agency, claim_id, agency.reject, "rejected")


@router.post("/claims/{claim_id}/pay")
async def pay(
    claim_id: str, agency: AgencyDep, amount: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Record a payment of the debtor; a payment of all that is left closes the claim."""

    def paid(claim: Claim) -> None:
        agency.pay(claim, _amount(amount), closing=True)

    return _done(agency, claim_id, paid, "paid")


@router.post("/claims/{claim_id}/court")
async def go_to_court(claim_id: str, agency: AgencyDep) -> Response:
    return _done(agency, claim_id, agency.go_to_court, "court")


@router.post("/claims/{claim_id}/close")
async def close(claim_id: str, agency: AgencyDep, code: Annotated[CloseCode, Form()]) -> Response:
    return _done(agency, claim_id, partial(agency.close, code=code), "closed")


@router.post("/claims/{claim_id}/dispute")
async def dispute(
    claim_id: str, agency: AgencyDep, disputed: Annotated[Literal["yes", "no"], Form()]
) -> Response:
    is_disputed = disputed == "yes"
    done = "disputed" if is_disputed else "undisputed"
    return _done(agency, claim_id, partial(agency.dispute, is_disputed=is_disputed), done)


@router.get("/sent")
async def show_sent(agency: AgencyDep, done: str = "") -> HTMLResponse:
    return _sent_page(agency, done=_DONE.get(done))


@router.post("/sent/behavior")
async def behave(
    agency: AgencyDep,
    delay_seconds: Annotated[str, Form()],
    copies: Annotated[str, Form()],
    order: Annotated[Literal["asItHappened", "newestFirst", "shuffled"], Form()],
    lost: Annotated[bool, Form()] = False,
    lost_percent: Annotated[str, Form()] = "0",
) -> Response:
    numbers = {
        "delaySeconds": _whole(delay_seconds),
        "copies": _whole(copies),
        "lostPercent": _whole(lost_percent),
    }
    try:
        behavior = Behavior.model_validate(numbers | {"order": order, "lost": lost})
    except ValidationError:
        words = (
            "Nothing was changed: the delay is 0 to 86400 seconds, the copies are 1 to 5, "
            "and of a hundred 0 to 100 get lost."
        )
        return _sent_page(agency, wrong=words, status=422)
    agency.behave(behavior)
    return RedirectResponse("/sent?done=behavior", status_code=303)


@router.post("/sent/{dispatch_id}/replay")
async def replay(dispatch_id: str, agency: AgencyDep) -> Response:
    dispatch = agency.memory.dispatches.get(dispatch_id)
    if dispatch is None or dispatch.webhook_id not in agency.memory.webhooks:
        return _missing()
    agency.replay(dispatch_id)
    return RedirectResponse("/sent?done=replayed", status_code=303)


def _done(agency: Agency, claim_id: str, action: Action, done: str) -> Response:
    """Do an action and show the claim, or show why it cannot be done."""
    claim = agency.memory.claims.get(claim_id)
    if claim is None:
        return _missing()
    try:
        action(claim)
    except Refused as refused:
        words = f"{refused.field} {refused}" if refused.field == "amount" else str(refused)
        return _claim_page(agency, claim, wrong=f"Nothing was done: {words}.", status=409)
    return RedirectResponse(f"/claims/{claim_id}?done={done}", status_code=303)


def _claim_page(
    agency: Agency,
    claim: Claim,
    *,
    done: str | None = None,
    wrong: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    told = [d for d in agency.memory.dispatches.values() if d.claim_id == claim.claim_id]
    return rendered_page(
        "claim.html.j2",
        status=status,
        claim=claim,
        memory=agency.memory,
        codes=list(CloseCode),
        told=_newest(told),
        done=done,
        wrong=wrong,
    )


def _sent_page(
    agency: Agency, *, done: str | None = None, wrong: str | None = None, status: int = 200
) -> HTMLResponse:
    memory = agency.memory
    return rendered_page(
        "sent.html.j2",
        status=status,
        memory=memory,
        webhooks=list(memory.webhooks.values()),
        told=_newest(list(memory.dispatches.values())),
        done=done,
        wrong=wrong,
    )


def _newest(told: list[Dispatch]) -> list[Dispatch]:
    return told[: -_SHOWN_EVENTS - 1 : -1]


def _missing() -> HTMLResponse:
    return rendered_page("missing.html.j2", status=404)


def _amount(given: str) -> Decimal:
    try:
        return Decimal(given.strip())
    except InvalidOperation:
        raise Refused("amount", "is not a number, as 59.50") from None


def _whole(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None
