"""Many orders in one call (NDJSON): each line gets an answer; a bad one does not stop others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect

from starter.edge.relay import RelayedAnswer
from starter.input.ndjson import LARGEST_LINE, InputLine, json_line
from starter.input.schemas import OrderBody
from starter.intake.batch_writes import Accepted, Outcome, write_lines
from starter.intake.open_orders import open_orders
from starter.openapi import examples
from starter.openapi.described import Success, described
from starter.refusals import Problem, problem_members
from starter.services import Services, ServicesDep

log = structlog.get_logger()

router = APIRouter(prefix="/v1/orders", tags=["orders"])

_NDJSON: Final = "application/x-ndjson"
_LINES_AT_ONCE: Final = 100

OrderLine = InputLine[OrderBody]


@router.post("/batch", response_class=Response)
@described(
    {200: Success(examples.BATCH, media_type="application/x-ndjson")},
    body=examples.BATCH_BODY,
    body_media_type="application/x-ndjson",
    may_be_empty=True,
)
async def post_batch(request: Request, services: ServicesDep) -> RelayedAnswer:
    """Open many orders; each line is answered like a call of its own, once it is committed."""
    return RelayedAnswer(_answers(services, request.stream()), media_type=_NDJSON)


async def _answers(services: Services, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the answers to some lines at a time; once the database is away, stop asking it."""
    is_away = False
    async for lines in read_lines(body):
        try:
            outcomes = _unknown(lines) if is_away else await _accept(services, lines)
        except SQLAlchemyError as error:
            log.warning("unreachable", error=type(error).__name__)
            is_away = True
            outcomes = _unknown(lines)
        # If all lines were refused, nothing was awaited: let other calls run.
        await asyncio.sleep(0)
        answers = zip(lines, outcomes, strict=True)
        yield "".join(_written(line.number, outcome) for line, outcome in answers).encode()


async def _accept(services: Services, lines: Sequence[OrderLine]) -> list[Outcome]:
    """Open the orders of some lines in one transaction, then send the plans of their cases."""
    now = services.clock.now()
    outcomes = await write_lines(services.database.in_transaction, open_orders, lines, now=now)
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    await services.send_plans_soon([case for one in accepted for case in one.unsent])
    return outcomes


def _unknown(lines: Sequence[OrderLine]) -> list[Outcome]:
    """Return outcomes without the database: invalid lines get their error, others are unknown."""
    unknown = Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "The outcome is not known; send the line again."
    )
    return [line.parsed if isinstance(line.parsed, Problem) else unknown for line in lines]


async def read_lines(body: AsyncIterator[bytes]) -> AsyncIterator[list[OrderLine]]:
    """Yield the lines that have arrived, up to as many as go into one transaction.

    Blank lines are counted, and skipped.
    """
    read = 0
    async for texts in _split(body):
        numbers = range(read + 1, read + len(texts) + 1)
        read += len(texts)
        lines = [
            json_line(number, text, OrderBody)
            for number, text in zip(numbers, texts, strict=True)
            if text.strip()
        ]
        if lines:
            yield lines


async def _split(body: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Yield the complete lines of each part that arrives, and at the end the rest."""
    rest = b""
    try:
        async for part in body:
            *whole, rest = (rest + part).split(b"\n")
            rest = rest[: LARGEST_LINE + 1]  # enough to refuse a line that is too large
            for start in range(0, len(whole), _LINES_AT_ONCE):
                yield whole[start : start + _LINES_AT_ONCE]
    except ClientDisconnect:
        return
    yield [rest]


def _written(number: int, outcome: Outcome) -> str:
    members: dict[str, Any]
    if isinstance(outcome, Problem):
        status, members = outcome.status, problem_members(outcome)
    else:
        status = HTTPStatus.CREATED if outcome.is_new else HTTPStatus.OK
        members = outcome.answer
    document = {"line": number, "status": status.value, **members}
    return json.dumps(document, ensure_ascii=False) + "\n"
