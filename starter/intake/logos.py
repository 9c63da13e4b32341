"""Sellers' logos: each is drawn once, and the drawing is stored (R25)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Final

from starlette.types import Receive

from adapters.branding.brand_look import closed, kept_logo, opened
from adapters.branding.drawing_process import DrawingDelayed, draw
from adapters.branding.images import BrokenImage
from runtime.turns import TooBusy, Turns
from starter.refusals import Problem, wrong

_AT_ONCE: Final = 2
_WAIT_SECONDS: Final = 10
_DISCONNECTED: Final = "http.disconnect"


class Logos:
    """Draws logos: a few at a time, and only one for each seller."""

    def __init__(self) -> None:
        self._turns = Turns(_AT_ONCE, wait_seconds=_WAIT_SECONDS)
        self._sellers: set[str] = set()

    async def drawn(self, seller_id: str, data_url: str, *, kept: str | None) -> str:
        """Draw a given logo and return what is stored.

        `kept` is the stored logo: given again, it stays. Raises `Problem`: 422 for an image that
        cannot be used, 503 while too many are drawn.
        """
        if data_url == kept and kept_logo(kept):
            return kept
        if seller_id in self._sellers:
            raise _busy("A logo of this seller is being drawn.")
        self._sellers.add(seller_id)
        try:
            async with self._turns.turn():
                return closed(await draw(*opened(data_url)))
        except BrokenImage as broken:
            raise wrong("brand.logo", str(broken)) from None
        except (TooBusy, DrawingDelayed):
            raise _busy("Too many logos are being drawn.") from None
        finally:
            self._sellers.discard(seller_id)


async def while_connected(receive: Receive, work: Coroutine[Any, Any, str]) -> str:
    """Return the result of some work; cancel it if the caller disconnects.

    `receive` is that of a request whose body was read.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Problem(HTTPStatus.BAD_REQUEST, "The caller is gone; nothing was changed.")
        return await working
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != _DISCONNECTED:
        pass


def _busy(why: str) -> Problem:
    detail = f"{why} Nothing was changed; ask again."
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
