"""Refusals and failures as answers, in the one form of the contract: RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from runtime.temporal import TemporalUnavailable
from starter.edge.response_headers import REQUEST_ID, request_id
from starter.openapi.contract import allowed_methods
from starter.refusals import Invalid, Problem, Unavailable, errors_of, problem_members

log = structlog.get_logger()

_MEDIA_TYPE: Final = "application/problem+json"
_RETRY_AFTER: Final = {"Retry-After": "5"}
# The database or Temporal is away, or the database accepts no writes just now.
UNREACHABLE: Final = (
    TemporalUnavailable,
    OperationalError,
    InterfaceError,
    InternalError,
    NoConnectionFree,
)


Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Answer every refusal in the one form of the contract."""
    handlers: dict[type[Exception], Handler] = {
        Problem: _problem,
        RequestValidationError: _validation,
        HTTPException: _http,
        Exception: _failed,
    }
    install_handlers(app, handlers, unreachable=_unreachable)


def install_handlers(
    app: FastAPI, handlers: Mapping[type[Exception], Handler], *, unreachable: Handler
) -> None:
    """Answer errors by their kinds; `unreachable` if the database or Temporal is away."""
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    for kind in UNREACHABLE:
        app.add_exception_handler(kind, unreachable)


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return answer_to(error)


async def _validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        return answer(HTTPStatus.BAD_REQUEST, "The body is not JSON.")
    return answer_to(Invalid(*errors_of(found)))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = allowed_methods(request.app, request.url.path)
    problem = Problem(HTTPStatus(error.status_code), error.detail, headers=headers)
    return answer_to(problem)


async def _failed(_request: Request, _error: Exception) -> JSONResponse:
    """Answer an unexpected error with 500; the server logs it."""
    failed = answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here.")
    failed.headers[REQUEST_ID] = request_id() or ""
    return failed


async def _unreachable(_request: Request, error: Exception) -> JSONResponse:
    return unreachable(error)


def unreachable(error: Exception) -> JSONResponse:
    """The answer when the database or Temporal is away."""
    log_unreachable(error)
    return answer_to(Unavailable())


def log_unreachable(error: Exception) -> None:
    log.warning("unreachable", error=type(error).__name__)


def answer(status: HTTPStatus, detail: str) -> JSONResponse:
    """Return a refusal that has no fields or reasons."""
    return answer_to(Problem(status, detail))


def answer_to(problem: Problem) -> JSONResponse:
    """Return a refusal as an answer; middlewares use it, too."""
    status = problem.status
    about = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body = {**about, **problem_members(problem), "request_id": request_id()}
    retry = _RETRY_AFTER if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(
        body,
        status_code=status,
        media_type=_MEDIA_TYPE,
        headers={**retry, **problem.headers},
    )
