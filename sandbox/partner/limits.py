"""The largest size of a request."""

from __future__ import annotations

from typing import Final

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_FILE: Final = 25 * 2**20
_LARGEST_BODY: Final = LARGEST_FILE + 2**20


class BodyLimit:
    """A middleware that refuses too large a body. It counts bytes, and trusts no header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > _LARGEST_BODY:
                raise HTTPException(413, "The body is too large.")
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)
