"""Bad input, sellers and customers: refused, and they are as they were before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bodies import a_seller
from tests.starter.backend import Backend, Untouched, refused
from tests.starter.input.bad_values import (
    FEW_DATES,
    FEW_LINES,
    NO_COUNTRIES,
    NO_DATES,
    NO_EMAILS,
    NO_LANGUAGES,
    NO_LINES,
)

pytestmark = pytest.mark.one_database

NO_TERMS = [0, -1, 31, 1.0, 14.5, "14", True, [], 10**30]
NO_SWITCHES = [1, 0, "true", "on", "", None, []]


@pytest.mark.parametrize(
    ("field", "values"),
    dict(
        company_name=["", " ", "\u2003", None, *NO_LINES],
        email=NO_EMAILS,
        phone=FEW_LINES,
        website=FEW_LINES,
        tax_id=FEW_LINES,
        registration_number=FEW_LINES,
        payment_instructions=["a\x00b", "a\x1bb", "\ud800", "a" * 2001, 5],
        language=NO_LANGUAGES,
        time_zone=["CET+1", "Europe/berlin", "+01:00", "localtime", "../etc/passwd", "", 1],
        iban=[
            *("DE89370400440532013001", "DE8937040044053201300", "XX82WEST12345698765432"),
            *("89370400440532013000", "DE", "", "a" * 60, "DE89\n370400440532013000\x00", 5),
        ],
        bic=["COBADE", "COBADEFFXXXX", "C0BADEFF", "COBADEFF1", "cobadeff!", "", 5],
        address=["Berlin", [], 5],
        seller_id=["s-1"],
        settings=[{}],
    ).items(),
)
async def test_bad_input_a_wrong_field_of_a_seller_is_named_and_it_stays_as_it_was(
    untouched: Untouched, field: str, values: list[Any]
) -> None:
    bodies = [a_seller() | {field: value} for value in values]

    await untouched.refuses_each("PUT", "/v1/sellers/{s}", bodies, field)


@pytest.mark.parametrize(
    ("reply_to", "fields"),
    [
        ("a@example.org", ["reply_to"]),
        (["a@example.org", "b"], ["reply_to.1"]),
        ([None], ["reply_to.0"]),
        (["a@example.org"] * 21, ["reply_to"]),
    ],
)
async def test_bad_input_every_reply_to_is_an_email_address(
    untouched: Untouched, reply_to: Any, fields: list[str]
) -> None:
    await untouched.refuses("PUT", "/v1/sellers/{s}", a_seller(reply_to=reply_to), *fields)


async def test_bad_input_all_wrong_fields_of_a_seller_are_named_at_once(
    untouched: Untouched,
) -> None:
    wrong = {"email": "no", "iban": "DE00", "bic": "X", "language": "d", "time_zone": "Bonn"}
    address = {"country": "Chile", "zip": "1"}
    body = a_seller() | wrong | {"address": address, "reply_to": ["x"], "vat": "1"}

    fields = [*wrong, "address.country", "address.zip", "reply_to.0", "vat"]
    await untouched.refuses("PUT", "/v1/sellers/{s}", body, *fields)


@pytest.mark.parametrize("seller_id", ["%20", "a%20b", "%C3%A4", "%ff", "%00", "a%0a", "a" * 81])
async def test_bad_input_a_seller_is_created_under_a_proper_id_only(
    untouched: Untouched, seller_id: str
) -> None:
    await untouched.refuses("PUT", f"/v1/sellers/{seller_id}", a_seller(), "seller_id")


@pytest.mark.parametrize("iban", ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"])
async def test_bad_input_an_iban_as_people_write_it_is_kept_compact(
    backend: Backend, iban: str
) -> None:
    body = a_seller() | {"iban": iban, "bic": "cobadeff"}

    seller = await backend.granted("PUT", "/v1/sellers/{s}", body)

    assert (seller["iban"], seller["bic"]) == ("DE89370400440532013000", "COBADEFF")


@pytest.mark.parametrize(
    ("field", "values"),
    dict(
        dunning_option=["Court", "none", "", None, 1, []],
        auto_handoff=NO_SWITCHES,
        auto_chargeback_handoff=NO_SWITCHES,
        business_days_only=NO_SWITCHES,
        payment_term_days=NO_TERMS,
        collect_past_from=[date for date in NO_DATES if date is not None],
        collect_new_from=FEW_DATES,
        company_name=["Kurse GmbH"],
        dunning_options=["court"],
    ).items(),
)
async def test_bad_input_a_wrong_setting_is_named_and_all_stay_as_they_were(
    untouched: Untouched, field: str, values: list[Any]
) -> None:
    good = {"collect_past_from": "2026-01-01", "auto_handoff": False}
    bodies = [good | {field: value} for value in values]

    await untouched.refuses_each("PATCH", "/v1/sellers/{s}/settings", bodies, field)


NO_WINDOWS: list[tuple[Any, str]] = [
    ({"from": "09:00", "to": "09:59"}, ""),
    ({"from": "09:00", "to": "09:00"}, ""),
    ({"from": "18:00", "to": "09:00"}, ""),
    ({"from": "22:00", "to": "06:00"}, ""),  # over midnight
    ({"from": "23:30", "to": "00:30"}, ""),
    ({"from": "22:00", "to": "24:00"}, ".to"),
    ({"from": "9:00", "to": "18:00"}, ".from"),
    ({"from": "09:00:00", "to": "18:00"}, ".from"),
    ({"from": "09:60", "to": "18:00"}, ".from"),
    ({"from": "09:00+01:00", "to": "18:00"}, ".from"),
    ({"from": 9, "to": "18:00"}, ".from"),
    ({"from": "09:00"}, ".to"),
    ({"from": "09:00", "to": None}, ".to"),
    ({"from": "09:00", "to": "18:00", "zone": "UTC"}, ".zone"),
    ("09:00-18:00", ""),
    (["09:00", "18:00"], ""),
    (None, ""),
]


async def test_bad_input_r9_a_window_lies_within_one_day_and_lasts_an_hour(
    untouched: Untouched,
) -> None:
    for window, part in NO_WINDOWS:
        answer = await untouched.backend.send(
            "PATCH", "/v1/sellers/{s}/settings", {"sending_window": window}
        )
        refused(answer, 422, f"sending_window{part}")
    assert await untouched.backend.everything() == untouched.before


NO_LOOKS: list[tuple[Any, str]] = [
    ({"primary_color": "blue"}, ".primary_color"),
    ({"accent_color": "#12345"}, ".accent_color"),
    ({"logo": "https://example.org/logo.png"}, ".logo"),
    ({"logo": "data:text/html;base64,PGI+"}, ".logo"),
    ({"logo": "data:image/png;base64,%%%"}, ".logo"),
    ({"logo": "data:image/png;base64,"}, ".logo"),
    ({"logo_alignment": "top"}, ".logo_alignment"),
    ({"font": "Arial"}, ".font"),
    (None, ""),
]


async def test_bad_input_r25_a_look_has_colors_and_an_image(untouched: Untouched) -> None:
    for look, part in NO_LOOKS:
        answer = await untouched.backend.send("PATCH", "/v1/sellers/{s}/settings", {"brand": look})
        refused(answer, 422, f"brand{part}")
    assert await untouched.backend.everything() == untouched.before


async def test_r9_a_window_of_just_an_hour_is_taken(backend: Backend) -> None:
    window = {"from": "22:59", "to": "23:59"}

    settings = await backend.granted(
        "PATCH", "/v1/sellers/{s}/settings", {"sending_window": window}
    )

    assert settings["sending_window"] == window


@pytest.mark.parametrize(
    ("field", "values"),
    dict(
        first_name=FEW_LINES,
        last_name=NO_LINES,
        company=FEW_LINES,
        email=NO_EMAILS,
        language=NO_LANGUAGES,
        phone=FEW_LINES,
        tax_id=FEW_LINES,
        registration_number=FEW_LINES,
        address=["Berlin", [], 5],
        payment_term_days=NO_TERMS,
        customer_id=["c-2"],
        seller_id=["s-2"],
        name=["Ada"],
    ).items(),
)
async def test_bad_input_a_wrong_field_of_a_customer_is_named_and_it_stays_as_it_was(
    untouched: Untouched, field: str, values: list[Any]
) -> None:
    good = {"first_name": "Grace", "payment_term_days": 14}
    bodies = [good | {field: value} for value in values]

    await untouched.refuses_each("PATCH", "/v1/customers/{s}/c-1", bodies, field)


@pytest.mark.parametrize(
    ("part", "values"),
    dict(
        street=NO_LINES,
        postal_code=[10115, "1\n"],
        city=FEW_LINES,
        region=FEW_LINES,
        country=NO_COUNTRIES,
        zip=["10115"],
    ).items(),
)
async def test_bad_input_a_wrong_part_of_an_address_is_named(
    untouched: Untouched, part: str, values: list[Any]
) -> None:
    bodies = [{"address": {"street": "Seestr. 1", part: value}} for value in values]

    await untouched.refuses_each("PATCH", "/v1/customers/{s}/c-1", bodies, f"address.{part}")


@pytest.mark.parametrize("nothing", [None, "", "\t"])
async def test_bad_input_a_customer_keeps_a_last_name_or_a_company(
    untouched: Untouched, backend: Backend, nothing: str | None
) -> None:
    change = {"last_name": nothing}
    await untouched.refuses("PATCH", "/v1/customers/{s}/c-1", change, "last_name")

    await backend.open_order()
    with_company = change | {"company": "Analytical Engines Ltd"}
    customer = await backend.granted("PATCH", "/v1/customers/{s}/c-1", with_company)
    assert (customer["last_name"], customer["company"]) == (None, "Analytical Engines Ltd")
