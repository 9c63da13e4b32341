"""Observers of calls: the log and the metrics get every call once it was answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NO_ROUTE: Final = "none"


@dataclass(frozen=True)
class Answered:
    """A call that was answered: its route (as a template), its status, and its duration."""

    scope: Scope
    route: str
    status: int
    seconds: float


class Observed:
    """Calls observers after every answer; a call that fails before it answers counts as a 500."""

    def __init__(self, app: ASGIApp, *, observers: Sequence[Callable[[Answered], None]]) -> None:
        self._app = app
        self._observers = tuple(observers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        clock = asyncio.get_running_loop().time
        began = clock()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            answered = Answered(scope, route, status, clock() - began)
            for observe in self._observers:
                observe(answered)
