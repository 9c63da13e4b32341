"""Bad input, payments and chargebacks: refused, with nothing recorded."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PaymentRow
from tests.bodies import installments
from tests.starter.backend import Backend, Document, Untouched, refused
from tests.starter.input.bad_values import NO_AMOUNTS, NO_DATES, NO_IDS, NO_NUMBERS

PARTS = installments("59.50", "59.50")

pytestmark = pytest.mark.one_database

NO_TIMES: list[Any] = [
    *(None, "", "now", 1772442000, "1772442000", 1772442000.5, [], "10:15:00+01:00"),
    *("2026-03-02", "2026-03-02T10:15:00", "2026-03-02T10:15:00 Europe/Berlin"),
    *("2026-02-30T10:15:00Z", "2026-03-02T25:00:00Z", "2026-03-02T10:61:00Z"),
    *("2026-03-02T10:15:00+25:00", "2026-03-02T10:15:00+01:00\n", "0001-01-01T00:00:00Z"),
    *(f"{date}T10:00:00Z" for date in NO_DATES if isinstance(date, str)),
]


@pytest.mark.parametrize(
    ("field", "values"),
    dict(
        payment_id=NO_IDS,
        seller_id=NO_IDS,
        order_id=NO_IDS,
        amount=NO_AMOUNTS,
        currency=["USD", "CLP", "eur", "", None, "\ud800"],
        installment=[number for number in NO_NUMBERS if number is not None],
        paid_at=NO_TIMES,
        fee=["1.00"],
        credit=["0.00"],
    ).items(),
)
async def test_bad_input_a_wrong_field_of_a_payment_is_named_and_nothing_is_recorded(
    untouched: Untouched, field: str, values: list[Any]
) -> None:
    good = untouched.backend.payment(payment_id="p-new")
    bodies = [good | {field: value} for value in values]

    await untouched.refuses_each("POST", "/v1/payments", bodies, field)


async def test_bad_input_r20_a_payment_in_another_currency_can_be_reported_again_in_the_right_one(
    backend: Backend,
) -> None:
    await backend.open_order()

    dollars = backend.payment("119.00", currency="USD")
    refused(await backend.send("POST", "/v1/payments", dollars), 422, "currency")
    assert (await backend.case())["open_amount"] == "119.00"

    answer = await backend.send("POST", "/v1/payments", dollars | {"currency": "EUR"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("order", "installment"),
    [({}, 1), ({"installments": PARTS}, 3)],  # an order without installments; one of two
)
async def test_bad_input_a_payment_of_an_unknown_installment_is_refused(
    backend: Backend, order: Document, installment: int
) -> None:
    await backend.open_order(**order)
    before = await backend.at_rest()

    body = backend.payment(installment=installment)
    refused(await backend.send("POST", "/v1/payments", body), 422, "installment")
    assert await backend.everything() == before
    assert await backend.count(PaymentRow) == 0


@pytest.mark.parametrize("other", [{"order_id": "A-9"}, {"seller_id": "s-nobody"}])
async def test_bad_input_a_payment_of_an_unknown_order_is_not_found(
    backend: Backend, other: Document
) -> None:
    await backend.open_order()

    refused(await backend.send("POST", "/v1/payments", backend.payment(**other)), 404)
    assert await backend.count(PaymentRow) == 0


@pytest.mark.parametrize("field", ["payment_id", "seller_id", "order_id", "amount", "currency"])
async def test_bad_input_a_required_field_of_a_payment_is_missed(
    untouched: Untouched, field: str
) -> None:
    body = untouched.backend.payment(payment_id="p-new")
    del body[field]

    await untouched.refuses("POST", "/v1/payments", body, field)


@pytest.mark.parametrize(
    ("field", "values"),
    dict(
        chargeback_id=NO_IDS,
        amount=[*(amount for amount in NO_AMOUNTS if amount is not None), "19.01", "119.00"],
        fee=["-0.01", "1e1", "NaN", 3.5, "3.505", "1" * 13, ""],
        occurred_at=NO_TIMES,
        currency=["EUR"],
        payment_id=["p-1"],
    ).items(),
)
async def test_bad_input_a_wrong_field_of_a_chargeback_is_named_and_nothing_is_recorded(
    untouched: Untouched, field: str, values: list[Any]
) -> None:
    backend = untouched.backend
    bodies = [backend.chargeback(**{field: value}) for value in values]

    await untouched.refuses_each("POST", backend.chargebacks, bodies, field)


async def test_bad_input_both_wrong_amounts_of_a_chargeback_are_named_at_once(
    untouched: Untouched,
) -> None:
    backend = untouched.backend
    body = backend.chargeback(amount="0", fee="-1")

    await untouched.refuses("POST", backend.chargebacks, body, "amount", "fee")


async def test_bad_input_r13_reversals_never_exceed_the_payment(backend: Backend) -> None:
    await backend.open_order()
    await backend.granted("POST", "/v1/payments", backend.payment("19.00"))
    first = backend.chargeback(amount="12.00")
    await backend.granted("POST", backend.chargebacks, first)
    before = await backend.at_rest()

    for number, amount in enumerate(["7.01", "19.00", "12.00"]):
        another = first | {"chargeback_id": f"{first['chargeback_id']}-{number}", "amount": amount}
        refused(await backend.send("POST", backend.chargebacks, another), 422, "amount")
    assert await backend.everything() == before

    rest = {name: value for name, value in first.items() if name != "amount"}
    rest["chargeback_id"] += "-rest"
    answer = await backend.granted("POST", backend.chargebacks, rest)
    assert answer["amount"] == "7.00"
    rest["chargeback_id"] += "-more"
    refused(await backend.send("POST", backend.chargebacks, rest), 422, "amount")
    assert (await backend.case())["open_amount"] == "119.00"


async def test_bad_input_a_chargeback_of_an_unknown_payment_is_not_found(backend: Backend) -> None:
    refused(await backend.send("POST", backend.chargebacks, backend.chargeback()), 404)
