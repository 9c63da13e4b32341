"""The same order, payment or chargeback again is answered the same, another is refused."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from models.tables import CaseRow, CustomerRow, OrderRow, PaymentRow
from tests.bodies import ada, an_address, installments
from tests.starter.backend import Backend, Document, changed, refused

PARTS = installments("59.50", "59.50")

AT_ONCE = 10


async def _twice(backend: Backend, path: str, body: Document, again: Document) -> None:
    """The second time 200, with the answer of the first."""
    first = await backend.send("POST", path, body)
    second = await backend.send("POST", path, again)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


# --- orders ---------------------------------------------------------------------------------


async def test_the_same_order_again_however_it_is_written_gets_the_same_answer(
    backend: Backend,
) -> None:
    opened = await backend.open_order()
    spellings: list[Document] = [
        {},
        {"total": "119"},
        {"total": "119.0"},
        {"total": "0119.00"},
        {"cancellation_costs": "0.00"},
        {"cancellation_costs": None},
        {"invoice_number": None},
        {"subject": "  "},
        {"installments": None},
        {"notices_sent": []},
        {"customer": ada() | {"phone": "", "company": None}},
        {"customer": ada() | {"email": "ada@EXAMPLE.org"}},
        {"customer": ada() | {"last_name": " Muster ", "language": "DE"}},
        {"customer": ada() | {"address": an_address() | {"city": "Berlin\u00a0", "region": ""}}},
        {"ordered_on": None},
    ]

    for again in spellings:
        answer = await backend.send("POST", "/v1/orders", backend.order(**again))
        assert (answer.status_code, answer.json()) == (200, opened), again
    assert await backend.count(OrderRow) == 1


async def test_bad_input_65_7_is_65_70(backend: Backend) -> None:
    parts = [part | {"amount": "65.70"} for part in PARTS]
    order = backend.order(total="131.40", cancellation_costs="15.00", installments=parts)
    other = order | {
        "total": "131.4",
        "cancellation_costs": "15",
        "installments": [part | {"amount": "65.7"} for part in PARTS],
    }
    await _twice(backend, "/v1/orders", order, other)


async def test_bad_input_the_order_of_installments_and_how_letters_are_composed_say_nothing(
    backend: Backend,
) -> None:
    notices: list[Document] = [
        {"installment": 1, "kind": "invoice_notice", "sent_on": "2026-02-20"},
        {"installment": 1, "kind": "payment_reminder", "sent_on": "2026-03-01"},
    ]
    order = backend.order(subject="Caf\u00e9", installments=PARTS, notices_sent=notices)
    other = order | {
        "subject": "Cafe\u0301",
        "installments": PARTS[::-1],
        "notices_sent": notices[::-1],
    }
    await _twice(backend, "/v1/orders", order, other)


async def test_the_same_order_again_gets_the_same_answer_after_its_case_has_moved_on(
    backend: Backend,
) -> None:
    opened = await backend.open_order()
    await backend.until("2026-03-20T12:00:00")
    await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"email": "new@example.org"})
    await backend.granted("POST", "/v1/payments", backend.payment("119.00"))
    assert (await backend.case())["stage"] == "paid"

    answer = await backend.send("POST", "/v1/orders", backend.order())

    assert (answer.status_code, answer.json()) == (200, opened)
    assert opened["cases"][0]["stage"] == "scheduled"
    customer = await backend.granted("GET", "/v1/customers/{s}/c-1")
    assert customer["email"] == "new@example.org"  # the repeated order tells nothing new


async def test_bad_input_another_order_of_the_same_id_is_refused_and_changes_nothing(
    backend: Backend,
) -> None:
    await backend.open_order()
    before = await backend.at_rest()
    others: Document = {
        "total": "119.01",
        "invoice_date": "2026-03-01",
        "currency": "USD",
        "cancellation_costs": "15.00",
        "subject": "Another course",
        "invoice_number": "2026-0816",
        "customer.customer_id": "c-2",
        "customer.email": "grace@example.org",
        "customer.last_name": "muster",
        "customer.address.postal_code": "10117",
        "installments": PARTS,
        "notices_sent": [{"kind": "payment_reminder", "sent_on": "2026-03-01"}],
    }

    for field, value in others.items():
        other = changed(backend.order(), field, value)
        answer = await backend.send("POST", "/v1/orders", other)
        refused(answer, 409, reason="different_content")
    assert await backend.everything() == before


async def test_two_sellers_may_use_the_same_order_id(backend: Backend) -> None:
    other = Backend(backend.world, backend.seller_id)
    await other.granted("PUT", "/v1/sellers/{s}", await _profile(backend))

    one, two = await backend.open_order(), await other.open_order(total="5.00")

    assert one["cases"][0]["case_id"] != two["cases"][0]["case_id"]
    assert (await backend.case())["open_amount"] == "119.00"


async def _profile(backend: Backend) -> Document:
    seller = await backend.granted("GET", "/v1/sellers/{s}")
    return {name: seller[name] for name in ("company_name", "email")}


async def test_of_ten_same_orders_at_once_one_is_opened(running: Backend) -> None:
    order = running.order(installments=PARTS)

    answers = await asyncio.gather(
        *(running.send("POST", "/v1/orders", order) for _ in range(AT_ONCE))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len({answer.text for answer in answers}) == 1
    tables = (OrderRow, CaseRow, CustomerRow)
    assert [await running.count(table) for table in tables] == [1, 2, 1]
    history = (await running.case(installment=1))["history"]
    assert [event["event"] for event in history] == ["case.opened", "notice.sent"]


async def test_bad_input_of_ten_different_orders_of_one_id_at_once_one_is_opened(
    backend: Backend,
) -> None:
    answers = await asyncio.gather(
        *(
            backend.send("POST", "/v1/orders", backend.order(total=f"{number}.00"))
            for number in range(1, AT_ONCE + 1)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    opened = next(answer.json() for answer in answers if answer.status_code == 201)
    assert (await backend.case())["amount"] == opened["cases"][0]["amount"]


async def test_ten_orders_of_a_new_customer_at_once_are_all_opened(backend: Backend) -> None:
    answers = await asyncio.gather(
        *(backend.send("POST", "/v1/orders", backend.order(f"A-{n}")) for n in range(AT_ONCE))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert [await backend.count(table) for table in (OrderRow, CustomerRow)] == [AT_ONCE, 1]


# --- payments and chargebacks ---------------------------------------------------------------


async def test_r20_the_same_payment_again_however_it_is_written_gets_the_same_answer(
    backend: Backend,
) -> None:
    await backend.open_order()
    first = await backend.granted("POST", "/v1/payments", backend.payment())
    spellings: list[Document] = [
        {},
        {"amount": "19"},
        {"amount": "19.0"},
        {"paid_at": "2026-03-02T09:00:00Z"},
    ]

    for again in spellings:
        answer = await backend.send("POST", "/v1/payments", backend.payment(**again))
        assert (answer.status_code, answer.json()) == (200, first), again
    assert (await backend.case())["paid"] == "19.00"


async def test_bad_input_another_payment_of_the_same_id_is_refused_and_changes_nothing(
    backend: Backend,
) -> None:
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())
    before = await backend.at_rest()
    others: list[Document] = [
        {"amount": "19.01"},
        {"currency": "USD"},
        {"order_id": "A-2"},
        {"seller_id": "s-other"},
        {"paid_at": "2026-03-02T10:00:01+01:00"},
        {"installment": 1},
    ]

    for other in others:
        answer = await backend.send("POST", "/v1/payments", backend.payment(**other))
        refused(answer, 409, reason="different_content")
    assert await backend.everything() == before


async def test_r20_of_ten_same_payments_at_once_one_is_recorded(backend: Backend) -> None:
    await backend.open_order()

    answers = await asyncio.gather(
        *(backend.send("POST", "/v1/payments", backend.payment()) for _ in range(AT_ONCE))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len({answer.text for answer in answers}) == 1
    case = await backend.case()
    assert (case["paid"], case["open_amount"]) == ("19.00", "100.00")
    assert [event["event"] for event in case["history"]].count("payment.recorded") == 1
    assert await backend.count(PaymentRow) == 1


async def test_r20_the_same_payment_again_is_answered_as_before_after_a_chargeback(
    backend: Backend,
) -> None:
    await backend.open_order()
    first = await backend.granted("POST", "/v1/payments", backend.payment())
    await backend.granted("POST", backend.chargebacks, backend.chargeback())

    answer = await backend.send("POST", "/v1/payments", backend.payment())

    assert (answer.status_code, answer.json()) == (200, first)
    assert (await backend.case())["open_amount"] == "119.00"


@pytest.mark.parametrize(
    ("given", "again"),
    [
        ({}, {}),
        ({}, {"fee": "0"}),
        ({"amount": "5.50", "fee": "3.50"}, {"amount": "5.5", "fee": "3.5"}),
        ({"amount": "5.50"}, {"amount": "5.50", "occurred_at": "2026-03-02T09:05:00Z"}),
    ],
)
async def test_r13_the_same_chargeback_again_gets_the_same_answer(
    backend: Backend, given: Document, again: Document
) -> None:
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())

    path = backend.chargebacks
    await _twice(backend, path, backend.chargeback(**given), backend.chargeback(**again))

    history = (await backend.case())["history"]
    assert [event["event"] for event in history].count("payment.reversed") == 1


async def test_bad_input_another_chargeback_of_the_same_id_is_refused_and_changes_nothing(
    backend: Backend,
) -> None:
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())
    chargeback = backend.chargeback(amount="5.00")
    await backend.granted("POST", backend.chargebacks, chargeback)
    before = await backend.at_rest()
    others: list[Document] = [
        {"amount": "5.01"},
        {"amount": None},
        {"fee": "3.50"},
        {"occurred_at": "2026-03-02T10:00Z"},
    ]

    for other in others:
        answer = await backend.send("POST", backend.chargebacks, chargeback | other)
        refused(answer, 409, reason="different_content")
    assert await backend.everything() == before


async def test_r13_of_ten_same_chargebacks_at_once_one_is_recorded(backend: Backend) -> None:
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment())
    chargeback = backend.chargeback(fee="3.50")

    answers = await asyncio.gather(
        *(backend.send("POST", backend.chargebacks, chargeback) for _ in range(AT_ONCE))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert (await backend.case())["open_amount"] == "122.50"
