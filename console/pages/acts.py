"""Requests from the board: for one case by the button in its row, or for all chosen cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import QueryParams

from console.case_requests import MOST, Wanted, ask_all
from console.filters import BoardQuery
from console.form_acts import Nonce, back_to
from console.rendering import page
from console.visitor import Visitor, VisitorDep
from dunning.requests import Verb
from models.lists import positions
from starter.refusals import NotFound
from starter.services import Services, ServicesDep

router = APIRouter()


class ActForm(BaseModel):
    """The board's form: the button of one row, or a verb for the chosen cases.

    `one` is a verb and a case, as `stop/q6bhvipyzlbvbty7`. `all` means every case that matches
    `query`; the page asks for confirmation unless `sure` is set.
    """

    nonce: Nonce
    verb: str = ""
    one: str = ""
    case: list[str] = Field(default_factory=list)
    all: bool = False
    query: Annotated[str, Field(max_length=2000)] = ""
    until: Annotated[str, Field(max_length=20)] = ""
    reason: Annotated[str, Field(max_length=500)] = ""
    sure: bool = False
    back: Annotated[str, Field(max_length=500)] = ""


@router.post("/cases/acts")
async def act(
    request: Request,
    visitor: VisitorDep,
    services: ServicesDep,
    sent: Annotated[ActForm, Form()],
) -> Response:
    """Send the request to each case and show the answers; a form sent again changes nothing."""
    asked_of_one, _, case_id = sent.one.partition("/")
    wanted = Wanted(_verb(asked_of_one or sent.verb), sent.reason, sent.until)
    filtered = f"/console/cases?{sent.query}" if sent.query else "/console/cases"
    case_ids = [case_id] if asked_of_one else sent.case
    if not asked_of_one and sent.all:
        case_ids = await _filtered(services, visitor, sent.query)
        if not sent.sure:
            return page(
                request,
                "board/sure.html.j2",
                visitor=visitor,
                wanted=wanted,
                count=len(case_ids),
                most=MOST,
                query=sent.query,
                form_nonce=sent.nonce,
            )
    act_id = await ask_all(services, visitor, case_ids[:MOST], wanted, nonce=sent.nonce)
    return back_to(sent.back or filtered, act_id, anchor="#answer")


def _verb(name: str) -> Verb:
    if name not in set(Verb):
        raise NotFound("request")
    return Verb(name)


async def _filtered(services: Services, visitor: Visitor, query: str) -> list[str]:
    """Return the cases that match a query now, at most one more than a request takes."""
    wanted = BoardQuery.of(QueryParams(query)).filter(visitor.caller)
    async with services.database.reading() as session:
        found = await positions(session, wanted, limit=MOST + 1, after=None)
    return [position.case_id for position in found]
