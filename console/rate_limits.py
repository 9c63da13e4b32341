"""Limits on how often the console can be called."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from models.console.access import digest_of
from starter.refusals import Problem

_QUARTER: Final = 15
_PER_ADDRESS: Final = RateLimitItemPerMinute(3, _QUARTER)
_PER_CLIENT: Final = RateLimitItemPerMinute(10, _QUARTER)
_LINKS: Final = RateLimitItemPerMinute(30, 1)
_PAGES: Final = RateLimitItemPerMinute(600, 1)


class TooOften(Problem):
    def __init__(self, *, seconds: int) -> None:
        detail = "Too many requests; ask again a little later."
        headers = {"Retry-After": str(seconds)}
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers)


class Limits:
    """Counters of calls, kept in this process; unknown addresses are counted like known ones."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def mail_asked_for(self, request: Request, email: str) -> None:
        await self._hit(_PER_CLIENT, "client", _client(request))
        await self._hit(_PER_ADDRESS, "address", digest_of(email.strip().lower()))

    async def link_opened(self, request: Request) -> None:
        await self._hit(_LINKS, "link", _client(request))

    async def page_asked_for(self, session_id: str) -> None:
        await self._hit(_PAGES, "page", session_id)

    async def _hit(self, limit: RateLimitItem, *who: str) -> None:
        """Count one call. Raises `TooOften`."""
        if not await self._limiter.hit(limit, *who):
            raise TooOften(seconds=limit.get_expiry())


def limits_of(request: Request) -> Limits:
    found: Limits = request.app.state.console_limits
    return found


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"
