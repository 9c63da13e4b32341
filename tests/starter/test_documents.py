"""The shapes of what the API answers, field by field."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from tests.bodies import ada, installments
from tests.starter.backend import Backend, Document

PARTS = installments("59.50", "59.50")

pytestmark = pytest.mark.one_database

ADDRESS: Document = {
    "street": "Hauptstr. 5",
    "postal_code": "10115",
    "city": "Berlin",
    "region": None,
    "country": "DE",
}
CUSTOMER: Document = {
    "customer_id": "c-1",
    "first_name": "Ada",
    "last_name": "Muster",
    "company": None,
    "email": "ada@example.org",
    "language": "de",
    "phone": None,
    "tax_id": None,
    "registration_number": None,
    "address": ADDRESS,
}
OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _is_time(text: Any) -> bool:
    """RFC 3339 with an offset."""
    return bool(OFFSET.fullmatch(text)) and datetime.fromisoformat(text).tzinfo is not None


def _events(case: Document, name: str) -> list[Document]:
    return [event["detail"] for event in case["history"] if event["event"] == name]


async def test_the_answer_to_an_order_names_its_cases(backend: Backend) -> None:
    answer = await backend.open_order(installments=PARTS)

    assert answer == {
        "seller_id": backend.seller_id,
        "order_id": "A-1",
        "cases": [
            {
                "case_id": backend.case_id(installment=number),
                "installment": number,
                "due_date": due_date,
                "amount": "59.50",
                "stage": "scheduled",
            }
            for number, due_date in ((1, "2026-04-01"), (2, "2026-05-01"))
        ],
    }


async def test_an_order_is_shown_as_it_was_given_with_its_cases_and_payments(
    backend: Backend,
) -> None:
    given: Document = {
        "invoice_number": "2026-0815",
        "ordered_on": "2026-02-27",
        "cancellation_costs": "15.0",
        "subject": "Online course photography",
        "installments": [part | {"amount": "59.5"} for part in PARTS],
        "notices_sent": [
            {"installment": 1, "kind": "payment_reminder", "sent_on": "2026-02-27"},
            {"kind": "invoice_notice", "sent_on": "2026-02-20"},
        ],
    }
    await backend.open_order(**given)
    payment = await backend.granted("POST", "/v1/payments", backend.payment("70.00"))

    order = await backend.granted("GET", "/v1/orders/{s}/A-1")

    cases, payments = order.pop("cases"), order.pop("payments")
    assert order == {
        "seller_id": backend.seller_id,
        "order_id": "A-1",
        "invoice_number": "2026-0815",
        "invoice_date": "2026-03-02",
        "ordered_on": "2026-02-27",
        "currency": "EUR",
        "total": "119.00",
        "cancellation_costs": "15.00",
        "subject": "Online course photography",
        "customer": CUSTOMER,
        "installments": PARTS,
        "notices_sent": [
            {"installment": 1, "kind": "payment_reminder", "sent_on": "2026-02-27"},
            {"installment": None, "kind": "invoice_notice", "sent_on": "2026-02-20"},
        ],
        "canceled_at": None,
    }
    assert [case["case_id"] for case in cases] == [backend.case_id(installment=n) for n in (1, 2)]
    assert [case["installment"] for case in cases] == [1, 2]
    assert payments == [payment | {"reported_by": "backend"}]


async def test_a_case_is_shown_with_all_its_fields(running: Backend) -> None:
    await running.open_order(cancellation_costs="15.00")
    case = await running.case()

    updated_at, next_step = case.pop("updated_at"), case.pop("next_step")
    assert _is_time(updated_at)
    assert next_step["kind"] == "payment_reminder"
    assert _is_time(next_step["at"])
    assert next_step["at"].startswith("2026-03-07T08:")  # half an hour from nine in Berlin
    history = case.pop("history")
    assert case == {
        "case_id": running.case_id(),
        "seller_id": running.seller_id,
        "order_id": "A-1",
        "installment": None,
        "stage": "scheduled",
        "blocked_by": None,
        "missing": [],
        "due_date": "2026-03-02",
        "days_overdue": 0,
        "currency": "EUR",
        "amount": "119.00",
        "order_amount": "119.00",
        "open_amount": "119.00",
        "paid": "0.00",
        "credit": "0.00",
        "fees": "0.00",
        "cancellation_costs": "15.00",
        "dunning_option": "court",
        "dunning_option_kept": False,
        "payment_plan": "paid at once",
        "customer": CUSTOMER,
        "hold": None,
        "claim": None,
        "actions": ["stop", "hold"],
    }
    assert [event["event"] for event in history] == ["case.opened", "notice.sent"]
    for event in history:
        assert _is_time(event.pop("at"))
        assert set(event) == {
            *("case_id", "seller_id", "order_id", "installment", "event", "detail"),
        }


async def test_r2_an_invoice_notice_speaks_for_the_whole_order(running: Backend) -> None:
    await running.open_order(installments=PARTS)

    case = await running.case(installment=1)

    of_case, of_order = case["history"]
    assert (of_case["event"], of_case["installment"]) == ("case.opened", 1)
    assert (of_order["event"], of_order["installment"]) == ("notice.sent", None)
    assert of_order["detail"]["open_amount"] == "119.00"
    assert case["payment_plan"] == "installment 1 of 2"
    assert (case["amount"], case["order_amount"]) == ("59.50", "119.00")


@pytest.mark.parametrize(
    ("currency", "total", "shown", "nothing"),
    [
        ("EUR", "119", "119.00", "0.00"),
        ("CLP", "11990", "11990", "0"),
        ("KWD", "1.5", "1.500", "0.000"),
    ],
)
async def test_amounts_have_the_digits_of_their_currency(
    backend: Backend, currency: str, total: str, shown: str, nothing: str
) -> None:
    order = await backend.open_order(currency=currency, total=total)
    assert order["cases"][0]["amount"] == shown

    payment = await backend.granted(
        "POST", "/v1/payments", backend.payment(total, currency=currency)
    )

    assert (payment["amount"], payment["allocations"][0]["amount"]) == (shown, shown)
    case = await backend.case()
    assert (case["order_amount"], case["paid"]) == (shown, shown)
    assert case["open_amount"] == case["credit"] == payment["credit"] == nothing


async def test_the_history_of_a_case_tells_what_happened_with_its_details(
    running: Backend,
) -> None:
    await running.granted("PATCH", "/v1/sellers/{s}/settings", {"auto_handoff": False})
    await running.open_order(customer=ada(address=ADDRESS | {"city": None}))
    await running.send("POST", running.case_path("escalate"))
    await running.until("2026-03-13T12:00:00")
    await running.granted("PATCH", "/v1/customers/{s}/c-1", {"address": {"city": "Berlin"}})
    await running.case()
    await running.until("2026-03-14T12:00:00")
    hold = {"until": "2026-03-15", "reason": "promised to pay"}
    await running.granted("POST", running.case_path("hold"), hold)
    await running.granted("POST", running.case_path("hold"))
    await running.granted("POST", running.case_path("resume"))
    await running.granted("POST", running.case_path("stop"))
    await running.granted("POST", running.case_path("start"))
    await running.granted("POST", "/v1/payments", running.payment("19.00"))
    await running.case()
    await running.granted("POST", running.chargebacks, running.chargeback(amount="9.00"))
    await running.case()
    await running.granted("POST", "/v1/orders/{s}/A-1/cancel")

    case = await running.case()

    notices = _events(case, "notice.sent")
    assert [(notice["kind"], notice["open_amount"]) for notice in notices] == [
        ("invoice_notice", "119.00"),
        ("payment_reminder", "119.00"),
        ("first_notice", "119.00"),
        ("cancellation_notice", "0.00"),
    ]
    assert len({notice["message_id"] for notice in notices}) == 4
    assert _events(case, "address.incomplete") == [{"missing": ["city"]}] * 2
    assert _events(case, "seller.told") == [{"about": "address_incomplete"}] * 2
    assert _events(case, "request.refused") == [
        {"request": "escalate", "reason": "final_notice_not_sent"}
    ]
    assert _events(case, "case.held") == [hold, {"until": None, "reason": None}]
    money = {"payment_id": f"p-{running.mark}", "currency": "EUR"}
    assert _events(case, "payment.recorded") == [money | {"amount": "19.00"}]
    assert _events(case, "payment.reversed") == [money | {"amount": "9.00"}]
    for name in ("case.opened", "case.resumed", "case.stopped", "case.started", "order.canceled"):
        assert _events(case, name) == [{}], name
    stages = _events(case, "stage.changed")
    assert [change["stage"] for change in stages] == [
        *("reminded", "blocked", "reminded", "first_notice", "on_hold", "first_notice"),
        *("stopped", "first_notice", "canceled"),
    ]
    assert [change["from"] for change in stages[1:]] == [change["stage"] for change in stages[:-1]]
    assert _events(case, "case.closed") == [{"outcome": "stopped"}, {"outcome": "canceled"}]


async def test_r20_a_payment_tells_where_it_went_and_what_is_credit(backend: Backend) -> None:
    await backend.open_order(installments=PARTS)

    payment = await backend.granted(
        "POST", "/v1/payments", backend.payment("130.00", installment=2)
    )

    assert payment == {
        "payment_id": f"p-{backend.mark}",
        "seller_id": backend.seller_id,
        "order_id": "A-1",
        "installment": 2,
        "amount": "130.00",
        "currency": "EUR",
        "paid_at": "2026-03-02T09:00:00+00:00",
        "allocations": [
            {"case_id": backend.case_id(installment=n), "installment": n, "amount": "59.50"}
            for n in (1, 2)
        ],
        "credit": "11.00",
    }
    for number in (1, 2):
        case = await backend.case(installment=number)
        assert (case["stage"], case["paid"], case["credit"]) == ("paid", "59.50", "11.00")


async def test_r13_a_chargeback_tells_what_it_took_back(backend: Backend) -> None:
    await backend.open_order(installments=PARTS)
    await backend.granted("POST", "/v1/payments", backend.payment("109.00"))

    chargeback = await backend.granted(
        "POST", backend.chargebacks, backend.chargeback(amount="50.00", fee="3.50")
    )

    assert chargeback == {
        "chargeback_id": f"r-{backend.mark}",
        "payment_id": f"p-{backend.mark}",
        "amount": "50.00",
        "currency": "EUR",
        "fee": "3.50",
        "occurred_at": "2026-03-02T09:05:00+00:00",
        "allocations": [
            {"case_id": backend.case_id(installment=2), "installment": 2, "amount": "49.50"},
            {"case_id": backend.case_id(installment=1), "installment": 1, "amount": "0.50"},
        ],
        "credit": "0.00",
    }
    latest_due = await backend.case(installment=2)
    assert (latest_due["open_amount"], latest_due["fees"]) == ("63.00", "3.50")


async def test_r22_a_receivable_without_a_case_is_not_in_the_answer(backend: Backend) -> None:
    settings = {"collect_past_from": "2026-02-15"}
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", settings)
    parts = [
        {"number": number, "due_date": due_date, "amount": "59.50"}
        for number, due_date in ((1, "2026-02-14"), (2, "2026-02-15"))
    ]

    answer = await backend.open_order(invoice_date="2026-01-14", installments=parts)

    assert [case["installment"] for case in answer["cases"]] == [2]
    payment = await backend.granted("POST", "/v1/payments", backend.payment("60.00"))
    assert payment["allocations"] == [
        {"case_id": None, "installment": 1, "amount": "59.50"},
        {"case_id": backend.case_id(installment=2), "installment": 2, "amount": "0.50"},
    ]


async def test_what_is_due_first_and_what_came_first_stands_first(backend: Backend) -> None:
    parts = [
        {"number": 1, "due_date": "2026-06-01", "amount": "40.00"},
        {"number": 2, "due_date": "2026-04-01", "amount": "40.00"},
        {"number": 3, "due_date": "2026-04-01", "amount": "39.00"},
    ]
    opened = await backend.open_order(installments=parts)
    reported = []
    for minute, mark in ((20, "z"), (21, "a"), (22, "m")):
        backend.now = backend.now.replace(minute=minute)
        body = backend.payment("1.00", payment_id=f"{mark}-{backend.mark}")
        reported.append(await backend.granted("POST", "/v1/payments", body))

    order = await backend.granted("GET", "/v1/orders/{s}/A-1")

    assert [case["installment"] for case in opened["cases"]] == [2, 3, 1]
    assert [case["installment"] for case in order["cases"]] == [2, 3, 1]
    assert order["payments"] == [one | {"reported_by": "backend"} for one in reported]
    times = [event["at"] for event in (await backend.case(installment=2))["history"]]
    assert times == sorted(times)
