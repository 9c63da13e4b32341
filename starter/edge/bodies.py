"""The bodies of requests, before the routes read them: JSON, and not too much of it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.edge import problems

_LARGEST_BODY: Final = 1_000_000
_CALLS: Final = "/v1/"
# Read line by line, however many there are.
_BATCHES: Final = frozenset({"/v1/orders/batch"})
_DOCUMENT: Final = ("application/json",)
_LINES: Final = ("application/x-ndjson", "application/jsonl", "application/json")
# Events may say what they are.
_EVENTS: Final = frozenset({"/v1/partner/webhooks"})
_EVENT: Final = ("application/json", "application/cloudevents+json")
# Files of banks, which say of themselves what they want.
_FILE: Final = re.compile(r"/v1/sellers/[^/]+/statements")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


class BodyCheck:
    """Refuses what is no JSON before it is read, and stops reading what is too large.

    The bytes are counted as they come: a body sent in chunks does not say its length.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"]
        if _FILE.fullmatch(path):
            await self._app(scope, receive, send)  # the route counts the bytes
            return
        is_batch = path in _BATCHES
        taken = _LINES if is_batch else _EVENT if path in _EVENTS else _DOCUMENT
        if path.startswith(_CALLS) and _has_body(headers) and _media_type(headers) not in taken:
            detail = f"The body must be {taken[0]}."
            refusal = problems.answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive if is_batch else _counted(receive), send)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _counted(receive: Receive) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > _LARGEST_BODY:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise HTTPException(status, "The body is too large.")
        return message

    return counted
