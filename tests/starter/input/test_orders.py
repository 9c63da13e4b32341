"""Bad input, orders: every refusal names its fields and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import CaseRow, CustomerRow, OrderRow
from tests.bodies import a_seller, installments
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Document, changed, refused
from tests.starter.input.bad_values import (
    FEW_DATES,
    FEW_LINES,
    NO_AMOUNTS,
    NO_COUNTRIES,
    NO_CURRENCIES,
    NO_DATES,
    NO_EMAILS,
    NO_IDS,
    NO_LANGUAGES,
    NO_LINES,
    NO_NUMBERS,
)

pytestmark = pytest.mark.one_database

PARTS = installments("59.50", "59.50")
NOTICES: list[Document] = [
    {"installment": 1, "kind": "payment_reminder", "sent_on": "2026-03-01"},
]


@pytest.fixture(scope="module")
async def shop(offline: OfflineApi) -> Backend:
    """A seller that has no order, after all of the refusals either."""
    backend = Backend(offline, "a seller of bad orders")
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
    return backend


async def _nothing_left(backend: Backend) -> None:
    assert [await backend.count(table) for table in (OrderRow, CaseRow, CustomerRow)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("seller_id", NO_IDS),
        ("order_id", NO_IDS),
        ("customer.customer_id", NO_IDS),
        ("total", NO_AMOUNTS),
        ("cancellation_costs", [-1, 15.0, "-0.01", "1e1", "NaN", "15.001", "1" * 13, ""]),
        ("installments.1.amount", NO_AMOUNTS),
        ("invoice_date", NO_DATES),
        ("ordered_on", [*FEW_DATES, "2026-03-03"]),
        ("installments.0.due_date", FEW_DATES),
        ("notices_sent.0.sent_on", [*FEW_DATES, "2026-03-03", "2199-12-31"]),
        ("currency", NO_CURRENCIES),
        ("customer.email", NO_EMAILS),
        ("customer.last_name", NO_LINES),
        ("customer.address.street", FEW_LINES),
        ("invoice_number", FEW_LINES),
        ("subject", FEW_LINES),
        ("customer.language", NO_LANGUAGES),
        ("customer.address.country", NO_COUNTRIES),
        ("installments.0.number", NO_NUMBERS),
        ("notices_sent.0.installment", [*NO_NUMBERS, 3]),
        ("notices_sent.0.kind", ["handoff", "Payment_Reminder", "reminded", "", None, 1]),
        ("installments", [[], {}, "2", 2]),
        ("customer", [None, [], "c-1"]),
        ("customer.address", [[], "Hauptstr. 5, Berlin", 5]),
        ("notices_sent", [None, {}, "first_notice"]),
    ],
)
async def test_bad_input_a_wrong_field_of_an_order_is_named_and_nothing_is_left(
    shop: Backend, field: str, values: list[Any]
) -> None:
    body = shop.order(installments=PARTS, notices_sent=NOTICES)

    for value in values:
        refused(await shop.send("POST", "/v1/orders", changed(body, field, value)), 422, field)
    await _nothing_left(shop)


@pytest.mark.parametrize(
    ("currency", "total", "status"),
    [
        ("EUR", "0.01", 201),
        ("EUR", "999999999999.99", 201),
        ("EUR", "1.005", 422),
        ("CLP", "11990", 201),
        ("CLP", "11990.5", 422),
        ("CLP", "65.000", 422),
        ("EUR", "1.190", 422),
        ("EUR", "119.0000", 201),
        ("JPY", "1", 201),
        ("JPY", "0.5", 422),
        ("KWD", "1.005", 201),
        ("KWD", "1.0005", 422),
    ],
)
async def test_bad_input_an_amount_has_no_more_digits_than_its_currency(
    backend: Backend, currency: str, total: str, status: int
) -> None:
    body = backend.order(currency=currency, total=total)

    answer = await backend.send("POST", "/v1/orders", body)

    assert answer.status_code == status
    if status == 422:
        refused(answer, 422, "total")
        await _nothing_left(backend)


@pytest.mark.parametrize("field", ["seller_id", "order_id", "invoice_date", "currency", "total"])
async def test_bad_input_a_required_field_of_an_order_is_missed(shop: Backend, field: str) -> None:
    body = shop.order()
    del body[field]

    refused(await shop.send("POST", "/v1/orders", body), 422, field)
    await _nothing_left(shop)


@pytest.mark.parametrize(
    ("customer", "fields"),
    [
        ({}, ["customer.customer_id", "customer.email"]),
        ({"customer_id": "c-1", "last_name": "Muster"}, ["customer.email"]),
        ({"customer_id": "c-1", "email": "ada@example.org"}, ["customer"]),
        ({"customer_id": "c-1", "email": "ada@example.org", "first_name": "Ada"}, ["customer"]),
        ({"customer_id": "c-1", "email": "ada@example.org", "last_name": " "}, ["customer"]),
    ],
)
async def test_bad_input_a_customer_has_an_id_an_email_and_a_name(
    shop: Backend, customer: Document, fields: list[str]
) -> None:
    answer = await shop.send("POST", "/v1/orders", shop.order(customer=customer))

    refused(answer, 422, *fields)
    await _nothing_left(shop)


@pytest.mark.parametrize(
    "field",
    ["stage", "customer.name", "customer.address.zip", "installments.0.id", "notices_sent.0.at"],
)
async def test_bad_input_unknown_fields_are_refused(shop: Backend, field: str) -> None:
    body = shop.order(installments=PARTS, notices_sent=NOTICES)

    refused(await shop.send("POST", "/v1/orders", changed(body, field, "x")), 422, field)
    await _nothing_left(shop)


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ([("1", "59.50"), ("2", "59.49")], ["installments"]),
        ([("1", "59.50"), ("2", "59.51")], ["installments"]),
        ([("1", "118.99")], ["installments"]),
        ([("1", "59.50"), ("1", "59.50")], ["installments.1.number"]),
        ([("1", "19.00"), ("2", "50.00"), ("2", "50.00")], ["installments.2.number"]),
        (
            [("1", "59.501"), ("2", "59.499")],
            ["installments.0.amount", "installments.1.amount"],
        ),
        ([("1", "119.00"), ("2", "0.00")], ["installments.1.amount"]),
        ([("1", "120.00"), ("2", "-1.00")], ["installments.1.amount"]),
    ],
)
async def test_bad_input_installments_add_up_and_have_numbers_of_their_own(
    shop: Backend, parts: list[tuple[str, str]], fields: list[str]
) -> None:
    installments = [
        {"number": int(number), "due_date": "2026-04-01", "amount": amount}
        for number, amount in parts
    ]

    answer = await shop.send("POST", "/v1/orders", shop.order(installments=installments))

    refused(answer, 422, *fields)
    await _nothing_left(shop)


async def test_bad_input_too_many_installments_are_refused(shop: Backend) -> None:
    parts = [
        {"number": number, "due_date": "2026-04-01", "amount": "1.00"} for number in range(1, 362)
    ]

    answer = await shop.send("POST", "/v1/orders", shop.order(installments=parts))

    refused(answer, 422, "installments")
    await _nothing_left(shop)


async def test_bad_input_all_fields_that_are_written_wrong_are_named_at_once(
    shop: Backend,
) -> None:
    body = shop.order(installments=PARTS, notices_sent=NOTICES)
    wrong = {
        "order_id": "A 1",
        "invoice_date": "2026-02-30",
        "currency": "EURO",
        "total": 119,
        "customer.email": "ada",
        "customer.address.country": "Germany",
        "installments.0.amount": "1e2",
        "installments.1.due_date": "soon",
        "notices_sent.0.kind": "letter",
        "discount": "1.00",
    }
    for field, value in wrong.items():
        body = changed(body, field, value)

    answer = await shop.send("POST", "/v1/orders", body)

    refused(answer, 422, *wrong)
    await _nothing_left(shop)


async def test_bad_input_all_amounts_and_notices_that_cannot_be_are_named_at_once(
    shop: Backend,
) -> None:
    body = shop.order(installments=PARTS, notices_sent=NOTICES)
    wrong = {
        "total": "119.001",
        "cancellation_costs": "-1",
        "installments.1.amount": "0",
        "notices_sent.0.installment": 9,
        "notices_sent.0.sent_on": "2026-03-03",
    }
    for field, value in wrong.items():
        body = changed(body, field, value)

    refused(await shop.send("POST", "/v1/orders", body), 422, *wrong)
    await _nothing_left(shop)


async def test_bad_input_a_notice_of_an_order_without_installments_names_none(
    shop: Backend,
) -> None:
    body = shop.order(notices_sent=NOTICES)

    answer = await shop.send("POST", "/v1/orders", body)

    refused(answer, 422, "notices_sent.0.installment")
    await _nothing_left(shop)


async def test_bad_input_an_order_of_an_unknown_seller_is_not_found(backend: Backend) -> None:
    answer = await backend.send("POST", "/v1/orders", backend.order(seller_id="s-nobody"))

    refused(answer, 404)
