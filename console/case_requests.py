"""Sending a request to one case or to many; each case is asked once and gives its own answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from sqlmodel import col, select

from console.form_acts import act_id_of, keep_answer, known_act
from console.visitor import Visitor
from dunning.requests import RefusalReason, Verb
from models.tables import CaseRow
from starter.input.schemas import EscalateBody, HoldBody, VerbBody
from starter.intake.ask_case import ask_case
from starter.refusals import Problem
from starter.services import Services

# Each case is one transaction; with more cases the page would take minutes.
MOST: Final = 500
_LONGEST_REASON: Final = 500


class Wanted(NamedTuple):
    """A request: its verb and the values that go with it."""

    verb: Verb
    reason: str = ""
    until: str = ""
    despite_term: bool = False

    def body(self) -> VerbBody:
        """Return the request as the API's body. Raises `ValidationError`."""
        reason = self.reason.strip()[:_LONGEST_REASON] or None
        if self.verb is Verb.HOLD:
            day = self.until.strip() or None
            return HoldBody.model_validate({"reason": reason, "until": day})
        if self.verb is Verb.ESCALATE:
            return EscalateBody.model_validate(
                {"reason": reason, "despite_term": self.despite_term}
            )
        return VerbBody.model_validate({"reason": reason})


async def ask_all(
    services: Services, visitor: Visitor, case_ids: Sequence[str], wanted: Wanted, *, nonce: str
) -> str:
    """Send the request to each case and keep the answers; return the id of the act."""
    act_id = act_id_of(visitor, nonce, f"{wanted.verb}/{','.join(sorted(case_ids))}")
    if await known_act(services, visitor, act_id) is None:
        orders = await _own(services, visitor, case_ids)
        answers = [
            {"case_id": case_id, "order_id": order_id}
            | await _ask(services, visitor, case_id, wanted, key=f"{act_id}/{case_id}")
            for case_id, order_id in orders.items()
        ]
        answer = {"verb": wanted.verb, "answers": answers, "until": wanted.until}
        await keep_answer(services, visitor, act_id, answer)
    return act_id


async def _own(services: Services, visitor: Visitor, case_ids: Sequence[str]) -> Mapping[str, str]:
    """Return those cases that are the seller's, with their orders; others are left out silently."""
    query = (
        select(CaseRow.case_id, CaseRow.order_id)
        .where(CaseRow.seller_id == visitor.seller_id, col(CaseRow.case_id).in_(case_ids[:MOST]))
        .order_by(col(CaseRow.due_date), col(CaseRow.case_id))
    )
    async with services.database.reading() as session:
        return dict((await session.exec(query)).all())


async def _ask(
    services: Services, visitor: Visitor, case_id: str, wanted: Wanted, *, key: str
) -> dict[str, Any]:
    try:
        document = await ask_case(services, case_id, wanted.verb, wanted.body(), key, by=visitor.by)
    except ValidationError:
        return {"ok": False, "reason": "wrong_input"}
    except Problem as problem:
        return {"ok": False, **_why_not(problem)}
    return {"ok": True, "stage": document["stage"]}


def _why_not(problem: Problem) -> dict[str, Any]:
    """Return the contract's reason, or `day_is_past` or `not_possible` for an invalid field."""
    reason = problem.extra.get("reason")
    if reason in set(RefusalReason):
        until = problem.extra.get("possible_from")
        return {"reason": reason, "possible_from": until}
    fields = {error.field for error in problem.errors}
    return {"reason": "day_is_past" if "until" in fields else "not_possible"}


def day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
