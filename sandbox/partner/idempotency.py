"""Idempotency: the same key and body always get the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from fastapi import Header, Response

from sandbox.partner.agency import Agency
from sandbox.partner.answers import answer, business_error
from sandbox.partner.claims import Json
from sandbox.partner.facts import Decided

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]


class Decision(NamedTuple):
    """The final answer to a request."""

    status: int
    answer: Json
    sent: Json


def once(
    agency: Agency,
    path: Literal["/cases", "/divisions"],
    key: str | None,
    body: bytes,
    decide: Callable[[datetime], Decision],
) -> Response:
    """Answer a request: repeat the kept answer, or decide and keep a new one.

    A request with wrong fields is refused by an exception of `decide`, and nothing is kept.
    """
    digest = hashlib.sha256(body).hexdigest()
    earlier = agency.memory.answers.get((path, key)) if key else None
    if earlier is not None:
        if earlier.body_sha256 == digest:
            return answer(earlier.answer, status=earlier.status)
        conflict = business_error("IdempotencyConflict", "The key was used with another body.")
        return answer(conflict, status=422)
    at = agency.clock()
    decision = decide(at)
    agency.decide(
        Decided(
            at=at,
            path=path,
            key=key or None,
            body_sha256=digest,
            status=decision.status,
            answer=decision.answer,
            sent=decision.sent,
        )
    )
    return answer(decision.answer, status=decision.status)
