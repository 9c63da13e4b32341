"""The API describes itself: OpenAPI 3.1, and pages to read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from tests.starter.backend import Backend, Document

pytestmark = pytest.mark.one_database

CONTRACT = {
    ("put", "/v1/sellers/{seller_id}"),
    ("get", "/v1/sellers/{seller_id}"),
    ("patch", "/v1/sellers/{seller_id}/settings"),
    ("post", "/v1/orders"),
    ("get", "/v1/orders/{seller_id}/{order_id}"),
    ("post", "/v1/orders/{seller_id}/{order_id}/cancel"),
    ("post", "/v1/payments"),
    ("post", "/v1/payments/{payment_id}/chargebacks"),
    ("get", "/v1/customers/{seller_id}/{customer_id}"),
    ("patch", "/v1/customers/{seller_id}/{customer_id}"),
    ("get", "/v1/cases/{case_id}"),
    ("post", "/v1/sellers/{seller_id}/statements"),
    ("get", "/v1/sellers/{seller_id}/statements"),
    ("get", "/v1/sellers/{seller_id}/statements/{statement_id}"),
    ("post", "/v1/sellers/{seller_id}/statements/{statement_id}/book"),
    ("post", "/v1/sellers/{seller_id}/lines/{line_id}/book"),
    ("post", "/v1/sellers/{seller_id}/lines/{line_id}/aside"),
    ("post", "/v1/sellers/{seller_id}/lines/{line_id}/take_back"),
    ("post", "/v1/webhook_endpoints"),
    ("get", "/v1/webhook_endpoints"),
    ("delete", "/v1/webhook_endpoints/{endpoint_id}"),
    ("post", "/v1/webhook_endpoints/{endpoint_id}/replay"),
    *(
        ("post", f"/v1/cases/{{case_id}}/{verb}")
        for verb in ("stop", "start", "escalate", "hold", "resume")
    ),
}


@pytest.fixture
async def described(backend: Backend) -> Document:
    return await backend.granted("GET", "/openapi.json")


def _operations(described: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


async def test_the_description_is_openapi_3_1_and_has_every_call_of_the_contract(
    described: Document,
) -> None:
    assert described["openapi"].startswith("3.1.")
    assert described["info"]["title"]
    assert {(method, path) for method, path, _ in _operations(described)} >= CONTRACT


async def test_every_call_has_a_summary_and_a_name_of_its_own(described: Document) -> None:
    operations = list(_operations(described))
    assert [path for _, path, operation in operations if not operation.get("summary")] == []
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names)


async def test_every_call_shows_an_answer_and_every_refusal_by_example(
    described: Document,
) -> None:
    for method, path, operation in _operations(described):
        for status, answer in operation["responses"].items():
            shown = _resolved(described, answer)
            assert "content" in shown or status == "204", (method, path)
            for media_type, content in shown.get("content", {}).items():
                assert "example" in content or content["examples"], (method, path, status)
                is_refusal = int(status) >= 400
                assert (media_type == "application/problem+json") == is_refusal, (method, path)
        body = operation.get("requestBody", {"content": {}})
        for content in body["content"].values():
            assert "example" in content, (method, path)


async def test_every_call_with_a_key_says_how_it_refuses(described: Document) -> None:
    for _, path, operation in _operations(described):
        if path.startswith("/v1/") and operation.get("security"):
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), path
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), path


async def test_every_example_is_what_its_schema_says(described: Document) -> None:
    for method, path, operation in _operations(described):
        answers = [_resolved(described, answer) for answer in operation["responses"].values()]
        for part in (*answers, operation.get("requestBody", {"content": {}})):
            for content in part.get("content", {}).values():
                schema = {**content["schema"], "components": described["components"]}
                validator = Draft202012Validator(schema)
                found = [content["example"]] if "example" in content else []
                found += [shown["value"] for shown in content.get("examples", {}).values()]
                for example in found:
                    wrong = [error.message for error in validator.iter_errors(example)]
                    assert wrong == [], (method, path)


def _resolved(described: Document, answer: Document) -> Document:
    reference = answer.get("$ref")
    if reference is None:
        return answer
    found: Document = described["components"]["responses"][reference.rpartition("/")[2]]
    return found


async def test_every_reference_of_the_description_leads_somewhere(described: Document) -> None:
    for reference in _references(described):
        place: Any = described
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


async def test_bodies_are_described_as_closed_with_their_required_fields(
    described: Document,
) -> None:
    order = described["components"]["schemas"]["OrderBody"]
    assert order["additionalProperties"] is False
    assert set(order["required"]) == {
        *("seller_id", "order_id", "invoice_date", "currency", "total", "customer"),
    }


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_docs_answer_and_need_nothing_from_elsewhere(backend: Backend, path: str) -> None:
    answer = await backend.send("GET", path)

    assert answer.status_code == 200
    named = re.findall(r"""(?:src|href)=['"]([^'"]+)""", answer.text)
    assert len(named) >= 2
    assert {(await backend.send("GET", path)).status_code for path in named} == {200}
    assert answer.headers["content-type"].startswith("text/html")
    assert "/openapi.json" in answer.text
