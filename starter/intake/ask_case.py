"""Asking something of a case: stop, start, escalate, hold, resume, withdraw (R15, R17 to R19)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.requests import RefusalReason, Request, Verb
from models.queries import case_document
from models.requests import DifferentRequest, LastDayIsPast, RequestDecision, decide_request
from starter.input.fields import is_id
from starter.input.schemas import VerbBody
from starter.refusals import Conflict, NotFound, wrong
from starter.services import Services

_NOTHING_GIVEN: Final = VerbBody()


async def ask_case(
    services: Services,
    case_id: str,
    verb: Verb,
    body: VerbBody | None,
    key: str | None,
    *,
    by: str | None = None,
) -> dict[str, Any]:
    """Ask something of a case; return the case afterwards. Raises `Conflict` if it refuses.

    The same Idempotency-Key gets the same answer, whatever has happened since. `by` is who asks.
    """
    request = Request(verb=verb, by=by, **(body or _NOTHING_GIVEN).model_dump())
    request_id = uuid4().hex if key is None else hashlib.sha256(key.encode()).hexdigest()
    now = services.clock.now()
    decide = partial(_decide, case_id=case_id, request=request, request_id=request_id, now=now)
    decided = await services.database.in_transaction(decide)
    await services.send_plans_soon(decided.unsent)
    if not decided.is_granted:
        raise _refusal(decided.kept.answer)
    return decided.kept.answer


async def _decide(
    session: AsyncSession, *, case_id: str, request: Request, request_id: str, now: datetime
) -> RequestDecision:
    """Decide the request, and keep the answer with the decision."""
    try:
        if not is_id(case_id):
            raise LookupError
        decided = await decide_request(session, case_id, request, request_id=request_id, at=now)
    except LookupError:
        raise NotFound("case") from None
    except LastDayIsPast:
        raise wrong("until", "lies in the past") from None
    except DifferentRequest:
        raise Conflict("different_content", "This Idempotency-Key was used before.") from None
    is_new = decided.plan is not None
    if is_new and decided.is_granted:
        document = await case_document(session, case_id, now=now)
        assert document is not None
        decided.kept.answer = document
    return decided


def _refusal(answer: dict[str, Any]) -> Conflict:
    extra = {name: value for name, value in answer.items() if name != "reason"}
    reason = RefusalReason(answer["reason"])
    return Conflict(reason, reason.sentence, **extra)
