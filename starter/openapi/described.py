"""Documentation of a route, by `@described` right above its function.

What follows from a call alone, `starter.openapi.contract` adds: a call with a body can be
unreadable, one with an id in its path can be about something unknown.
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
    """An answer of success: a JSON document, or text of another media type."""

    example: Any
    model: type[BaseModel] | None = None
    media_type: str = JSON
    also: Mapping[str, str] = field(default_factory=dict)
    """Further media types that the call can be asked for, by example."""


@dataclass(frozen=True)
class Documented:
    """What the documentation says of a call beyond its parameters."""

    answers: Mapping[int, Success | None]
    body: Any = None
    body_media_type: str = JSON
    body_schema: Mapping[str, str] = field(default_factory=lambda: A_BODY_A_LINE)
    """For bodies of which the route says nothing."""
    may_be_empty: bool = False
    """Whether a call without a body is a call, too."""
    conflicts: tuple[str, ...] = ()
    may_be_unknown: bool = False
    """Whether it may be about something that is not there, though no id is in its path."""


_DESCRIBED: Final[dict[Callable[..., Any], Documented]] = {}


def documentation_of(endpoint: Callable[..., Any] | None) -> Documented | None:
    """The documentation of a route's function."""
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
    """Describe a route that takes a fact: 201 the first time, the same answer with 200 again."""
    return described(
        {HTTPStatus.CREATED: answer, HTTPStatus.OK: answer},
        body=body,
        conflicts=("different_content",),
        may_be_unknown=True,
    )


def described_verb(verb: Verb) -> Callable[[Endpoint], Endpoint]:
    """Describe a route that asks something of a case, with all reasons why it may refuse."""
    return described(
        {HTTPStatus.OK: Success(examples.CASE, documents.CaseDocument)},
        body=examples.VERB_BODIES[verb],
        conflicts=(*REASONS[verb], "different_content"),
    )
