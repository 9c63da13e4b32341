"""Changes are taken from the console's own pages only, with JavaScript or without."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_HARMLESS: Final = frozenset({"GET", "HEAD"})
_REFUSAL: Final = "This was not sent from a page of the console; nothing was changed."


class Guard:
    """Refuses a change that a page of somebody else's has sent.

    A cookie alone does not tell: browsers send it along from another port of the same host, too.
    They say where a form comes from, and no page can make them say otherwise. Without a word
    about that nothing is taken.
    """

    def __init__(self, app: ASGIApp, *, console_url: str) -> None:
        self._app = app
        self._host = urlsplit(console_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _HARMLESS or self._is_own(scope):
            await self._app(scope, receive, send)
            return
        refusal = PlainTextResponse(_REFUSAL, status_code=HTTPStatus.FORBIDDEN)
        await refusal(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = urlsplit(headers.get("origin", ""))
        return bool(origin.netloc) and origin.netloc in (headers.get("host"), self._host)
