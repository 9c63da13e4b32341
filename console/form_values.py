"""What forms and addresses of pages give: page numbers, postal addresses, refused fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from starter.refusals import FieldError, Problem, field_errors

ADDRESS: Final = ("street", "postal_code", "city", "region", "country")
_MOST_PAGES: Final = 10_000


def page_number(text: str) -> int:
    """Return the number of a page; 1 if the text is none."""
    return min(int(text), _MOST_PAGES) if text.isdecimal() and int(text) else 1


def address_in(values: Mapping[str, str]) -> dict[str, str | None]:
    """Return the postal address of a form; an empty field is None."""
    address = {name: values[name] or None for name in ADDRESS}
    if address["country"]:
        address["country"] = address["country"].upper()
    return address


def refused_fields(error: ValidationError | Problem) -> tuple[FieldError, ...]:
    """Return the fields that were refused. Raises the problem if it names none."""
    problem = field_errors(error) if isinstance(error, ValidationError) else error
    if not problem.errors:
        raise problem
    return tuple(problem.errors)
