"""Checks of request bodies before the routes read them: size, media type, and strict JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.edge import problems
from starter.input.ndjson import document_of_json
from starter.refusals import Problem

_JSON: Final = "application/json"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True)
class _Taken:
    """The bodies that a path accepts: media types, size, and whether it is one JSON document.

    Without `kinds` the route checks the media type itself; without `largest`, the size.
    """

    kinds: tuple[str, ...] = (_JSON,)
    largest: int | None = 64_000
    is_document: bool = True


# The first pattern that matches counts.
_ADDRESSES: Final = (
    # Read line by line, without a limit on the whole.
    (
        r"/v1/orders/batch",
        _Taken(("application/x-ndjson", "application/jsonl", _JSON), None, is_document=False),
    ),
    (r"/v1/orders", _Taken(largest=512_000)),  # hundreds of installments, each with its notices
    (r"/v1/sellers/[^/]*/settings", _Taken(largest=600_000)),  # a logo
    # A bank's file of any format; the route limits the size.
    (r"/v1/sellers/[^/]*/statements|/console/statements", _Taken((), None, is_document=False)),
    # Events may have a media type of their own; the route needs the bytes as they were signed.
    (
        r"/v1/partner/webhooks",
        _Taken((_JSON, "application/cloudevents+json"), 512_000, is_document=False),
    ),
    (r"/v1/.*", _Taken()),
    (r"/settings/.*", _Taken((), 4_000, is_document=False)),
    (r".*", _Taken((), 1_000_000, is_document=False)),
)


class BodyCheck:
    """Refuses bodies that are not JSON, and stops reading those that are too large.

    The bytes are counted while reading: a chunked body does not state its length.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        taken = _taken_at(scope["path"])
        headers = Headers(scope=scope)
        try:
            if _has_body(headers) and taken.kinds and _media_type(headers) not in taken.kinds:
                detail = f"The body must be {taken.kinds[0]}."
                raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
            if taken.largest is not None:
                receive = await _read(receive, taken, taken.largest)
        except Problem as problem:
            await problems.answer_to(problem)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _taken_at(path: str) -> _Taken:
    return next(taken for pattern, taken in _ADDRESSES if re.fullmatch(pattern, path, re.DOTALL))


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


async def _read(receive: Receive, taken: _Taken, largest: int) -> Receive:
    """Read a body, and return a `receive` that gives it out again. Raises `Problem`."""
    parts: list[bytes] = []
    size = 0
    last: Message | None = None
    while last is None or last.get("more_body"):
        last = await receive()
        if last["type"] != "http.request":
            break  # the caller has disconnected
        part = last.get("body", b"")
        size += len(part)
        if size > largest:
            detail = f"The body is too large: {largest} bytes are taken here."
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        parts.append(part)
    body = b"".join(parts)
    if taken.is_document and body:
        document_of_json(body, what="body")
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if last["type"] != "http.request":
        given = [last]

    async def again() -> Message:
        return given.pop() if given else await receive()

    return again
