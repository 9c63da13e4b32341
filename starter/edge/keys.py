"""Access to the API: backends may do everything, sellers only what is their own.

The key is checked before anything else of a request is read. A seller's key opens a route only if
its path names this seller or one of its cases, or if the route itself filters by its caller.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from sqlmodel import select
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from models.keys import find_key
from models.tables import CaseRow
from starter.edge import problems
from starter.input.caller import Caller
from starter.input.fields import is_id
from starter.refusals import NotFound, Problem
from starter.services import Services, ServicesDep

_log: Final = logging.getLogger(__name__)
_WITH_KEY: Final = "/v1/"
# Calls to these paths are signed, and have no key.
_SIGNED: Final = frozenset({"/v1/partner/webhooks"})
_SCHEME: Final = "bearer"
_NO_KEY: Final = "Send a key: Authorization: Bearer <key>."
_WRONG_KEY: Final = "This key is not known, or was revoked."
_TOO_MANY: Final = "Too many requests; ask again a little later."
_CALLER: Final = "caller"

# For the documentation only: `KeyCheck` checks keys before routing.
documented_scheme: Final = HTTPBearer(auto_error=False, description="A key of either kind.")


class Forbidden(Problem):
    def __init__(self) -> None:
        super().__init__(HTTPStatus.FORBIDDEN, "This key may not do that.")


class KeyCheck:
    """Answers 401 to calls without a known key, and 429 to too many calls of one caller."""

    def __init__(self, app: ASGIApp, *, of_backends: int, of_sellers: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(of_backends)
        self._limit_of_sellers = RateLimitItemPerMinute(of_sellers)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _needs_key(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(scope)
        except Problem as problem:
            await problems.answer_to(problem)(scope, receive, send)
        except problems.UNREACHABLE as error:
            await problems.unreachable(error)(scope, receive, send)
        else:
            scope.setdefault("state", {})[_CALLER] = caller
            await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        token = _token(Headers(scope=scope))
        if token is None:
            await self._count(_address(scope))
            _log.warning("key_missing", extra={"address": _address(scope)})
            raise _unauthorized(_NO_KEY)
        services: Services = scope["app"].state.services
        async with services.database.reading() as session:
            key = await find_key(session, token, at=services.clock.now())
        if key is None:
            await self._count(_address(scope))
            _log.warning("key_unknown", extra={"address": _address(scope)})
            raise _unauthorized(_WRONG_KEY)
        is_seller = key.seller_id is not None
        await self._count(key.key_id, self._limit_of_sellers if is_seller else self._limit)
        return Caller(key_id=key.key_id, seller_id=key.seller_id)

    async def _count(self, who: str, limit: RateLimitItemPerMinute | None = None) -> None:
        if not await self._limiter.hit(limit or self._limit, who):
            headers = {"Retry-After": "10"}
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, _TOO_MANY, headers=headers)


def _needs_key(path: str) -> bool:
    return path.startswith(_WITH_KEY) and path not in _SIGNED


def _token(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == _SCHEME else None


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else "unknown"


def _unauthorized(detail: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})


async def _calling(request: Request) -> Caller:
    caller: Caller = getattr(request.state, _CALLER)
    return caller


CallerDep = Annotated[Caller, Depends(_calling)]


async def admitted(request: Request, caller: CallerDep, services: ServicesDep) -> None:
    """Refuse a seller's key if the path is about another seller or another's case."""
    if caller.seller_id is None:
        return
    path = request.path_params
    if "seller_id" in path:
        if path["seller_id"] != caller.seller_id:
            raise NotFound("seller")
    elif "case_id" in path:
        if not is_id(path["case_id"]):
            raise NotFound("case")
        async with services.database.reading() as session:
            query = select(CaseRow.seller_id).where(CaseRow.case_id == path["case_id"])
            if (await session.exec(query)).one_or_none() != caller.seller_id:
                raise NotFound("case")
    else:
        raise Forbidden


async def backends_only(caller: CallerDep) -> None:
    """Refuse a seller's key, also for calls about that seller."""
    if caller.seller_id is not None:
        raise Forbidden


ForBackends = Depends(backends_only)
