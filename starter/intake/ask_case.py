"""Asking something of a case: stop, start, escalate, hold, resume, withdraw (R15, R17 to R19)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.requests import RefusalReason, Request, Verb
from models.outbox import CaseRef
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
    """Ask something of a case: the case as it then is, or the reason why not.

    The same Idempotency-Key gets the same answer, whatever has happened since. `by` is who asks.
    """
    request = Request(verb=verb, by=by, **(body or _NOTHING_GIVEN).model_dump())
    request_id = uuid4().hex if key is None else hashlib.sha256(key.encode()).hexdigest()
    now = services.clock.now()
    decide = partial(_decide, case_id=case_id, request=request, request_id=request_id, now=now)
    decided, untold = await services.database.in_transaction(decide)
    await services.tell_soon(untold)
    if decided.status == HTTPStatus.CONFLICT:
        raise _refusal(decided.answer)
    return decided.answer


async def _decide(
    session: AsyncSession, *, case_id: str, request: Request, request_id: str, now: datetime
) -> tuple[RequestDecision, list[CaseRef]]:
    try:
        if not is_id(case_id):
            raise LookupError
        decided = await decide_request(
            session,
            case_id,
            request,
            request_id=request_id,
            at=now,
            describe=partial(_document, now=now),
        )
    except LookupError:
        raise NotFound("case") from None
    except LastDayIsPast:
        raise wrong("until", "lies in the past") from None
    except DifferentRequest:
        raise Conflict("different_content", "This Idempotency-Key was used before.") from None
    return decided, decided.untold


async def _document(session: AsyncSession, case_id: str, *, now: datetime) -> dict[str, Any]:
    document = await case_document(session, case_id, now=now)
    if document is None:
        raise LookupError(case_id)
    return document


def _refusal(answer: dict[str, Any]) -> Conflict:
    extra = {name: value for name, value in answer.items() if name != "reason"}
    reason = RefusalReason(answer["reason"])
    return Conflict(reason, reason.sentence, **extra)
