"""The page of a case: why, what next, who did what, money, contact (R14, R17 to R20, R27, R29)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.bodies import a_payment
from tests.console.offline_console import Clerk, OfflineConsole, nonce_of
from tests.starter.backend import refused

pytestmark = pytest.mark.one_database

HAD_FIRST_NOTICE = [{"kind": "first_notice", "sent_on": "2026-03-01"}]


async def test_the_ladder_is_drawn_with_its_days_and_their_reasons(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1", invoice_date="2026-02-10", notices_sent=HAD_FIRST_NOTICE)
    html = await clerk.page(f"/console/cases/{case_id}")

    assert "10 days after the step before, which was taken on Mar 1, 2026." in html
    assert 'aria-current="step"' in html
    for day in ("Mar 11, 2026", "Mar 21, 2026"):
        assert day in html


async def test_r27_the_history_says_who_of_the_sellers_people_it_was_and_why(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    nonce = nonce_of(await clerk.page(f"/console/cases/{case_id}"))
    html = await clerk.followed(f"/console/cases/{case_id}/stop", nonce=nonce, reason="Kulanz <b>")

    assert "A-1 is stopped." in html
    assert "by the seller: Maria" in html
    assert "“Kulanz &lt;b&gt;”" in html


async def test_r19_the_days_that_would_move_are_shown_before_it_is_held(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1", invoice_date="2026-02-10", notices_sent=HAD_FIRST_NOTICE)
    html = await clerk.page(f"/console/cases/{case_id}?until=2026-03-08")

    assert "If it is held until then" in html
    assert "<td>Mar 11, 2026</td><td>Mar 18, 2026</td>" in html
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["hold"] is None
    assert "no day on which a hold can end" in await clerk.page(
        f"/console/cases/{case_id}?until=2026-02-01"
    )


async def test_r19_a_hold_takes_a_reason_of_the_list_in_the_language_of_the_clerk(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    form = {"nonce": "n" * 16, "known_reason": "promised", "until": "2026-03-20", "language": "de"}
    await clerk.followed(f"/console/cases/{case_id}/hold", **form)

    hold = (await console.granted("GET", f"/v1/cases/{case_id}"))["hold"]
    assert (hold["until"], hold["reason"]) == ("2026-03-20", "Der Kunde hat Zahlung zugesagt")


async def test_what_is_refused_is_answered_with_its_reason(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    html = await clerk.followed(f"/console/cases/{case_id}/escalate", nonce="n" * 16)

    assert "The customer has not had the final notice yet." in html
    assert (
        await clerk.post(f"/console/cases/{case_id}/forgive", nonce="n" * 16)
    ).status_code == 404


async def test_r20_a_payment_by_hand_is_recorded_once_with_who_it_was(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    form: dict[str, Any] = {"nonce": "n" * 16, "currency": "EUR", "paid_on": "2026-03-02"}
    for _ in range(2):
        html = await clerk.followed(f"/console/cases/{case_id}/payments", **form, amount="19,00")
    order = await console.granted("GET", "/v1/orders/s-1/A-1")

    assert [(p["amount"], p["reported_by"]) for p in order["payments"]] == [("19.00", "by_hand")]
    assert "recorded by hand · by the seller: Maria" in html
    assert "€100.00" in html


async def test_r20_a_payment_by_hand_is_taken_back_after_a_question(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    form: dict[str, Any] = {"nonce": "n" * 16, "currency": "EUR", "paid_on": "2026-03-02"}
    html = await clerk.followed(f"/console/cases/{case_id}/payments", **form, amount="119,00")
    path = re.findall(r'action="([^"]+/take-back)"', html)[0]
    for _ in range(2):
        html = await clerk.followed(path, nonce=nonce_of(html))

    assert "The booking is taken back." in html
    assert "<b>taken back</b>" in html
    assert "/take-back" not in html
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["open_amount"] == "119.00"


async def test_r20_what_the_backend_has_reported_is_not_taken_back(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    await console.granted("POST", "/v1/payments", a_payment("19.00"))
    html = await clerk.page(f"/console/cases/{case_id}")
    assert "reported by the shop" in html
    assert "/take-back" not in html

    await console.order("A-2")
    for payment_id in ("p-1", "p-9"):
        path = f"/console/cases/{case_id}/payments/{payment_id}/take-back"
        assert (await clerk.post(path, nonce="n" * 16)).status_code == 404


async def test_r20_an_amount_that_is_none_is_named_with_what_was_typed(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    for amount in ("1.190", "-5", "abc", "0"):
        form = {"nonce": "n" * 16, "currency": "EUR", "paid_on": "2026-03-02", "amount": amount}
        answer = await clerk.post(f"/console/cases/{case_id}/payments", **form)
        assert answer.status_code == 422
        assert 'id="error-payment-amount"' in answer.text
        assert f'value="{amount}"' in answer.text
    future = {"nonce": "n" * 16, "currency": "EUR", "paid_on": "2026-03-03", "amount": "5"}
    answer = await clerk.post(f"/console/cases/{case_id}/payments", **future)
    assert 'id="error-payment-paid_on"' in answer.text


async def test_r29_the_order_is_canceled_once_and_the_history_says_by_whom(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    for _ in range(2):
        html = await clerk.followed(f"/console/cases/{case_id}/cancel-order", nonce="n" * 16)

    assert "The order was canceled. <span" in html
    assert "by the seller: Maria" in html
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["stage"] == "canceled"


async def test_r14_an_address_is_completed_on_the_page(
    console: OfflineConsole, clerk: Clerk
) -> None:
    address = {"street": "Hauptstr.", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    case_id = await console.order("A-1", customer={"address": address})
    html = await clerk.page(f"/console/cases/{case_id}")
    assert "house number" in html

    form = {**address, "street": "Hauptstr. 5", "last_name": "Muster", "email": "ada@example.org"}
    wrong = await clerk.post(
        f"/console/cases/{case_id}/customer", nonce="n" * 16, **form | {"email": "nope"}
    )
    assert wrong.status_code == 422
    assert 'id="error-customer-email"' in wrong.text
    assert "Hauptstr. 5" in wrong.text

    saved = await clerk.followed(f"/console/cases/{case_id}/customer", nonce="m" * 16, **form)
    assert "The contact is saved." in saved
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["missing"] == []


async def test_the_forecast_of_the_api_names_days_and_rules(console: OfflineConsole) -> None:
    case_id = await console.order("A-1", invoice_date="2026-02-10", notices_sent=HAD_FIRST_NOTICE)
    found = await console.granted("GET", f"/v1/cases/{case_id}/forecast")

    assert found["waits_for"] is None
    assert [item["kind"] for item in found["items"]] == ["final_notice", "handoff"]
    assert found["items"][0]["reasons"][0]["rule"] == "R8"
    assert found["items"][0]["reasons"][0]["day"] == "2026-03-11"

    held = await console.granted("GET", f"/v1/cases/{case_id}/forecast?until=2026-03-08")
    assert held["waits_for"] == "the end of a hold, which lasts until the end of 2026-03-08"
    assert [item["at"][:10] for item in held["items"]] == ["2026-03-08", "2026-03-18", "2026-03-28"]
    refused(
        await console.call("GET", f"/v1/cases/{case_id}/forecast?until=2026-02-01"), 422, "until"
    )
    refused(await console.call("GET", "/v1/cases/nothing/forecast"), 404)
    await console.granted("POST", "/v1/orders/s-1/A-1/cancel")
    ended = await console.call("GET", f"/v1/cases/{case_id}/forecast?until=2026-03-08")
    refused(ended, 409, reason="ended")
