"""Whole cases on the real server: what is sent on which day, and how a case ends."""

from __future__ import annotations

from tests.stories import Story


async def test_r4_to_r7_an_unpaid_order_climbs_the_ladder_to_the_partner(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")

    await story.play(until="2026-05-01")

    assert story.notices() == [
        "2026-03-02 invoice_notice",
        "2026-03-07 payment_reminder",
        "2026-03-12 first_notice",
        "2026-03-22 final_notice",
    ]
    assert story.stages() == ["reminded", "first_notice", "final_notice", "handed_over"]
    assert story.days("claim.submitted", amount="119.00") == ["2026-04-01"]


async def test_r10_a_paid_case_ends_and_nothing_more_is_sent(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.payment("2026-03-08T12:00:00", "119.00")

    await story.play(until="2026-05-01")

    assert story.notices() == ["2026-03-02 invoice_notice", "2026-03-07 payment_reminder"]
    assert story.stages() == ["reminded", "paid"]
    assert story.days("case.closed", outcome="paid") == ["2026-03-08"]
    assert (await story.case())["open_amount"] == "0.00"


async def test_r17_a_stopped_case_is_quiet_and_a_start_takes_it_up(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.verb("2026-03-08T12:00:00", "stop").verb("2026-03-30T12:00:00", "start")

    await story.play(until="2026-04-30")

    assert story.notices()[1:] == [
        "2026-03-07 payment_reminder",
        "2026-04-04 first_notice",
        "2026-04-14 final_notice",
    ]
    assert story.stages() == [
        "reminded",
        "stopped",
        "reminded",
        "first_notice",
        "final_notice",
        "handed_over",
    ]


async def test_r20_a_payment_of_a_stopped_case_ends_it_paid(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.verb("2026-03-08T12:00:00", "stop").payment("2026-03-20T12:00:00", "119.00")

    await story.play(until="2026-04-30")

    assert story.stages() == ["reminded", "stopped", "paid"]


async def test_r19_hold_days_move_the_next_step(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    hold = {"until": "2026-03-12", "reason": "a dispute"}
    story.verb("2026-03-09T12:00:00", "hold", body=hold)

    await story.play(until="2026-04-20")

    assert story.notices()[2:] == ["2026-03-16 first_notice", "2026-03-26 final_notice"]
    held = next(entry for entry in story.events if entry["event"] == "case.held")
    assert held["detail"] == hold
    assert [entry["at"] for entry in story.events if entry["event"] == "case.resumed"] == [
        "2026-03-12T23:00:00+00:00"
    ]


async def test_r12_r18_without_the_switch_the_seller_decides(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", auto_handoff=False)
    story.order("2026-03-02T09:15:00")
    story.verb("2026-03-10T09:00:00", "escalate").verb("2026-04-09T22:30:00", "escalate")

    await story.play(until="2026-05-01")

    assert story.stages()[-2:] == ["awaiting_approval", "handed_over"]
    assert story.reasons() == [(409, "final_notice_not_sent")]
    assert story.days("seller.told", about="approval_wanted") == ["2026-04-01"]
    assert story.days("claim.submitted") == ["2026-04-09"]


async def test_r11_no_collection_cancels_the_order_on_the_handoff_day(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="no_collection")
    parts = [
        {"number": 1, "due_date": "2026-03-02", "amount": "60.00"},
        {"number": 2, "due_date": "2026-05-02", "amount": "59.00"},
    ]
    story.order("2026-03-02T09:15:00", installments=parts)

    await story.play(until="2026-06-20")

    assert story.days("order.canceled") == ["2026-04-01", "2026-04-01"]
    assert story.days("case.closed", outcome="canceled") == ["2026-04-01", "2026-04-01"]
    assert story.days("notice.sent", kind="cancellation_notice") == ["2026-04-01"]
    assert story.days("claim.submitted") == []


async def test_r14_an_incomplete_address_blocks_and_a_complete_one_lets_go_on(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00")
    address = {"street": "Hauptstr.", "city": "Berlin", "country": "DE"}
    story.order("2026-03-02T09:15:00", customer={"address": address})
    whole = {"address": address | {"street": "Hauptstr. 5", "postal_code": "10115"}}
    story.call("2026-03-20T11:00:00", "PATCH", "/v1/customers/{seller}/c-A-1", whole)

    await story.play(until="2026-05-20")

    incomplete = [e for e in story.events if e["event"] == "address.incomplete"]
    assert [(e["at"][:10], e["detail"]["missing"]) for e in incomplete] == [
        ("2026-03-02", ["house_number", "postal_code"]),
        ("2026-03-12", ["house_number", "postal_code"]),
    ]
    assert story.days("seller.told", about="address_incomplete") == ["2026-03-02", "2026-03-12"]
    assert story.notices()[1:] == [
        "2026-03-07 payment_reminder",
        "2026-03-20 first_notice",
        "2026-03-30 final_notice",
    ]
    assert story.stages()[:4] == ["reminded", "blocked", "reminded", "first_notice"]


async def test_r14_a_refused_mail_address_blocks_until_it_is_corrected(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T09:15:00", customer={"email": "bounce+550@example.org"})
    story.call(
        "2026-03-10T11:00:00",
        "PATCH",
        "/v1/customers/{seller}/c-A-1",
        {"email": "ada@example.org"},
    )

    await story.play(until="2026-03-20")

    assert story.days("notice.undeliverable") == ["2026-03-02", "2026-03-07"]
    assert story.days("seller.told", about="mail_undeliverable") == ["2026-03-02", "2026-03-07"]
    assert story.notices() == ["2026-03-10 payment_reminder", "2026-03-15 first_notice"]
    assert story.stages()[:3] == ["blocked", "scheduled", "reminded"]


async def test_r20_settled_when_paid_after_the_handoff(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.payment("2026-04-10T12:00:00", "19.00").payment("2026-04-12T12:00:00", "100.00")

    await story.play(until="2026-05-01")

    assert story.stages()[-2:] == ["handed_over", "settled"]
    assert (await story.case())["paid"] == "119.00"


async def test_r29_a_canceled_order_ends_its_cases_and_later_money_is_credit(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    for at in ("2026-03-08T12:00:00", "2026-03-09T12:00:00"):
        story.call(at, "POST", "/v1/orders/{seller}/A-1/cancel")
    story.payment("2026-03-10T12:00:00", "119.00").verb("2026-03-11T12:00:00", "start")

    await story.play(until="2026-05-01")

    assert story.stages() == ["reminded", "canceled"]
    assert story.days("order.canceled") == ["2026-03-08"]
    assert story.days("notice.sent", kind="cancellation_notice") == ["2026-03-08"]
    assert (await story.case())["credit"] == "119.00"
    assert story.reasons() == [(409, "ended")]


async def test_r11_cancellation_hands_over_and_cancels_the_rest_of_the_order(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="cancellation")
    parts = [
        {"number": 1, "due_date": "2026-03-02", "amount": "60.00"},
        {"number": 2, "due_date": "2026-03-20", "amount": "59.00"},
    ]
    story.order("2026-03-02T09:15:00", installments=parts, cancellation_costs="15.00")
    story.payment("2026-04-10T12:00:00", "80.00")

    await story.play(until="2026-06-20")

    first, second = await story.case(installment=1), await story.case(installment=2)
    assert story.days("claim.submitted", amount="60.00") == ["2026-04-01"]
    assert story.days("order.canceled") == ["2026-04-01", "2026-04-01"]
    assert story.days("notice.sent", kind="cancellation_notice") == ["2026-04-01"]
    assert (first["stage"], first["fees"], first["paid"]) == ("settled", "15.00", "75.00")
    assert (second["stage"], second["paid"], second["credit"]) == ("canceled", "0.00", "5.00")


async def test_r19_a_hold_ends_in_the_time_zone_that_the_seller_has_then(story: Story) -> None:
    story.seller("2026-03-01T08:00:00").order("2026-03-02T09:15:00")
    story.seller("2026-03-08T08:00:00", time_zone="America/Santiago")
    story.verb("2026-03-09T01:00:00", "hold", body={"until": "2026-03-11"})

    await story.play(until="2026-03-17")

    resumed = [event["at"] for event in story.events if event["event"] == "case.resumed"]
    assert resumed == ["2026-03-12T03:00:00+00:00"]
    assert story.days("notice.sent", kind="first_notice") == ["2026-03-16"]


async def test_r14_the_seller_is_told_once_of_each_mail_that_was_refused(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T09:15:00", customer={"email": "bounce+550@example.org", "address": {}})
    path = "/v1/customers/{seller}/c-A-1"
    story.call("2026-03-10T10:00:00", "PATCH", path, {"email": "bounce+551@example.org"})

    await story.play(until="2026-03-12")

    days = ["2026-03-02", "2026-03-07", "2026-03-10"]
    assert story.days("notice.undeliverable") == days
    assert story.days("seller.told", about="mail_undeliverable") == days
    assert story.days("seller.told", about="address_incomplete") == ["2026-03-02"]


async def test_r14_a_mail_server_that_is_busy_is_asked_until_it_answers(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T09:15:00", customer={"email": "bounce+451@example.org"})
    path = "/v1/customers/{seller}/c-A-1"
    story.call("2026-03-02T11:00:00", "PATCH", path, {"email": "ada@example.org"})

    await story.play(until="2026-03-03")

    assert story.notices()[0] == "2026-03-02 invoice_notice"


async def test_r2_one_invoice_notice_tells_the_whole_plan(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    parts = [
        {"number": 1, "due_date": "2026-03-16", "amount": "60.00"},
        {"number": 2, "due_date": "2026-04-16", "amount": "59.00"},
    ]
    story.order("2026-03-02T09:15:00", installments=parts, customer={"language": "en"})

    await story.play(until="2026-03-03")

    sent = [event for event in story.events if event["event"] == "notice.sent"]
    assert [(event["installment"], event["case_id"]) for event in sent] == [
        (None, story.case_id(installment=1))
    ]
    assert sent[0]["detail"]["open_amount"] == "119.00"
