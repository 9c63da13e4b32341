"""What a caller is told when something is not possible: RFC 9457 problem details.

Problem                 with its status
    NotFound            404, unknown or somebody else's
    Invalid             422, with the fields that are wrong
    Conflict            409, with one of the reasons of the contract
    Unavailable         503, ask again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from runtime.temporal import CasesUnavailable
from starter.contract import allowed_methods

log = structlog.get_logger()

_MEDIA_TYPE: Final = "application/problem+json"
_RETRY_AFTER: Final = {"Retry-After": "5"}
# The database or Temporal is away, or the database takes nothing just now.
UNREACHABLE: Final = (
    CasesUnavailable,
    OperationalError,
    InterfaceError,
    InternalError,
    NoConnectionFree,
)


class FieldError(BaseModel, frozen=True):
    """What is wrong with one field; `field` is dotted: `installments.0.amount`."""

    field: str
    message: str


class Problem(Exception):
    """A refusal with its status; `extra` are further members of the answer."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


class NotFound(Problem):
    def __init__(self, what: str) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


class Invalid(Problem):
    def __init__(self, *errors: FieldError) -> None:
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, "Some fields are wrong.", errors=errors)


class Conflict(Problem):
    def __init__(self, reason: str, detail: str, **extra: Any) -> None:
        super().__init__(HTTPStatus.CONFLICT, detail, extra={"reason": reason, **extra})


class Unavailable(Problem):
    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The outcome is not known; ask again with the same Idempotency-Key.",
        )


def wrong(field: str, message: str) -> Invalid:
    """The refusal of one field."""
    return Invalid(FieldError(field=field, message=message))


def install(app: FastAPI) -> None:
    """Answer every refusal in the one form of the contract."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for kind in UNREACHABLE:
        app.add_exception_handler(kind, _unreachable)


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return answer_to(error)


async def _validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        return answer(HTTPStatus.BAD_REQUEST, "The body is not JSON.")
    errors = [FieldError(field=_field(entry["loc"]), message=_words(entry)) for entry in found]
    return answer_to(Invalid(*errors))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = allowed_methods(request.app, request.url.path)
    problem = Problem(HTTPStatus(error.status_code), error.detail, headers=headers)
    return answer_to(problem)


async def _unreachable(_request: Request, error: Exception) -> JSONResponse:
    return unreachable(error)


def unreachable(error: Exception) -> JSONResponse:
    """The answer when the database or Temporal is away."""
    log.warning("unreachable", error=type(error).__name__)
    return answer_to(Unavailable())


def answer(status: HTTPStatus, detail: str) -> JSONResponse:
    """A refusal that needs no further words."""
    return answer_to(Problem(status, detail))


def field_errors(error: ValidationError) -> Invalid:
    """What is wrong with which field of a body that was read outside a route."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return Invalid(
        *(
            FieldError(field=".".join(map(str, entry["loc"])) or "body", message=_words(entry))
            for entry in found
        )
    )


def problem_members(problem: Problem) -> dict[str, Any]:
    """What is said of a refusal beside its status."""
    errors = [error.model_dump() for error in problem.errors]
    return {"detail": problem.detail, "errors": errors, **problem.extra}


def answer_to(problem: Problem) -> JSONResponse:
    """A refusal as it is answered, also from before the routes."""
    status = problem.status
    about = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body = {**about, **problem_members(problem)}
    retry = _RETRY_AFTER if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(
        body,
        status_code=status,
        media_type=_MEDIA_TYPE,
        headers={**retry, **problem.headers},
    )


def _field(location: Sequence[int | str]) -> str:
    """The dotted path of a field, without the word for the part of the request."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _words(entry: Mapping[str, Any]) -> str:
    message = str(entry["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
