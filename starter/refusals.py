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
from typing import Any

from pydantic import BaseModel, ValidationError


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


def field_errors(error: ValidationError) -> Invalid:
    """What is wrong with which field of a body that was read outside a route."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return Invalid(
        *(
            FieldError(field=".".join(map(str, entry["loc"])) or "body", message=words_of(entry))
            for entry in found
        )
    )


def problem_members(problem: Problem) -> dict[str, Any]:
    """What is said of a refusal beside its status."""
    errors = [error.model_dump() for error in problem.errors]
    return {"detail": problem.detail, "errors": errors, **problem.extra}


def words_of(entry: Mapping[str, Any]) -> str:
    """What pydantic says of a field, as part of a sentence."""
    message = str(entry["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
