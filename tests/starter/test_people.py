"""Sellers, settings and customers: what is shown, what a change leaves as it was, the terms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bodies import a_seller, ada, an_address
from tests.images import an_image, data_url
from tests.starter.backend import Backend, Document

pytestmark = pytest.mark.one_database

SETTINGS: Document = {
    "dunning_option": "court",
    "auto_handoff": True,
    "auto_chargeback_handoff": True,
    "payment_term_days": None,
    "collect_past_from": None,
    "collect_new_from": None,
    "business_days_only": False,
    "sending_window": {"from": "09:00", "to": "18:00"},
    "debt_summary": "off",
    "waive_below": {},
    "hold_when_stale_days": None,
    "book_certain": False,
    "brand": {
        "logo": None,
        "logo_alignment": "left",
        "primary_color": None,
        "accent_color": None,
    },
}
FULL_PROFILE: Document = {
    "company_name": "Kurse GmbH",
    "email": "seller@example.org",
    "address": {
        "street": "Seestr. 1",
        "postal_code": "8002",
        "city": "Zürich",
        "region": "ZH",
        "country": "CH",
    },
    "phone": "+41 44 000 00 00",
    "website": "https://kurse.example.org",
    "language": "de-CH",
    "time_zone": "Europe/Zurich",
    "reply_to": ["help@example.org", "money@example.org"],
    "iban": "CH9300762011623852957",
    "bic": "UBSWCHZH80A",
    "tax_id": "CHE-123.456.788",
    "registration_number": "CH-020.3.000.000-1",
    "legal_notice": ["Managing director: Ada Muster", "Seat: Zürich"],
    "may_deduct_input_tax": True,
    "payment_instructions": "Please name the order.\nThank you.",
}


# --- sellers and their settings ---------------------------------------------------------------


async def test_a_seller_is_created_then_replaced_and_shown_with_its_settings(
    backend: Backend,
) -> None:
    new = Backend(backend.world, backend.seller_id)
    created = await new.send("PUT", "/v1/sellers/{s}", FULL_PROFILE)
    shown = {"seller_id": new.seller_id, **FULL_PROFILE, "settings": SETTINGS}
    assert (created.status_code, created.json()) == (201, shown)
    assert await new.granted("GET", "/v1/sellers/{s}") == shown

    replaced = await new.send("PUT", "/v1/sellers/{s}", a_seller())
    nothing = dict.fromkeys(FULL_PROFILE) | {"reply_to": [], "legal_notice": [], "language": "en"}
    shown |= nothing | a_seller()
    assert (replaced.status_code, replaced.json()) == (200, shown)
    assert await new.granted("GET", "/v1/sellers/{s}") == shown


async def test_a_replaced_seller_keeps_its_settings(backend: Backend) -> None:
    changes = {"dunning_option": "cancellation", "payment_term_days": 30}
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", changes)

    seller = await backend.granted("PUT", "/v1/sellers/{s}", FULL_PROFILE)

    assert seller["settings"] == SETTINGS | changes


async def test_r25_of_the_look_only_what_is_named_is_changed(backend: Backend) -> None:
    logo = data_url("png", an_image("PNG"))
    for change in ({"primary_color": "#1D4ED8", "logo": logo}, {"logo_alignment": "center"}):
        await backend.granted("PATCH", "/v1/sellers/{s}/settings", {"brand": change})
    settings = await backend.granted("PATCH", "/v1/sellers/{s}/settings", {"brand": {"logo": None}})

    assert settings["brand"] == {
        "logo": None,
        "logo_alignment": "center",
        "primary_color": "#1d4ed8",
        "accent_color": None,
    }


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"dunning_option": "no_collection"},
        {"auto_handoff": False, "auto_chargeback_handoff": False},
        {"payment_term_days": 1},
        {"payment_term_days": 30},
        {"collect_past_from": "2026-01-01", "collect_new_from": "2026-02-01"},
        {"business_days_only": True},
        {"sending_window": {"from": "00:00", "to": "23:59"}},
        {"debt_summary": "weekly"},
    ],
)
async def test_a_change_of_the_settings_leaves_the_others_as_they_were(
    backend: Backend, change: Document
) -> None:
    settings = await backend.granted("PATCH", "/v1/sellers/{s}/settings", change)

    assert settings == SETTINGS | change
    assert (await backend.granted("GET", "/v1/sellers/{s}"))["settings"] == settings


async def test_null_unsets_a_setting_that_may_be_unset(backend: Backend) -> None:
    may_be_unset: Document = {
        "payment_term_days": 14,
        "collect_past_from": "2026-01-01",
        "collect_new_from": "2026-01-01",
    }
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", may_be_unset)

    settings = await backend.granted(
        "PATCH", "/v1/sellers/{s}/settings", dict.fromkeys(may_be_unset)
    )

    assert settings == SETTINGS


# --- customers --------------------------------------------------------------------------------


async def _customer(backend: Backend) -> Document:
    return await backend.granted("GET", "/v1/customers/{s}/c-1")


async def test_a_customer_is_shown_with_all_its_fields(backend: Backend) -> None:
    await backend.open_order()

    assert await _customer(backend) == {
        "seller_id": backend.seller_id,
        "customer_id": "c-1",
        "first_name": "Ada",
        "last_name": "Muster",
        "company": None,
        "email": "ada@example.org",
        "language": "de",
        "phone": None,
        "tax_id": None,
        "registration_number": None,
        "address": an_address(region=None),
        "payment_term_days": None,
    }


async def test_a_change_of_a_customer_leaves_the_other_fields_as_they_were(
    backend: Backend,
) -> None:
    await backend.open_order()
    changes: list[Document] = [
        {},
        {"email": "grace@example.org"},
        {"phone": "+49 30 1", "tax_id": "DE1", "registration_number": "HRB 1"},
        {"language": "pt-BR", "company": "Analytical Engines", "payment_term_days": 30},
        {"last_name": "Lovelace"},
        {"first_name": None},
        {"language": None, "phone": None},
        {"address": None},
        {"payment_term_days": None},
    ]

    for change in changes:
        before = await _customer(backend)
        changed = await backend.granted("PATCH", "/v1/customers/{s}/c-1", change)
        assert changed == before | change
        assert await _customer(backend) == changed
    of_order = (await backend.granted("GET", "/v1/orders/{s}/A-1"))["customer"]
    assert of_order["email"] == "ada@example.org"  # the order stays as it was given


async def test_a_blank_text_is_no_text(backend: Backend) -> None:
    await backend.open_order()

    customer = await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"first_name": " "})

    assert customer["first_name"] is None


async def test_r14_a_change_of_an_address_leaves_its_other_parts_as_they_were(
    backend: Backend,
) -> None:
    await backend.open_order()
    changes: list[tuple[Document, list[str]]] = [
        ({"postal_code": "10117"}, []),
        ({"city": None}, ["city"]),
        ({"street": "Seestr."}, ["house_number", "city"]),
        ({"street": "Seestr. 7", "city": "Berlin"}, []),
    ]

    for change, missing in changes:
        before = (await _customer(backend))["address"]
        customer = await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"address": change})
        assert customer["address"] == before | change
        assert (await backend.case())["missing"] == missing


async def test_in_a_later_order_filled_fields_replace_and_empty_ones_never_erase(
    backend: Backend,
) -> None:
    known = ada() | {"phone": "+49 30 1", "company": "Analytical Engines", "tax_id": "DE1"}
    await backend.open_order(customer=known)
    await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"payment_term_days": 7})
    later: Document = {
        "customer_id": "c-1",
        "first_name": "",
        "last_name": "Lovelace",
        "company": None,
        "email": "lovelace@example.org",
        "phone": "  ",
        "language": None,
        "address": {"street": "Seestr. 7", "city": "", "region": "Berlin"},
    }

    await backend.open_order("A-2", customer=later)

    assert await _customer(backend) == {
        "seller_id": backend.seller_id,
        "customer_id": "c-1",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": "Analytical Engines",
        "email": "lovelace@example.org",
        "language": "de",
        "phone": "+49 30 1",
        "tax_id": "DE1",
        "registration_number": None,
        "address": an_address() | {"street": "Seestr. 7", "region": "Berlin"},
        "payment_term_days": 7,
    }
    assert (await backend.case("A-1"))["customer"]["last_name"] == "Lovelace"


async def test_the_customers_of_two_sellers_are_two_people(backend: Backend) -> None:
    await backend.open_order()
    other = Backend(backend.world, backend.seller_id)
    await other.granted("PUT", "/v1/sellers/{s}", a_seller())
    await other.open_order(customer=ada(last_name="Lovelace"))

    assert (await _customer(backend))["last_name"] == "Muster"
    assert (await _customer(other))["last_name"] == "Lovelace"


# --- terms --------------------------------------------------------------------------------------


async def _due_date(backend: Backend, order_id: str, **given: Any) -> str:
    answer = await backend.open_order(order_id, **given)
    return str(answer["cases"][0]["due_date"])


async def test_r23_the_term_is_the_sellers_unless_the_customer_has_its_own(
    backend: Backend,
) -> None:
    async def seller_term(days: int | None) -> None:
        await backend.granted("PATCH", "/v1/sellers/{s}/settings", {"payment_term_days": days})

    async def customer_term(days: int | None) -> None:
        await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"payment_term_days": days})

    assert await _due_date(backend, "unset") == "2026-03-02"
    await seller_term(1)
    assert await _due_date(backend, "shortest") == "2026-03-03"
    await seller_term(30)
    assert await _due_date(backend, "longest") == "2026-04-01"
    await customer_term(14)
    assert await _due_date(backend, "customers") == "2026-03-16"
    assert await _due_date(backend, "anothers", customer=ada(customer_id="c-2")) == ("2026-04-01")
    await seller_term(None)
    assert await _due_date(backend, "still") == "2026-03-16"
    await customer_term(None)
    assert await _due_date(backend, "none") == "2026-03-02"

    opened = {"unset": "2026-03-02", "shortest": "2026-03-03", "longest": "2026-04-01"}
    for order_id, due_date in opened.items():  # fixed when the order was opened
        assert (await backend.case(order_id))["due_date"] == due_date


async def test_r1_r23_installments_have_their_own_due_dates_whatever_the_term(
    backend: Backend,
) -> None:
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", {"payment_term_days": 30})
    parts = [{"number": 7, "due_date": "2026-03-09", "amount": "119.00"}]

    answer = await backend.open_order(installments=parts)

    assert [(case["installment"], case["due_date"]) for case in answer["cases"]] == [
        (7, "2026-03-09")
    ]


NAMES = [
    *(
        "محمد بن عبد الله",
        "שרה כהן",
        "李小龍",
        "Zoë Ångström-O'Neil",
        "👩‍👩‍👧 Müller",
    ),
    *("<script>alert(1)</script>", "{{ 7 * 7 }}", "=1+1", "=?utf-8?q?a?=", '"A" <a@b.c>;'),
    *("\u00e1" + "\u0301" * 99, "x" * 200, "Robert'); DROP TABLE orders;--"),
]


async def test_bad_input_names_of_all_people_are_kept_as_they_are(backend: Backend) -> None:
    for number, name in enumerate(NAMES):
        customer = ada() | {"customer_id": f"c-{number}", "last_name": name}
        await backend.open_order(f"A-{number}", customer=customer, subject=name)

    for number, name in enumerate(NAMES):
        case = await backend.case(f"A-{number}")
        assert case["customer"]["last_name"] == name
        order = await backend.granted("GET", f"/v1/orders/{{s}}/A-{number}")
        assert order["subject"] == name
