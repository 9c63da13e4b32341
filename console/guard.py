"""The protection against forged requests (CSRF); it works with JavaScript and without."""

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
    """Refuses changes that another site's page has sent (CSRF).

    The cookie is not enough: browsers also send it from another port of this host.
    `Sec-Fetch-Site`, or else `Origin`, has to name the console; a request with neither is refused.
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
