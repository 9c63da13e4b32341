"""Something is asked of cases: of one by the button in its row, or of all that are chosen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.datastructures import QueryParams

from console.asking import MOST, Wanted, ask_all
from console.doing import back_to
from console.filters import BoardQuery
from console.rendering import page
from console.visitor import Visitor, VisitorDep
from dunning.requests import Verb
from models.lists import positions
from starter.refusals import NotFound
from starter.services import Services, ServicesDep

router = APIRouter()


@router.post("/cases/acts")
async def act(
    request: Request,
    visitor: VisitorDep,
    services: ServicesDep,
    nonce: Annotated[str, Form(min_length=8, max_length=80)],
    verb: Annotated[str, Form()] = "",
    one: Annotated[str, Form()] = "",
    case: Annotated[list[str] | None, Form()] = None,
    all_filtered: Annotated[bool, Form(alias="all")] = False,
    query: Annotated[str, Form(max_length=2000)] = "",
    until: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    sure: Annotated[bool, Form()] = False,
    back: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Ask it of each case, and show the answer of each; sent again, nothing is asked again."""
    asked_of_one, _, case_id = one.partition("/")
    wanted = Wanted(_verb(asked_of_one or verb), reason, until)
    return_path = back or (f"/console/cases?{query}" if query else "/console/cases")
    case_ids = [case_id] if asked_of_one else list(case or ())
    if not asked_of_one and all_filtered:
        case_ids = await _filtered(services, visitor, query)
        if not sure:
            return page(
                request,
                "board/sure.html.j2",
                visitor=visitor,
                wanted=wanted,
                count=len(case_ids),
                most=MOST,
                query=query,
                form_nonce=nonce,
            )
    act_id = await ask_all(services, visitor, case_ids[:MOST], wanted, nonce=nonce)
    return back_to(return_path, act_id, anchor="#answer")


def _verb(name: str) -> Verb:
    if name not in set(Verb):
        raise NotFound("request")
    return Verb(name)


async def _filtered(services: Services, visitor: Visitor, query: str) -> list[str]:
    """All cases of a view, read again: the page may be older; some more than are asked."""
    wanted = BoardQuery.of(QueryParams(query)).filter(visitor.caller)
    async with services.database.reading() as session:
        found = await positions(session, wanted, limit=MOST + 1, after=None)
    return [position.case_id for position in found]
