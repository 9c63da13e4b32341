"""Refusals: RFC 9457 problem details.

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

from pydantic import BaseModel, ValidationError

# Nobody reads more errors of one body.
MOST_ERRORS: Final = 50
_LONGEST_NAME: Final = 80


class FieldError(BaseModel, frozen=True):
    """What is wrong with one field; `field` is a dotted path such as `installments.0.amount`."""

    field: str
    message: str


class Problem(Exception):
    """A refusal with its status; `extra` holds further members of the answer."""

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
    """Return the refusal of one field."""
    return Invalid(FieldError(field=field, message=message))


def given_twice(field: str) -> Problem:
    """Return the refusal of a body that has a field twice."""
    twice = FieldError(field=field, message="is given twice")
    return Problem(HTTPStatus.BAD_REQUEST, "A field is given twice.", errors=[twice])


def too_many_fields() -> Invalid:
    """Return the refusal of a body with far too many fields."""
    return wrong("body", "has far more fields than there are")


def field_errors(error: ValidationError) -> Invalid:
    """Return the refusal of a body that was validated outside a route."""
    found = error.errors(include_url=False, include_input=False)
    return Invalid(*(_field_error(entry, entry["loc"]) for entry in found[:MOST_ERRORS]))


def errors_of(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Return the errors of a request's fields, as the web framework found them.

    Their places begin with the part of the request. At most `MOST_ERRORS` are returned.
    """
    return [_field_error(entry, entry["loc"][1:]) for entry in found[:MOST_ERRORS]]


def _field_error(entry: Mapping[str, Any], place: Sequence[int | str]) -> FieldError:
    field = ".".join(str(part)[:_LONGEST_NAME] for part in place)
    return FieldError(field=field or "body", message=words_of(entry))


def problem_members(problem: Problem) -> dict[str, Any]:
    """Return the members of a refusal beside its status."""
    errors = [error.model_dump() for error in problem.errors]
    return {"detail": problem.detail, "errors": errors, **problem.extra}


# The message about a field, by pydantic's type of error; {…} is a value of its context.
_WORDS: Final = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "string_type": "must be a text",
    "string_unicode": "must be a text in Unicode",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "timezone_aware": "must say its offset from UTC, as 2026-03-02T10:15:00+01:00",
}
_TIMES: Final = ("datetime_", "date_", "time_", "timezone_")


def words_of(entry: Mapping[str, Any]) -> str:
    """Return what is wrong with a field, in our words: a library's mean nothing to callers."""
    kind, beside = str(entry["type"]), entry.get("ctx") or {}
    if kind == "value_error":
        return str(beside.get("error", entry["msg"])).removeprefix("Value error, ")
    if kind in _WORDS:
        return _WORDS[kind].format(**{name: _plain(value) for name, value in beside.items()})
    if kind.startswith(_TIMES):
        return "must be a time such as 2026-03-02T10:15:00+01:00"
    return "is not valid"


def _plain(value: Any) -> str:
    return str(value).replace("'", "")
