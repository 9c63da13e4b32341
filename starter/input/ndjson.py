"""Lines that each say one thing, an order or a payment, or why they do not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from starter.refusals import Problem, field_errors

LARGEST_LINE: Final = 1_000_000

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Line(Generic[Body]):
    """One of many: its number, and what it says or why it says nothing."""

    number: int
    said: Body | Problem


def json_line(number: int, text: bytes, model: type[Body]) -> Line[Body]:
    """A line of JSON."""
    if len(text) > LARGEST_LINE:
        too_large = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The line is too large.")
        return Line(number, too_large)
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return Line(number, Problem(HTTPStatus.BAD_REQUEST, "The line is not JSON."))
    return line_of(number, given, model)


def line_of(number: int, given: Any, model: type[Body]) -> Line[Body]:
    """A line by its fields."""
    try:
        return Line(number, model.model_validate(given))
    except ValidationError as error:
        return Line(number, field_errors(error))
