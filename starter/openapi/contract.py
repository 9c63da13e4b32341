"""The documentation of the API: OpenAPI 3.1 with an example for every call and every refusal.

Which refusals a call may give follows from the call: one with a body can be unreadable, one
with an id in its path can be about something unknown. A route added later gets them by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.partner.debitura.webhooks import EXAMPLE as PARTNER_EVENT
from starter.openapi import documents, examples

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_SCHEMAS: Final = "#/components/schemas/"
_VERBS: Final = ("stop", "start", "escalate", "hold", "resume", "withdraw")
_BODIES: Final = frozenset({400, 413, 415, 422})
_OF_EVERY_CALL: Final = frozenset({401, 403, 429, 503})

Document = dict[str, Any]
_A_BODY_A_LINE: Final = {"description": "Each line is the body of a call of its own."}
_A_FILE: Final = {
    "type": "string",
    "format": "binary",
    "description": "CAMT.052, .053 or .054, MT940, CSV or a cartola, also in a ZIP; 20 MB at most.",
}


@dataclass(frozen=True)
class Success:
    """An answer of success: a JSON document, or text of another media type."""

    example: Any
    model: type[BaseModel] | None = None
    media_type: str = _JSON
    also: Mapping[str, str] = field(default_factory=dict)
    """Further media types that the call can be asked for, by example."""


@dataclass(frozen=True)
class Documented:
    """What the documentation says of a call beyond its parameters."""

    answers: Mapping[int, Success | None]
    body: Any = None
    body_media_type: str = _JSON
    body_schema: Mapping[str, str] = field(default_factory=lambda: _A_BODY_A_LINE)
    """For bodies of which the route says nothing."""
    may_be_empty: bool = False
    """Whether a call without a body is a call, too."""
    conflicts: tuple[str, ...] = ()
    may_be_unknown: bool = False
    """Whether it may be about something that is not there, though no id is in its path."""


def _once_or_again(told: Success, body: Any, **how: Any) -> Documented:
    return Documented(
        answers={201: told, 200: told},
        body=body,
        conflicts=("different_content",),
        may_be_unknown=True,
        **how,
    )


def _verb(name: str) -> Documented:
    reasons = {
        "stop": ("handoff_begun", "handed_over", "ended"),
        "start": ("not_stopped", "ended", "handed_over", "handoff_begun"),
        "escalate": (
            *("final_notice_not_sent", "address_incomplete", "no_collection", "on_hold"),
            *("handoff_begun", "handed_over", "ended"),
        ),
        "hold": ("handoff_begun", "handed_over", "ended"),
        "resume": ("not_on_hold", "handoff_begun", "handed_over", "ended"),
        "withdraw": ("not_handed_over", "handoff_begun", "ended"),
    }
    return Documented(
        answers={200: Success(examples.CASE, documents.CaseDocument)},
        body=examples.HOLD_BODY if name == "hold" else {},
        conflicts=(*reasons[name], "different_content"),
    )


_CALLS: Final[dict[tuple[str, str], Documented]] = {
    ("put", "/v1/sellers/{seller_id}"): Documented(
        {
            status: Success(examples.SELLER, documents.SellerDocument)
            for status in (HTTPStatus.CREATED, HTTPStatus.OK)
        },
        body=examples.SELLER_BODY,
    ),
    ("get", "/v1/sellers/{seller_id}"): Documented(
        {200: Success(examples.SELLER, documents.SellerDocument)}
    ),
    ("patch", "/v1/sellers/{seller_id}/settings"): Documented(
        {200: Success(examples.SETTINGS, documents.SettingsDocument)},
        body=examples.SETTINGS_BODY,
        conflicts=("option_locked",),
    ),
    ("get", "/v1/customers/{seller_id}/{customer_id}"): Documented(
        {200: Success(examples.CUSTOMER, documents.CustomerDocument)}
    ),
    ("patch", "/v1/customers/{seller_id}/{customer_id}"): Documented(
        {200: Success(examples.CUSTOMER, documents.CustomerDocument)}, body=examples.CUSTOMER_BODY
    ),
    ("post", "/v1/orders"): _once_or_again(
        Success(examples.OPENED_ORDER, documents.OpenedOrder), examples.ORDER_BODY
    ),
    ("post", "/v1/orders/batch"): Documented(
        {200: Success(examples.BATCH, media_type="application/x-ndjson")},
        body=examples.BATCH_BODY,
        body_media_type="application/x-ndjson",
        may_be_empty=True,
    ),
    ("get", "/v1/orders/{seller_id}/{order_id}"): Documented(
        {200: Success(examples.ORDER, documents.OrderDocument)}
    ),
    ("post", "/v1/orders/{seller_id}/{order_id}/cancel"): Documented(
        {200: Success(examples.CANCELED_ORDER, documents.CanceledOrder)}, body={}
    ),
    ("post", "/v1/payments"): _once_or_again(
        Success(examples.PAYMENT, documents.PaymentDocument), examples.PAYMENT_BODY
    ),
    ("post", "/v1/payments/{payment_id}/chargebacks"): _once_or_again(
        Success(examples.CHARGEBACK, documents.ChargebackDocument), examples.CHARGEBACK_BODY
    ),
    ("get", "/v1/cases"): Documented(
        {200: Success(examples.CASE_PAGE, documents.CasePage)}, may_be_unknown=True
    ),
    ("get", "/v1/cases.csv"): Documented(
        {200: Success(examples.CSV, media_type="text/csv")}, may_be_unknown=True
    ),
    ("get", "/v1/cases/{case_id}"): Documented(
        {200: Success(examples.CASE, documents.CaseDocument)}
    ),
    **{("post", f"/v1/cases/{{case_id}}/{verb}"): _verb(verb) for verb in _VERBS},
    ("get", "/v1/cases/{case_id}/messages/{message_id}"): Documented(
        {200: Success(examples.MESSAGE, media_type="message/rfc822", also=examples.PARTS)}
    ),
    ("get", "/v1/sellers/{seller_id}/preview/{kind}"): Documented(
        {200: Success(examples.PREVIEW, media_type="text/html", also=examples.OTHER_PARTS)}
    ),
    ("post", "/v1/sellers/{seller_id}/statements"): Documented(
        {
            status: Success(examples.STATEMENT_TAKEN, documents.StatementTaken)
            for status in (HTTPStatus.CREATED, HTTPStatus.OK)
        },
        body=examples.STATEMENT_BODY,
        body_media_type="application/octet-stream",
        body_schema=_A_FILE,
    ),
    ("get", "/v1/sellers/{seller_id}/statements"): Documented(
        {200: Success(examples.STATEMENTS, documents.Statements)}
    ),
    ("get", "/v1/sellers/{seller_id}/statements/{statement_id}"): Documented(
        {200: Success(examples.STATEMENT, documents.StatementDocument)}
    ),
    ("post", "/v1/sellers/{seller_id}/statements/{statement_id}/book"): Documented(
        {200: Success(examples.STATEMENT_BOOKED, documents.StatementDocument)}, body={}
    ),
    ("post", "/v1/sellers/{seller_id}/lines/{line_id}/book"): Documented(
        {200: Success(examples.BOOKED_LINE, documents.StatementLineDocument)},
        body=examples.BOOK_BODY,
        conflicts=("different_content",),
    ),
    ("post", "/v1/sellers/{seller_id}/lines/{line_id}/aside"): Documented(
        {200: Success(examples.ASIDE_LINE, documents.StatementLineDocument)},
        body=examples.ASIDE_BODY,
        conflicts=("different_content",),
    ),
    ("post", "/v1/sellers/{seller_id}/lines/{line_id}/take_back"): Documented(
        {200: Success(examples.LINE, documents.StatementLineDocument)}, body={}
    ),
    ("post", "/v1/partner/webhooks"): Documented(
        {200: Success(examples.PARTNER_EVENT_TAKEN, documents.PartnerEventTaken)},
        body=PARTNER_EVENT,
        may_be_unknown=True,
    ),
    ("post", "/v1/webhook_endpoints"): Documented(
        {201: Success(examples.NEW_ENDPOINT, documents.NewWebhookEndpoint)},
        body=examples.ENDPOINT_BODY,
    ),
    ("get", "/v1/webhook_endpoints"): Documented(
        {200: Success(examples.ENDPOINTS, documents.WebhookEndpoints)}
    ),
    ("delete", "/v1/webhook_endpoints/{endpoint_id}"): Documented({204: None}),
    ("post", "/v1/webhook_endpoints/{endpoint_id}/replay"): Documented(
        {202: Success(examples.REPLAYED, documents.Replayed)}, body=examples.REPLAY_BODY
    ),
    ("get", "/healthz"): Documented({200: Success(examples.ALIVE, documents.Alive)}),
    ("get", "/readyz"): Documented({200: Success(examples.READY, documents.Readiness)}),
    ("get", "/metrics"): Documented({200: Success(examples.METRICS, media_type="text/plain")}),
}

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
        [{"field": "installments.0.amount", "message": "has more digits than EUR"}],
    ),
    429: ("Too many requests; ask again a little later.", []),
    503: ("The outcome is not known; ask again with the same Idempotency-Key.", []),
}


def describe(app: FastAPI) -> Document:
    """The OpenAPI document of an application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(_schemas())
        document["components"]["responses"] = {
            f"Refused{status}": _refusal(status, detail, errors)
            for status, (detail, errors) in _REFUSALS.items()
        }
        for path, calls in document["paths"].items():
            for method, call in calls.items():
                _complete(path, method, call)
        app.openapi_schema = document
    return app.openapi_schema


def allowed_methods(app: FastAPI, path: str) -> str:
    """What the header `Allow` says of a path: every method, not those of the first route."""
    return ", ".join(
        method.upper()
        for template, calls in describe(app)["paths"].items()
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        for method in calls
    )


def _schemas() -> Document:
    models = sorted(
        {
            told.model
            for call in _CALLS.values()
            for told in call.answers.values()
            if told is not None and told.model
        },
        key=lambda model: model.__name__,
    )
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template=f"{_SCHEMAS}{{model}}"
    )
    return {"Problem": _PROBLEM_SCHEMA, **definitions["$defs"]}


def _complete(path: str, method: str, call: Document) -> None:
    """What the routes do not say themselves."""
    known = _CALLS.get((method, path))
    if known is not None:
        call["responses"] = {
            str(status): _success(status, told) for status, told in known.answers.items()
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


def _success(status: int, told: Success | None) -> Document:
    if told is None:
        return {"description": "Done; there is nothing to say"}
    schema: Document = {"type": "string"}
    if told.model is not None:
        schema = {"$ref": f"{_SCHEMAS}{told.model.__name__}"}
    words = "New" if status == HTTPStatus.CREATED else "Done, or known before"
    shown = {told.media_type: told.example, **told.also}
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
        "handed_over": {"handed_over_at": "2026-05-01T07:12:00+00:00"},
    }
    return {"reason": reason, **beside.get(reason, {})}


def _problem(status: int, detail: str, **members: Any) -> Document:
    phrase = HTTPStatus(status).phrase
    about = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
    return {**about, "errors": [], **members}


_TEXT: Final = {"type": "string"}
_PROBLEM_SCHEMA: Final[Document] = {
    "type": "object",
    "description": "RFC 9457; a 409 has a `reason`, and beside it what belongs to it.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "reason"), _TEXT),
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
