"""Many orders in one call: a line in, a line out, and a bad one stops nobody (NDJSON)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import Receive, Scope, Send

from starter.opening import open_order
from starter.problems import Problem, field_errors, problem_members
from starter.schemas import OrderBody
from starter.services import Provided, Services

router = APIRouter(prefix="/v1/orders", tags=["orders"])

NDJSON: Final = "application/x-ndjson"
_LINES_AT_ONCE: Final = 50
_LARGEST_LINE: Final = 1_000_000

Document = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of a batch: the order that it is, or why it is none."""

    number: int
    order: OrderBody | None = None
    problem: Problem | None = None


@dataclass(frozen=True)
class Accepted:
    """What became of a line."""

    line: int
    status: HTTPStatus
    members: Document
    """The answer, or the errors."""
    to_deliver: Sequence[str] = ()

    def written(self) -> str:
        document = {"line": self.line, "status": self.status.value, **self.members}
        return json.dumps(document, ensure_ascii=False) + "\n"


class _TwoStreams(StreamingResponse):
    """Answers while it is still being asked.

    The usual one waits meanwhile for the caller to hang up, and would take lines for that.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


@router.post("/batch", response_class=_TwoStreams)
async def post_batch(request: Request, services: Provided) -> StreamingResponse:
    """Open many orders; each line is answered like a call of its own, once it is committed."""
    lines = read_lines(request.stream())
    return _TwoStreams(_answers(services, lines), media_type=NDJSON)


async def _answers(services: Services, lines: AsyncIterator[Line]) -> AsyncIterator[str]:
    async for some in in_chunks(lines):
        accepted = await accept(services, some)
        await services.deliver_soon([case_id for one in accepted for case_id in one.to_deliver])
        yield "".join(one.written() for one in accepted)


async def read_lines(stream: AsyncIterator[bytes]) -> AsyncIterator[Line]:
    """The lines of a body as they come in; blank ones count, and are passed over."""
    number, rest = 0, b""
    async for part in stream:
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield read_line(number, line)
        if len(rest) > _LARGEST_LINE:
            break
    if rest.strip():
        yield read_line(number + 1, rest)


def read_line(number: int, line: bytes) -> Line:
    if len(line) > _LARGEST_LINE:
        too_large = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The line is too large.")
        return Line(number, problem=too_large)
    try:
        given = json.loads(line)
    except ValueError:
        return Line(number, problem=Problem(HTTPStatus.BAD_REQUEST, "The line is not JSON."))
    return order_line(number, given)


def order_line(number: int, given: Any) -> Line:
    """A line with an order as its fields say it."""
    try:
        return Line(number, order=OrderBody.model_validate(given))
    except ValidationError as error:
        return Line(number, problem=field_errors(error))


async def in_chunks(lines: AsyncIterator[Line]) -> AsyncIterator[list[Line]]:
    """As many lines as go into one transaction."""
    chunk: list[Line] = []
    async for line in lines:
        chunk.append(line)
        if len(chunk) == _LINES_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def accept(services: Services, lines: Sequence[Line]) -> list[Accepted]:
    """Open the orders of some lines in one transaction; those of one customer in their order.

    Without the database none of them is known to be accepted: each is answered 503.
    """
    try:
        return await services.write(partial(_accept, lines=lines, services=services))
    except SQLAlchemyError:
        unknown = Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "The outcome is not known; send the line again."
        )
        return [_refused(line.number, unknown) for line in lines]


async def _accept(
    session: AsyncSession, *, lines: Sequence[Line], services: Services
) -> list[Accepted]:
    accepted = []
    for line in _by_customer(lines):
        if line.order is None:
            assert line.problem is not None
            accepted.append(_refused(line.number, line.problem))
            continue
        try:
            opened = await open_order(session, line.order, now=services.clock.now())
        except Problem as problem:  # raised before anything of this order was written
            accepted.append(_refused(line.number, problem))
            continue
        status = HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK
        accepted.append(Accepted(line.number, status, opened.answer, opened.to_deliver))
    return sorted(accepted, key=lambda one: one.line)


def _by_customer(lines: Sequence[Line]) -> list[Line]:
    """The lines customer by customer, as in every other batch: no two wait for each other.

    Those of one customer stay in their order, and so do those that give the same order.
    """
    first: dict[tuple[str, str], str] = {}

    def turn(line: Line) -> tuple[str, str]:
        if line.order is None:
            return "", ""
        seller_id = line.order.seller_id
        key, customer_id = (seller_id, line.order.order_id), line.order.customer.customer_id
        return seller_id, first.setdefault(key, customer_id)

    return sorted(lines, key=turn)


def _refused(number: int, problem: Problem) -> Accepted:
    return Accepted(number, problem.status, problem_members(problem))
