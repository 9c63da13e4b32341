"""The documentation of a route, written as `@described` directly above its function.

`starter.openapi.contract` adds what follows from the call: one with a body can be unreadable, one
with an id in its path can name something unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from dunning.requests import REASONS, Verb
from starter.openapi import documents, examples

JSON: Final = "application/json"
A_BODY_A_LINE: Final[Mapping[str, str]] = {
    "description": "Each line is the body of a call of its own."
}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True)
class Success:
    """The answer of a successful call: a JSON document, or text of another media type."""

    example: Any
    model: type[BaseModel] | None = None
    media_type: str = JSON
    also: Mapping[str, str] = field(default_factory=dict)
    """Further media types that the call offers, each with an example."""


@dataclass(frozen=True)
class Documented:
    """The documentation of a call beyond its parameters."""

    answers: Mapping[int, Success | None]
    body: Any = None
    body_media_type: str = JSON
    body_schema: Mapping[str, str] = field(default_factory=lambda: A_BODY_A_LINE)
    """Used if the route does not describe its body."""
    may_be_empty: bool = False
    """Whether the call may have no body."""
    conflicts: tuple[str, ...] = ()
    may_be_unknown: bool = False
    """Whether it can name something unknown although its path has no id."""


_DESCRIBED: Final[dict[Callable[..., Any], Documented]] = {}


def documentation_of(endpoint: Callable[..., Any] | None) -> Documented | None:
    """Return the documentation of a route's function; None if it has none."""
    return None if endpoint is None else _DESCRIBED.get(endpoint)


def described(
    answers: Mapping[int, Success | None], **further: Any
) -> Callable[[Endpoint], Endpoint]:
    """Describe a route: its answers of success by status, and the other fields of `Documented`."""

    def remember(endpoint: Endpoint) -> Endpoint:
        _DESCRIBED[endpoint] = Documented(answers, **further)
        return endpoint

    return remember


def described_as_fact(answer: Success, body: Any) -> Callable[[Endpoint], Endpoint]:
    """Describe a route that takes a fact: 201 the first time, then 200 with the same answer."""
    return described(
        {HTTPStatus.CREATED: answer, HTTPStatus.OK: answer},
        body=body,
        conflicts=("different_content",),
        may_be_unknown=True,
    )


def described_verb(verb: Verb) -> Callable[[Endpoint], Endpoint]:
    """Describe a route that sends a request to a case, with all reasons for which it may refuse."""
    return described(
        {HTTPStatus.OK: Success(examples.CASE, documents.CaseDocument)},
        body=examples.VERB_BODIES[verb],
        conflicts=(*REASONS[verb], "different_content"),
    )
