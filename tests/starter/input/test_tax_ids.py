"""R25: the tax number of somebody in Chile is a RUT, with its check digit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bodies import a_seller, ada
from tests.starter.backend import Backend, Document, Untouched, changed, refused

pytestmark = pytest.mark.one_database

CHILE: Document = {
    "street": "Calle Merced 480",
    "postal_code": "8320000",
    "city": "Santiago",
    "region": None,
    "country": "CL",
}
SPELLINGS = [
    ("12.345.678-5", "12.345.678-5"),
    ("76086428-5", "76.086.428-5"),
    (" 306869574 ", "30.686.957-4"),
    ("60.803.000-K", "60.803.000-K"),
    ("10000013k", "10.000.013-K"),
]
NO_RUT = ["76.086.428-K", "12.345.678-9", "12.345.678", "DE123456789", "5", "12.345.678-5-5"]


def in_chile(tax_id: Any = None, country: str = "CL") -> Document:
    return ada() | {"address": CHILE | {"country": country}, "tax_id": tax_id}


@pytest.mark.parametrize(("given", "kept"), SPELLINGS)
async def test_r25_a_rut_is_kept_in_its_one_spelling(
    backend: Backend, given: str, kept: str
) -> None:
    seller = await backend.granted(
        "PUT", "/v1/sellers/{s}", a_seller() | {"address": CHILE, "tax_id": given}
    )
    await backend.open_order(customer=in_chile(given))

    customer = await backend.granted("GET", "/v1/customers/{s}/c-1")
    order = await backend.granted("GET", "/v1/orders/{s}/A-1")
    assert seller["tax_id"] == customer["tax_id"] == order["customer"]["tax_id"] == kept


async def test_r25_another_spelling_is_the_same_order(backend: Backend) -> None:
    await backend.open_order(customer=in_chile("12.345.678-5"))

    again = await backend.send("POST", "/v1/orders", backend.order(customer=in_chile("123456785")))

    assert again.status_code == 200


async def test_bad_input_r25_what_is_no_rut(untouched: Untouched) -> None:
    sellers = [a_seller() | {"address": CHILE, "tax_id": tax_id} for tax_id in NO_RUT]
    orders = [untouched.backend.order("A-9", customer=in_chile(tax_id)) for tax_id in NO_RUT]
    changes = [{"address": CHILE, "tax_id": tax_id} for tax_id in NO_RUT]

    await untouched.refuses_each("PUT", "/v1/sellers/{s}", sellers, "tax_id")
    await untouched.refuses_each("POST", "/v1/orders", orders, "customer.tax_id")
    await untouched.refuses_each("PATCH", "/v1/customers/{s}/c-1", changes, "tax_id")


async def test_r25_elsewhere_a_tax_number_is_as_it_was_given(backend: Backend) -> None:
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller(tax_id="76.086.428-K"))
    await backend.open_order(customer=in_chile("76086428K", country="AR"))

    assert (await backend.granted("GET", "/v1/customers/{s}/c-1"))["tax_id"] == "76086428K"


async def test_r25_number_and_country_may_come_one_after_the_other(backend: Backend) -> None:
    path = "/v1/customers/{s}/c-1"
    await backend.open_order(customer=ada(tax_id="76.086.428-K"))

    refused(await backend.send("PATCH", path, {"address": {"country": "CL"}}), 422, "tax_id")
    await backend.granted("PATCH", path, {"tax_id": None, "address": {"country": "CL"}})
    refused(await backend.send("PATCH", path, {"tax_id": "76.086.428-K"}), 422, "tax_id")
    customer = await backend.granted("PATCH", path, {"tax_id": "760864285"})
    assert customer["tax_id"] == "76.086.428-5"

    later = ada() | {"address": None, "tax_id": "1"}
    answer = await backend.send("POST", "/v1/orders", backend.order("A-2", customer=later))
    refused(answer, 422, "customer.tax_id")
    assert (await backend.granted("GET", path))["tax_id"] == "76.086.428-5"


async def test_r25_a_number_that_is_kept_keeps_no_change_from_being_made(
    backend: Backend,
) -> None:
    await backend.open_order(customer=in_chile("12.345.678-5"))

    customer = await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"phone": "+56 2 1"})

    assert (customer["phone"], customer["tax_id"]) == ("+56 2 1", "12.345.678-5")


async def test_r25_in_a_batch_a_wrong_rut_stops_its_own_line_only(backend: Backend) -> None:
    right = backend.order("A-1", customer=in_chile("12.345.678-5"))
    wrong = changed(right | {"order_id": "A-2"}, "customer.tax_id", "12.345.678-6")
    lines = "\n".join(json.dumps(order) for order in (wrong, right))

    answer = await backend.send(
        "POST",
        "/v1/orders/batch",
        content=lines,
        headers={"Content-Type": "application/x-ndjson"},
    )

    one, other = [json.loads(line) for line in answer.text.splitlines()]
    assert (one["status"], one["errors"]) == (
        422,
        [{"field": "customer.tax_id", "message": "is not a valid RUT"}],
    )
    assert other["status"] == 201
