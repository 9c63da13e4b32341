"""Lines of a file or a body: each is an order or a payment, or the reason why it is invalid."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from starter.input.strict_json import GivenTwice, NotJson, TooManyFields, read_json
from starter.refusals import (
    Problem,
    field_errors,
    given_twice,
    too_many_fields,
)

LARGEST_LINE: Final = 1_000_000

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class InputLine(Generic[Body]):
    """One line: its number, and its body or the refusal of it."""

    number: int
    parsed: Body | Problem


def json_line(number: int, text: bytes, model: type[Body]) -> InputLine[Body]:
    """Parse a line of JSON."""
    if len(text) > LARGEST_LINE:
        too_large = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The line is too large.")
        return InputLine(number, too_large)
    try:
        given = document_of_json(text, what="line")
    except Problem as problem:
        return InputLine(number, problem)
    return line_of(number, given, model)


def document_of_json(text: bytes, *, what: str) -> Any:
    """Parse a body or a line of JSON. Raises `Problem`: 400, or 422 for too many fields."""
    try:
        return read_json(text)
    except NotJson:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The {what} is not JSON.") from None
    except GivenTwice as twice:
        raise given_twice(twice.name) from None
    except TooManyFields:
        raise too_many_fields() from None


def line_of(number: int, given: Any, model: type[Body]) -> InputLine[Body]:
    """Validate the fields of a line."""
    try:
        return InputLine(number, model.model_validate(given))
    except ValidationError as error:
        return InputLine(number, field_errors(error))
