"""The documentation of the API: OpenAPI 3.1 with an example for every call and every refusal.

The possible refusals follow from the call: one with a body can be unreadable, one with an id in its
path can name something unknown. A new route gets them without further work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from starter.openapi.described import Documented, Success, documentation_of

_PROBLEM: Final = "application/problem+json"
_SCHEMAS: Final = "#/components/schemas/"
_BODIES: Final = frozenset({400, 413, 415, 422})
_OF_EVERY_CALL: Final = frozenset({401, 403, 429, 503})

Document = dict[str, Any]

_REFUSALS: Final[dict[int, tuple[str, list[dict[str, str]]]]] = {
    400: ("The body is not JSON.", []),
    401: ("This key is not known, or was revoked.", []),
    403: ("This key may not do that.", []),
    404: ("There is no such order.", []),
    409: ("Another order has this id.", []),
    413: ("The body is too large.", []),
    415: ("The body must be application/json.", []),
    422: (
        "Some fields are wrong.",
        [
            {
                "field": "installments.0.amount",
                "message": "has more than the 2 decimal digits of EUR",
            }
        ],
    ),
    429: ("Too many requests; ask again a little later.", []),
    503: ("The outcome is not known; ask again with the same Idempotency-Key.", []),
}


def describe(app: FastAPI) -> Document:
    """Return the OpenAPI document of an application; it is built once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(_schemas(_described(app).values()))
        document["components"]["responses"] = {
            f"Refused{status}": _refusal(status, detail, errors)
            for status, (detail, errors) in _REFUSALS.items()
        }
        described = _described(app)
        for path, calls in document["paths"].items():
            for method, call in calls.items():
                _complete(path, call, described.get((method, path)))
        app.openapi_schema = document
    return app.openapi_schema


def allowed_methods(app: FastAPI, path: str) -> str:
    """Return the header `Allow` for a path: the methods of all its routes, not only the first."""
    return ", ".join(
        method.upper()
        for template, calls in describe(app)["paths"].items()
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        for method in calls
    )


def _described(app: FastAPI) -> dict[tuple[str, str], Documented]:
    """Return the documentation that the routes have, by method and path."""
    return {
        (method.lower(), context.path_format or ""): documented
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute)
        and (documented := documentation_of(route.endpoint)) is not None
        for method in route.methods or ()
    }


def _schemas(calls: Iterable[Documented]) -> Document:
    models = sorted(
        {
            success.model
            for call in calls
            for success in call.answers.values()
            if success is not None and success.model
        },
        key=lambda model: model.__name__,
    )
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template=f"{_SCHEMAS}{{model}}"
    )
    return {"Problem": _PROBLEM_SCHEMA, **definitions["$defs"]}


def _complete(path: str, call: Document, known: Documented | None) -> None:
    """Add the refusals that follow from a call, and the documentation of its route."""
    if known is not None:
        call["responses"] = {
            str(status): _success(status, success) for status, success in known.answers.items()
        }
        if known.body is not None:
            body = call.setdefault("requestBody", {"required": not known.may_be_empty})
            content = body.setdefault("content", {})
            content.setdefault(known.body_media_type, {"schema": dict(known.body_schema)})
            content[known.body_media_type]["example"] = known.body
    call["responses"].pop(str(HTTPStatus.UNPROCESSABLE_ENTITY.value), None)
    for status in sorted(_refusals_of(path, call, known)):
        if status == HTTPStatus.CONFLICT and known is not None:
            call["responses"]["409"] = _conflict(known.conflicts)
        else:
            call["responses"][str(status)] = {"$ref": f"#/components/responses/Refused{status}"}


def _refusals_of(path: str, call: Document, known: Documented | None) -> Iterator[int]:
    if call.get("security"):
        yield from _OF_EVERY_CALL
    elif path in ("/readyz", "/metrics"):
        yield 503
    elif path == "/v1/partner/webhooks":
        yield from (401, 503)
    if "requestBody" in call:
        yield from _BODIES
    if any(parameter["in"] != "path" for parameter in call.get("parameters", ())):
        yield 422
    if "{" in path or (known is not None and known.may_be_unknown):
        yield 404
    if known is not None and known.conflicts:
        yield 409


def _success(status: int, success: Success | None) -> Document:
    if success is None:
        return {"description": "Done; there is nothing to say"}
    schema: Document = {"type": "string"}
    if success.model is not None:
        schema = {"$ref": f"{_SCHEMAS}{success.model.__name__}"}
    words = "New" if status == HTTPStatus.CREATED else "Done, or known before"
    shown = {success.media_type: success.example, **success.also}
    return {
        "description": words,
        "content": {
            media_type: {"schema": schema, "example": example}
            for media_type, example in shown.items()
        },
    }


def _refusal(status: int, detail: str, errors: list[dict[str, str]]) -> Document:
    refusal = {
        "description": HTTPStatus(status).phrase,
        "content": {
            _PROBLEM: {
                "schema": {"$ref": f"{_SCHEMAS}Problem"},
                "example": _problem(status, detail, errors=errors),
            }
        },
    }
    if status in (429, 503):
        seconds = {"description": "Seconds to wait", "schema": {"type": "string"}}
        refusal["headers"] = {"Retry-After": seconds}
    return refusal


def _conflict(reasons: tuple[str, ...]) -> Document:
    schema = {
        "allOf": [
            {"$ref": f"{_SCHEMAS}Problem"},
            {"type": "object", "properties": {"reason": {"enum": list(reasons)}}},
        ]
    }
    found = {
        reason: {"value": _problem(409, "It is not possible now.", **_conflict_members(reason))}
        for reason in reasons
    }
    return {
        "description": "Not possible: " + ", ".join(reasons),
        "content": {_PROBLEM: {"schema": schema, "examples": found}},
    }


def _conflict_members(reason: str) -> Document:
    beside = {
        "option_locked": {"possible_from": "2026-05-01"},
        "term_running": {"possible_from": "2026-05-01"},
        "handed_over": {"handed_over_at": "2026-05-01T07:12:00+00:00"},
    }
    return {"reason": reason, **beside.get(reason, {})}


def _problem(status: int, detail: str, **members: Any) -> Document:
    phrase = HTTPStatus(status).phrase
    about = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
    return {**about, "errors": [], "request_id": "1f4c09e2a7", **members}


_TEXT: Final = {"type": "string"}
_PROBLEM_SCHEMA: Final[Document] = {
    "type": "object",
    "description": "RFC 9457; a 409 has a `reason`, and beside it what belongs to it.",
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "reason", "request_id"), _TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
}
