"""A line in the log for each call that was answered, without what was asked for.

The path itself is not in it: a search names people, and who has the link of a settings page
may change the settings.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log: Final = logging.getLogger(__name__)
_OF_THE_HOUSE: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_NO_ROUTE: Final = "none"


class AccessLog:
    """Says of each call which route it took, for which ids, with which key, and how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            level = logging.DEBUG if route in _OF_THE_HOUSE else logging.INFO
            if _log.isEnabledFor(level):
                milliseconds = round((clock() - began) * 1000, 1)
                said = {"method": scope["method"], "route": route, "status": status}
                _log.log(
                    level,
                    "answered",
                    extra={**said, "milliseconds": milliseconds, **_key(scope), **_ids(scope)},
                )


def _key(scope: Scope) -> dict[str, str]:
    """The id of the key; the key itself is nowhere."""
    caller = scope.get("state", {}).get("caller")
    return {"key": caller.key_id} if caller else {}


def _ids(scope: Scope) -> dict[str, Any]:
    """Whose call it is about; what is no id is something that somebody wrote there."""
    params: Mapping[str, Any] = scope.get("path_params", {})
    return {
        name: value
        for name, value in params.items()
        if name.endswith("_id") and _ID.fullmatch(str(value))
    }
