"""Headers of every answer: the id of its request, and instructions for browsers."""

from __future__ import annotations

import re
from contextvars import ContextVar
from secrets import token_hex
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = "X-Request-ID"
# Ids that may be logged: no blanks, and no sign of an e-mail address.
_GIVEN: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,100}")
_CALLS: Final = "/v1/"
_NOT_IN_FRAMES: Final = "frame-ancestors 'none'"
_request_id: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


class ResponseHeaders:
    """Puts the request's id, given or new, into the answer, the log and every refusal.

    Also forbids caching of `/v1/` answers, guessing of media types, and framing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _GIVEN.fullmatch(given) else token_hex(16)
        _request_id.set(request_id)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Content-Security-Policy", _NOT_IN_FRAMES)
                if scope["path"].startswith(_CALLS):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, marked)


def request_id() -> str | None:
    """Return the id of the request that is being answered."""
    return _request_id.get()
