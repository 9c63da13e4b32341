"""Many orders in one call: a line in, a line out, and a bad one stops nobody."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable

import pytest

from models.tables import CaseRow, CustomerRow, OrderRow
from tests.bodies import ada, an_address, installments
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Document, refused
from tests.starter.batches import BATCH, NDJSON, lines_of, send, send_content

PARTS = installments("59.50", "59.50")


def statuses(answers: Iterable[Document]) -> list[tuple[int, int]]:
    return [(answer["line"], answer["status"]) for answer in answers]


def fields(answer: Document) -> list[str]:
    assert all(error["message"] for error in answer["errors"])
    return [error["field"] for error in answer["errors"]]


# --- a line in, a line out --------------------------------------------------------------------


async def test_each_line_is_answered_like_a_call_of_its_own(backend: Backend) -> None:
    orders = [
        backend.order("A-1"),
        backend.order("A-2", installments=PARTS),
    ]

    answers = await send(backend, *orders)

    for number, (order, answer) in enumerate(zip(orders, answers, strict=True), 1):
        again = await backend.send("POST", "/v1/orders", order)
        assert again.status_code == 200
        assert answer == {"line": number, "status": 201, **again.json()}


async def test_a_bad_line_says_what_is_wrong_and_stops_no_other(backend: Backend) -> None:
    elsewhere = backend.order("A-3") | {"seller_id": "s-nobody"}
    unpayable = backend.order("A-4", total="1.005", installments=PARTS)

    answers = await send(
        backend,
        backend.order("A-1"),
        "{",
        "",
        "[1, 2]",
        '"A-1"',
        elsewhere,
        unpayable,
        backend.order("A-5", customer=ada(email="nobody"), surplus=1),
        backend.order("A-1", subject="Another course"),
        backend.order("A-6"),
    )

    assert statuses(answers) == [
        *((1, 201), (2, 400), (4, 422), (5, 422), (6, 404), (7, 422), (8, 422), (9, 409)),
        (10, 201),
    ]
    by_line = {answer["line"]: answer for answer in answers}
    assert by_line[2]["errors"] == by_line[6]["errors"] == []
    assert fields(by_line[7]) == ["total"]
    assert sorted(fields(by_line[8])) == ["customer.email", "surplus"]
    assert by_line[9]["reason"] == "different_content"
    assert all(answer["detail"] for answer in answers if answer["status"] >= 400)
    assert await backend.count(OrderRow) == 2


async def test_the_same_order_twice_in_a_batch_is_opened_once(backend: Backend) -> None:
    order = backend.order(total="65.70")

    answers = await send(backend, order, order | {"total": "65.7"}, order | {"total": "65.71"})

    assert statuses(answers) == [(1, 201), (2, 200), (3, 409)]
    assert answers[0]["cases"] == answers[1]["cases"]
    assert await backend.count(OrderRow) == 1


async def test_a_batch_sent_again_is_answered_the_same(backend: Backend) -> None:
    orders = [backend.order(f"A-{number}") for number in range(250)]
    first = await send(backend, *orders[:120])

    again = await send(backend, *orders)

    assert Counter(answer["status"] for answer in first) == {201: 120}
    assert [answer | {"status": 201} for answer in again[:120]] == first
    assert Counter(answer["status"] for answer in again) == {200: 120, 201: 130}
    assert await backend.count(CaseRow) == 250


async def test_what_a_line_tells_of_a_customer_is_known_to_the_next(backend: Backend) -> None:
    later = {"customer_id": "c-1", "last_name": "Lovelace", "email": "ada@example.org"}

    await send(
        backend,
        backend.order("A-1"),
        backend.order("A-2", customer=later | {"phone": "+49 30 1", "first_name": ""}),
        backend.order("A-3", customer=later | {"phone": None, "email": "nobody"}),
        backend.order("A-4", customer=later | {"company": "Engines"}),
    )

    customer = await backend.granted("GET", "/v1/customers/{s}/c-1")
    names = (customer["first_name"], customer["last_name"], customer["company"])
    assert names == ("Ada", "Lovelace", "Engines")
    assert (customer["phone"], customer["email"]) == ("+49 30 1", "ada@example.org")
    assert customer["address"] == an_address(region=None)
    assert await backend.count(CustomerRow) == 1


async def test_r22_notices_from_elsewhere_count_in_a_batch_too(backend: Backend) -> None:
    had = [{"kind": "first_notice", "sent_on": "2026-03-01"}]

    [answer] = await send(
        backend, backend.order("A-1", invoice_date="2026-02-01", notices_sent=had)
    )

    assert [case["stage"] for case in answer["cases"]] == ["first_notice"]
    history = (await backend.case())["history"]
    assert [event["event"] for event in history][:2] == ["case.opened", "stage.changed"]


# --- how a batch is written -------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type", ["application/x-ndjson", "application/jsonl", "application/json; charset=utf-8"]
)
async def test_a_batch_is_taken_by_each_of_its_names(backend: Backend, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answers = await send_content(backend, lines_of([backend.order()]), headers)
    assert statuses(answers) == [(1, 201)]


@pytest.mark.parametrize("media_type", ["text/csv", "multipart/form-data", ""])
async def test_another_media_type_is_refused(backend: Backend, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answer = await backend.send("POST", BATCH, content=b"{}\n", headers=headers)
    refused(answer, 415)
    refused(await backend.send("POST", "/v1/orders", content=b"{}", headers=NDJSON), 415)


async def test_lines_may_end_and_begin_in_every_way(backend: Backend) -> None:
    one, two, three = (json.dumps(backend.order(f"A-{n}")).encode() for n in range(3))

    answers = await send_content(
        backend, b"\xef\xbb\xbf" + one + b"\r\n\n  \n" + two + b"\n" + three
    )

    assert statuses(answers) == [(1, 201), (4, 201), (5, 201)]
    assert await send_content(backend, b"") == []
    assert await send_content(backend, b"\n\n") == []


async def test_a_batch_may_come_in_parts_that_end_anywhere(backend: Backend) -> None:
    content = lines_of([backend.order("A-1", subject="Über Maß"), "{", backend.order("A-2")])

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 7):
            yield content[start : start + 7]

    assert statuses(await send_content(backend, parts())) == [(1, 201), (2, 400), (3, 201)]


async def test_answers_come_while_the_rest_is_still_to_be_sent(backend: Backend) -> None:
    """A caller that waits for an answer before it sends the next line gets one."""
    sent: list[bytes] = []

    async def parts() -> AsyncIterator[bytes]:
        for number in range(3):
            line = lines_of([backend.order(f"A-{number}")])
            sent.append(line)
            yield line
            while await backend.count(OrderRow) <= number:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    assert statuses(await send_content(backend, parts())) == [(1, 201), (2, 201), (3, 201)]
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b'{"a": ' + b" " * 1_000_000 + b"1}", 413),
        (b"\x00", 400),
        (b"\xff\xfe{}", 400),
        (b"{'seller_id': 1}", 400),
        (b"[" * 50_000, 400),
        (b"1" * 5_000, 400),
        (b'{"order_id": "\\ud800"}', 422),
        (b"null", 422),
        (b"NaN", 400),
        (b"{}", 422),
    ],
    ids=lambda value: str(value)[:12],
)
async def test_bad_input_a_line_of_any_kind_stops_no_other(
    backend: Backend, line: bytes, status: int
) -> None:
    around = [lines_of([backend.order(f"A-{number}")]) for number in range(2)]

    answers = await send_content(backend, around[0] + line + b"\n" + around[1])

    assert statuses(answers) == [(1, 201), (2, status), (3, 201)]
    assert bool(fields(answers[1])) == (status == 422)


async def test_bad_input_a_field_given_twice_in_a_line_is_named(backend: Backend) -> None:
    answers = await send_content(backend, b'{"order_id": "A-1", "order_id": "A-2"}')

    assert statuses(answers) == [(1, 400)]
    assert fields(answers[0]) == ["order_id"]


async def test_a_batch_may_be_larger_than_any_other_body(backend: Backend) -> None:
    wide = backend.order("A-1") | {"subject": "x" * 199}
    lines = [json.dumps(wide) + " " * 900_000, json.dumps(wide), json.dumps(wide) + " " * 900_000]

    assert statuses(await send(backend, *lines)) == [(1, 201), (2, 200), (3, 200)]


# --- who may, and what if something is away ---------------------------------------------------


async def test_two_batches_with_the_same_orders_at_once_open_each_once(backend: Backend) -> None:
    orders = [backend.order(f"A-{number}") for number in range(150)]

    both = await asyncio.gather(send(backend, *orders), send(backend, *reversed(orders)))

    found = Counter(answer["status"] for answers in both for answer in answers)
    assert found == {201: 150, 200: 150}
    assert await backend.count(CaseRow) == 150


async def test_a_sellers_key_opens_no_batch(offline: OfflineApi, backend: Backend) -> None:
    async with offline.as_seller(backend.seller_id) as api:
        content = lines_of([backend.order()])
        answer = await backend.through(api).send("POST", BATCH, content=content, headers=NDJSON)
    refused(answer, 403)
    assert await backend.count(OrderRow) == 0
