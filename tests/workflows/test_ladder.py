"""Whole cases on the real server: each step on its day, and what follows from it."""

from __future__ import annotations

from tests.stories import Story


async def test_r4_to_r7_an_unpaid_order_climbs_the_ladder_to_the_partner(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")

    await story.play(until="2026-04-02")

    assert story.notices() == [
        "2026-03-02 invoice_notice",
        "2026-03-07 payment_reminder",
        "2026-03-12 first_notice",
        "2026-03-22 final_notice",
    ]
    assert story.stages() == ["reminded", "first_notice", "final_notice", "handed_over"]
    assert story.days("claim.submitted", amount="119.00") == ["2026-04-01"]


async def test_r11_cancellation_hands_over_and_cancels_the_rest_of_the_order(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="cancellation")
    parts = [
        {"number": 1, "due_date": "2026-03-02", "amount": "60.00"},
        {"number": 2, "due_date": "2026-04-20", "amount": "59.00"},
    ]
    had = [{"installment": 1, "kind": "final_notice", "sent_on": "2026-03-22"}]
    story.order(
        "2026-03-30T09:15:00", installments=parts, cancellation_costs="15.00", notices_sent=had
    )
    story.payment("2026-04-10T12:00:00", "80.00")

    await story.play(until="2026-04-11")

    first, second = await story.case(installment=1), await story.case(installment=2)
    assert story.days("claim.submitted", amount="60.00") == ["2026-04-01"]
    assert story.days("order.canceled") == ["2026-04-01", "2026-04-01"]
    assert story.days("notice.sent", kind="cancellation_notice") == ["2026-04-01"]
    assert (first["stage"], first["fees"], first["paid"]) == ("settled", "15.00", "75.00")
    assert (second["stage"], second["paid"], second["credit"]) == ("canceled", "0.00", "5.00")


async def test_r19_a_hold_ends_in_the_sellers_new_time_zone(story: Story) -> None:
    story.seller("2026-03-01T08:00:00").order("2026-03-02T09:15:00")
    story.seller("2026-03-08T08:00:00", time_zone="America/Santiago")
    story.verb("2026-03-09T01:00:00", "hold", body={"until": "2026-03-11"})

    await story.play(until="2026-03-17")

    resumed = [event["at"] for event in story.events if event["event"] == "case.resumed"]
    assert resumed == ["2026-03-12T03:00:00+00:00"]
    assert story.days("notice.sent", kind="first_notice") == ["2026-03-16"]


async def test_r14_the_seller_hears_once_of_each_refused_mail(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T09:15:00", customer={"email": "bounce+550@example.org", "address": {}})
    path = "/v1/customers/{seller}/c-A-1"
    story.call("2026-03-10T10:00:00", "PATCH", path, {"email": "bounce+551@example.org"})

    await story.play(until="2026-03-12")

    days = ["2026-03-02", "2026-03-07", "2026-03-10"]
    assert story.days("notice.undeliverable") == days
    assert story.days("seller.told", about="mail_undeliverable") == days
    assert story.days("seller.told", about="address_incomplete") == ["2026-03-02"]


async def test_r14_a_busy_mail_server_is_tried_again_until_it_answers(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T09:15:00", customer={"email": "bounce+451@example.org"})
    path = "/v1/customers/{seller}/c-A-1"
    story.call("2026-03-02T11:00:00", "PATCH", path, {"email": "ada@example.org"})

    await story.play(until="2026-03-03")

    assert story.notices()[0] == "2026-03-02 invoice_notice"
