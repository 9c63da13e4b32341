"""Bad input, requests: bodies that cannot be read, ids and paths that lead nowhere, verbs."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from models.tables import OrderRow
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Document, Untouched, refused
from tests.starter.input.bad_values import NO_DATES

pytestmark = pytest.mark.one_database

VERBS = ("stop", "start", "escalate", "hold", "resume", "withdraw")
# One reader reads all bodies: its odd ones are tried here, and each route with one of a kind.
ORDERS = ("POST", "/v1/orders")
NO_IDS_IN_PATHS = [
    *("nobody", "%20", "%00", "%ff", "%ED%A0%80", "%C3%A4", "a" * 81, "a" * 9000, "A-1%0A"),
    *(".%2E", "%2E", "..%2F..", "%F0%9F%98%80", "'%20OR%201=1--"),
]


async def test_bad_input_unreadable_json_is_a_bad_request(untouched: Untouched) -> None:
    backend = untouched.backend
    unreadable = [
        b"{",
        b"nothing",
        b"'a'",
        b'{"a":}',
        b"{}{}",
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b"NaN",
    ]
    unreadable += ["{}".encode("utf-16"), "{}".encode("utf-16-le"), b'{"a": Infinity}']

    for content in [*unreadable, b"[" * 5_000, b'{"a":' * 5_000, b"9" * 5_000]:
        refused(await backend.send(*ORDERS, content=content), 400)
    assert await backend.everything() == untouched.before


async def test_bad_input_a_field_that_is_given_twice_is_named(untouched: Untouched) -> None:
    for content in (b'{"total": "1.00", "total": "2.00"}', b'{"a": [{"total": 1, "total": 1}]}'):
        refused(await untouched.backend.send(*ORDERS, content=content), 400, "total")


async def test_bad_input_thousands_of_unknown_fields_are_refused_with_one_error(
    untouched: Untouched,
) -> None:
    thousands = {f"x{number}": 0 for number in range(5_000)}
    refused(await untouched.backend.send(*ORDERS, thousands), 422, "body")

    hundred = {f"x{number}": 0 for number in range(100)}
    answer = await untouched.backend.send(*ORDERS, hundred)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 50


async def test_bad_input_a_body_is_an_object(untouched: Untouched) -> None:
    for content in (b"[]", b'"{}"', b"1", b"true"):
        refused(await untouched.backend.send(*ORDERS, content=content), 422, "body")


async def test_bad_input_a_body_is_json_by_its_media_type(untouched: Untouched) -> None:
    for media_type in ("", "text/plain", "application/xml", "application/x-www-form-urlencoded"):
        headers = {"Content-Type": media_type}
        refused(await untouched.backend.send(*ORDERS, content=b"{}", headers=headers), 415)


async def test_bad_input_every_route_refuses_what_the_reader_of_bodies_refuses(
    offline: OfflineApi, untouched: Untouched
) -> None:
    backend, fields = untouched.backend, {f"x{number}": 0 for number in range(5_000)}
    routes = list(_routes_with_a_body(offline.app.openapi()))

    for method, path in routes:
        refused(await backend.send(method, path, content=b"{"), 400)
        refused(await backend.send(method, path, content=b'{"a": 1, "a": 1}'), 400, "a")
        refused(await backend.send(method, path, content=b"[]"), 422, "body")
        refused(await backend.send(method, path, fields), 422, "body")
        text = {"Content-Type": "text/plain"}
        refused(await backend.send(method, path, content=b"{}", headers=text), 415)
        refused(await backend.send(method, path, content=b" " * 600_001), 413)
    assert {method for method, _ in routes} == {"PUT", "PATCH", "POST"}
    assert len(routes) >= len(VERBS) + 7
    assert await backend.everything() == untouched.before


def _routes_with_a_body(document: Document) -> Iterator[tuple[str, str]]:
    """Every method and path that takes one JSON document, with an id for each parameter."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if list(content) == ["application/json"] and not path.startswith("/v1/partner/"):
                yield method.upper(), re.sub(r"{\w+}", "x", path.replace("{seller_id}", "{s}"))


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_bad_input_json_may_name_its_charset(backend: Backend, media_type: str) -> None:
    headers = {"Content-Type": media_type}

    answer = await backend.send("POST", "/v1/orders", backend.order(), headers=headers)

    assert answer.status_code == 201


async def _in_chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 60_000):
        yield content[start : start + 60_000]


async def test_bad_input_a_body_that_is_too_large_is_refused_however_it_is_sent(
    untouched: Untouched,
) -> None:
    backend = untouched.backend
    large = json.dumps(backend.order()).encode() + b" " * 1_000_000

    refused(await backend.send(*ORDERS, content=large), 413)
    refused(await backend.send(*ORDERS, content=_in_chunks(large)), 413)
    assert await backend.everything() == untouched.before


async def test_bad_input_a_body_in_chunks_is_checked_as_any_other(backend: Backend) -> None:
    order = json.dumps(backend.order()).encode()

    text = {"Content-Type": "text/plain"}
    refused(await backend.send("POST", "/v1/orders", content=_in_chunks(order), headers=text), 415)
    refused(await backend.send("POST", "/v1/orders", content=_in_chunks(order[:-1])), 400)
    assert await backend.count(OrderRow) == 0

    assert (await backend.send("POST", "/v1/orders", content=_in_chunks(order))).status_code == 201


async def test_bad_input_a_call_without_a_body_where_one_is_needed_is_refused(
    backend: Backend,
) -> None:
    for method, path in [
        ("PUT", "/v1/sellers/{s}"),
        ("PATCH", "/v1/sellers/{s}/settings"),
        ("POST", "/v1/orders"),
        ("POST", "/v1/payments"),
        ("POST", "/v1/payments/p-1/chargebacks"),
        ("PATCH", "/v1/customers/{s}/c-1"),
    ]:
        refused(await backend.send(method, path), 422, "body")
    refused(await backend.send("POST", "/v1/orders/{s}/A-1/cancel"), 404)
    for verb in VERBS:
        refused(await backend.send("POST", f"/v1/cases/c/{verb}"), 404)


@pytest.mark.parametrize("unknown", NO_IDS_IN_PATHS)
async def test_bad_input_unknown_and_ill_formed_ids_are_not_found_in_every_path(
    untouched: Untouched, unknown: str
) -> None:
    backend = untouched.backend
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/v1/sellers/{unknown}", None),
        ("PATCH", f"/v1/sellers/{unknown}/settings", {"auto_handoff": False}),
        ("GET", f"/v1/orders/{unknown}/A-1", None),
        ("GET", f"/v1/orders/{{s}}/{unknown}", None),
        ("POST", f"/v1/orders/{unknown}/A-1/cancel", None),
        ("POST", f"/v1/orders/{{s}}/{unknown}/cancel", None),
        ("POST", f"/v1/payments/{unknown}/chargebacks", backend.chargeback()),
        ("GET", f"/v1/customers/{unknown}/c-1", None),
        ("GET", f"/v1/customers/{{s}}/{unknown}", None),
        ("PATCH", f"/v1/customers/{unknown}/c-1", {"phone": "1"}),
        ("PATCH", f"/v1/customers/{{s}}/{unknown}", {"phone": "1"}),
        ("GET", f"/v1/cases/{unknown}", None),
    ]
    calls += [("POST", f"/v1/cases/{unknown}/{verb}", None) for verb in ("stop", "hold")]

    for method, path, body in calls:
        refused(await backend.send(method, path, body), 404)
    assert await backend.everything() == untouched.before


def _said(answer: httpx.Response) -> Document:
    """A refusal without the id of its request."""
    document: Document = answer.json()
    del document["request_id"]
    return document


async def test_bad_input_another_sellers_order_and_customer_look_unknown(
    untouched: Untouched, backend: Backend
) -> None:
    """The ids are those of another seller; the answers are the same as for no id at all."""
    for kind, known, unknown in (("orders", "A-1", "A-9"), ("customers", "c-1", "c-9")):
        foreign = await backend.send("GET", f"/v1/{kind}/{{s}}/{known}")
        nobodys = await backend.send("GET", f"/v1/{kind}/{{s}}/{unknown}")
        refused(foreign, 404)
        assert _said(foreign) == _said(nobodys)
    refused(await backend.send("POST", "/v1/payments", backend.payment()), 404)
    assert await untouched.backend.everything() == untouched.before


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/v1", "/v1/", "/v2/orders", "/v1/orders/", "/v1/sellers/{s}/", "/v1/cases/"],
)
async def test_bad_input_a_path_that_is_none_is_not_found(untouched: Untouched, path: str) -> None:
    refused(await untouched.backend.send("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/sellers/{s}"),
        ("POST", "/v1/sellers/{s}"),
        ("PUT", "/v1/sellers/{s}/settings"),
        ("PUT", "/v1/orders"),
        ("DELETE", "/v1/orders/{s}/A-1"),
        ("GET", "/v1/orders/{s}/A-1/cancel"),
        ("GET", "/v1/payments"),
        ("GET", "/v1/payments/p-1/chargebacks"),
        ("PUT", "/v1/customers/{s}/c-1"),
        ("DELETE", "/v1/cases/c-1"),
        ("GET", "/v1/cases/c-1/stop"),
    ],
)
async def test_bad_input_a_method_that_a_path_has_not_is_refused(
    untouched: Untouched, method: str, path: str
) -> None:
    answer = await untouched.backend.send(method, path)

    refused(answer, 405)
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("verb", "field", "values"),
    [
        # The last is the day before, in Berlin.
        ("hold", "until", [*(day for day in NO_DATES if day is not None), "2026-03-01"]),
        ("hold", "since", ["2026-03-02"]),
        *((verb, "reason", ["a\x00b", "\ud800", "a" * 501, 5]) for verb in VERBS),
        ("stop", "until", ["2026-03-04"]),
        ("start", "from", ["final_notice"]),
        ("escalate", "force", [True]),
        ("escalate", "despite_term", ["yes", 1, None]),
        ("stop", "despite_term", [True]),
        ("resume", "until", [None]),
    ],
)
async def test_bad_input_a_wrong_field_of_a_verb_is_named_and_nothing_happens(
    untouched: Untouched, verb: str, field: str, values: list[Any]
) -> None:
    case = await untouched.backend.case()
    bodies = [{field: value} for value in values]

    await untouched.refuses_each("POST", untouched.backend.case_path(verb), bodies, field)

    assert await untouched.backend.case() == case  # with its history


async def test_bad_input_r19_until_is_past_by_the_sellers_day(backend: Backend) -> None:
    """At 23:30 UTC it is tomorrow in Berlin."""
    await backend.open_order()
    await backend.until("2026-03-03T23:30:00")

    hold = backend.case_path("hold")
    refused(await backend.send("POST", hold, {"until": "2026-03-03"}), 422, "until")
    held = await backend.granted("POST", hold, {"until": "2026-03-04"})
    assert held["hold"]["until"] == "2026-03-04"


@pytest.mark.parametrize("key", ["", "a" * 256])
async def test_bad_input_an_idempotency_key_is_not_empty_and_not_endless(
    untouched: Untouched, key: str
) -> None:
    backend = untouched.backend
    headers = {"Idempotency-Key": key}
    case = await backend.case()

    answer = await backend.send("POST", backend.case_path("stop"), headers=headers)

    refused(answer, 422, "Idempotency-Key")
    assert await backend.case() == case
