"""A small rest is waived around the seller's threshold, by currency (R20)."""

from __future__ import annotations

import pytest

from tests.starter.backend import Backend, Document

pytestmark = pytest.mark.one_database

LIMITS = {"waive_below": {"EUR": "0.50", "CLP": "100"}}


async def paid(backend: Backend, amount: str, **given: object) -> Document:
    await backend.granted("POST", "/v1/payments", backend.payment(amount, **given))
    return await backend.case()


def events(case: Document, name: str) -> list[Document]:
    return [entry["detail"] for entry in case["history"] if entry["event"] == name]


@pytest.fixture
async def generous(backend: Backend) -> Backend:
    settings = await backend.granted("PATCH", "/v1/sellers/{s}/settings", LIMITS)
    assert settings["waive_below"] == LIMITS["waive_below"]
    return backend


@pytest.mark.parametrize(
    ("amount", "stage", "rest", "waived"),
    [
        ("118.49", "scheduled", "0.51", []),
        ("118.50", "scheduled", "0.50", []),
        ("118.51", "paid", "0.00", ["0.49"]),
        ("118.99", "paid", "0.00", ["0.01"]),
        ("119.00", "paid", "0.00", []),
    ],
)
async def test_r20_a_rest_below_the_threshold_is_waived(
    generous: Backend, amount: str, stage: str, rest: str, waived: list[str]
) -> None:
    await generous.open_order()

    case = await paid(generous, amount)

    assert (case["stage"], case["open_amount"], case["paid"]) == (stage, rest, amount)
    told = [{"amount": one, "currency": "EUR"} for one in waived]
    assert events(case, "rest.waived") == told
    assert events(case, "case.closed") == ([{"outcome": "paid"}] if stage == "paid" else [])


@pytest.mark.parametrize(
    ("currency", "amount", "stage"),
    [("CLP", "118901", "paid"), ("CLP", "118900", "scheduled"), ("USD", "118999.99", "scheduled")],
)
async def test_r20_each_currency_has_its_own_threshold(
    generous: Backend, currency: str, amount: str, stage: str
) -> None:
    await generous.open_order(currency=currency, total="119000")

    assert (await paid(generous, amount, currency=currency))["stage"] == stage


async def test_r20_without_the_setting_a_cent_is_still_owed(backend: Backend) -> None:
    await backend.open_order()

    assert (await paid(backend, "118.99"))["open_amount"] == "0.01"


async def test_r20_the_rest_of_each_installment_that_is_paid_is_looked_at(
    generous: Backend,
) -> None:
    parts = [
        {"number": number, "due_date": f"2026-0{3 + number}-01", "amount": "59.50"}
        for number in (1, 2)
    ]
    await generous.open_order(installments=parts)

    await generous.granted("POST", "/v1/payments", generous.payment("118.60"))

    assert (await generous.case(installment=1))["stage"] == "paid"
    second = await generous.case(installment=2)
    assert (second["stage"], second["paid"]) == ("paid", "59.10")


async def test_r20_r13_after_a_chargeback_the_waived_rest_is_owed_again(
    generous: Backend,
) -> None:
    await generous.open_order()
    await paid(generous, "118.90")

    await generous.granted("POST", generous.chargebacks, generous.chargeback(fee="3.00"))

    case = await generous.case()
    assert (case["open_amount"], case["fees"], case["paid"]) == ("122.00", "3.00", "0.00")
    again = await paid(generous, "121.90", payment_id=f"q-{generous.mark}")
    assert (again["stage"], len(events(again, "rest.waived"))) == ("paid", 2)


async def test_r20_another_payment_after_a_waiver_is_credit(generous: Backend) -> None:
    await generous.open_order()
    await paid(generous, "118.90")

    case = await paid(generous, "0.10", payment_id=f"q-{generous.mark}")

    assert (case["stage"], case["credit"]) == ("paid", "0.10")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"EUR": "0.00"}, "waive_below.EUR"),
        ({"EUR": "0.505"}, "waive_below.EUR"),
        ({"CLP": "0.5"}, "waive_below.CLP"),
        ({"EUR": 1}, "waive_below.EUR"),
        ({"XYZ": "1.00"}, "waive_below.XYZ.[key]"),
        ("1.00", "waive_below"),
    ],
)
async def test_a_threshold_that_is_none_is_refused(
    backend: Backend, given: object, field: str
) -> None:
    answer = await backend.send("PATCH", "/v1/sellers/{s}/settings", {"waive_below": given})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_r20_the_threshold_can_be_taken_away(generous: Backend) -> None:
    settings = await generous.granted("PATCH", "/v1/sellers/{s}/settings", {"waive_below": None})

    assert settings["waive_below"] == {}
