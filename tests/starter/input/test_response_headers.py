"""What every answer bears, granted or refused, and in whose words."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from fastapi import FastAPI

from starter.edge.response_headers import ResponseHeaders
from tests.bodies import installments
from tests.offline import client_of
from tests.starter.backend import Backend, Untouched, changed, refused

pytestmark = pytest.mark.one_database

LIBRARY_WORDS = ("input", "valid ", "permitted", "extra", "pydantic", "parse", "field required")


async def test_the_callers_request_id_is_in_the_answer_and_in_a_refusal(backend: Backend) -> None:
    headers = {"X-Request-ID": "call-17"}
    granted = await backend.send("GET", "/v1/sellers/{s}", headers=headers)
    refusal = await backend.send("GET", "/v1/sellers/nobody", headers=headers)

    assert granted.headers["x-request-id"] == refusal.headers["x-request-id"] == "call-17"
    assert refusal.json()["request_id"] == "call-17"


@pytest.mark.parametrize("given", [None, "ada@example.org", "a b", "", "x" * 101])
async def test_without_one_that_a_log_may_bear_a_request_gets_a_new_id(
    backend: Backend, given: str | None
) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    answers = [await backend.send("GET", "/v1/cases/none", headers=headers) for _ in range(2)]

    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert given not in ids
    assert {answer.json()["request_id"] for answer in answers} == ids


async def test_the_log_bears_the_request_id_of_the_call() -> None:
    seen: list[Any] = []
    app = FastAPI()
    app.add_middleware(ResponseHeaders)

    @app.get("/")
    async def look() -> None:
        seen.append(structlog.contextvars.get_contextvars().get("request_id"))

    async with client_of(app) as api:
        await api.get("/", headers={"X-Request-ID": "call-18"})
    assert seen == ["call-18"]


@pytest.mark.parametrize(
    "path", ["/v1/sellers/{s}", "/v1/cases", "/v1/cases.csv", "/v1/cases/none", "/docs"]
)
async def test_nobody_keeps_an_answer_or_takes_it_for_something_else(
    backend: Backend, path: str
) -> None:
    answer = await backend.send("GET", path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert path == "/docs" or answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("total", None, "must be a decimal string"),
        ("colour", "red", "is not known"),
        ("subject", 5, "must be a text"),
        ("subject", "x" * 201, "must have at most 200 characters"),
        ("customer", [], "must be an object"),
        ("installments", {}, "must be a list"),
        ("installments.0.number", 0, "must be at least 1"),
        ("installments.0.number", 1.5, "must be a whole number"),
        ("notices_sent", [{"kind": "letter", "sent_on": "2026-03-01"}], "must be "),
        ("order_id", "..", "must match"),
    ],
)
async def test_bad_input_a_refusal_says_it_in_our_words(
    untouched: Untouched, field: str, value: Any, words: str
) -> None:
    body = untouched.backend.order("A-new", installments=installments("59.50", "59.50"))
    answer = await untouched.backend.send("POST", "/v1/orders", changed(body, field, value))

    [error] = answer.json()["errors"]
    assert error["field"].startswith(field)
    assert error["message"].startswith(words)
    assert not any(word in error["message"].lower() for word in LIBRARY_WORDS)


async def test_bad_input_what_is_missing_is_required(untouched: Untouched) -> None:
    answer = await untouched.backend.send("POST", "/v1/payments", {})

    assert {error["message"] for error in answer.json()["errors"]} == {"is required"}


async def test_bad_input_both_readings_of_an_amount_are_named(untouched: Untouched) -> None:
    body = untouched.backend.order("A-new", total="1.190")
    answer = await untouched.backend.send("POST", "/v1/orders", body)

    refused(answer, 422, "total")
    assert "1190.00 or as 1.19 EUR" in answer.text


async def test_bad_input_a_large_body_is_refused_by_its_address(untouched: Untouched) -> None:
    large = b'{"reason": "' + b"x" * 70_000 + b'"}'
    for path in ("/v1/cases/c/stop", "/v1/payments"):
        refused(await untouched.backend.send("POST", path, content=large), 413)
    refused(await untouched.backend.send("POST", "/v1/orders", content=large), 422, *_MISSING)


_MISSING = (
    *("seller_id", "order_id", "invoice_date", "currency", "total", "customer"),
    "reason",
)
