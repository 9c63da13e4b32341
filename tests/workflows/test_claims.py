"""After the handoff: what the partner does, and what becomes of the case (R13, R15, R29)."""

from __future__ import annotations

import pytest

from tests.stories import Story

HANDED_OVER = "2026-04-01"


def handed_over(story: Story) -> Story:
    """An order whose claim is with the partner on the first of April."""
    return story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")


async def test_r15_the_seller_is_told_and_the_partner_gets_the_documents(story: Story) -> None:
    handed_over(story)

    await story.play(until="2026-04-03")

    assert story.stages()[-1] == "handed_over"
    assert story.days("seller.told", about="handed_over") == [HANDED_OVER]


@pytest.mark.parametrize(
    ("action", "stages"),
    [
        ({"to": "accepted"}, ["handed_over"]),
        ({"to": "legal"}, ["handed_over", "in_court"]),
        ({"to": "rejected"}, ["handed_over", "awaiting_approval"]),
        ({"to": "Closed:Paid"}, ["handed_over", "recovered"]),
        ({"to": "Closed:NoPayment"}, ["handed_over", "uncollectible"]),
    ],
)
async def test_r15_what_the_partner_does_moves_the_case(
    story: Story, action: dict[str, str], stages: list[str]
) -> None:
    handed_over(story).partner("2026-04-10T12:00:00", **action)

    await story.play(until="2026-04-12")

    assert story.stages()[3:] == stages


async def test_r11_r20_a_rejected_claim_of_the_order_that_it_canceled_can_be_paid(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="cancellation")
    story.order("2026-03-02T09:15:00", cancellation_costs="15.00")
    story.partner("2026-04-10T12:00:00", to="rejected")
    story.payment("2026-04-12T12:00:00", "134.00")

    await story.play(until="2026-04-14")

    case = await story.case()
    assert story.stages()[3:] == ["handed_over", "awaiting_approval", "paid"]
    assert (case["paid"], case["credit"]) == ("134.00", "0.00")


async def test_r13_r29_what_was_paid_in_a_canceled_order_is_not_reopened(story: Story) -> None:
    parts = [
        {"number": 1, "due_date": "2026-03-02", "amount": "60.00"},
        {"number": 2, "due_date": "2026-04-20", "amount": "59.00"},
    ]
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00", installments=parts)
    payment_id = f"{story.seller_id}-paid"
    story.payment("2026-03-03T12:00:00", "60.00", payment_id=payment_id)
    story.call("2026-03-10T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")
    story.chargeback("2026-03-12T12:00:00", payment_id)

    await story.play(until="2026-04-14")

    assert (await story.case(installment=1))["stage"] == "paid"
    assert (await story.case(installment=2))["stage"] == "canceled"
    assert story.days("seller.told", about="chargeback") == ["2026-03-12"]
    assert story.days("claim.submitted") == []


async def test_r13_credit_that_went_back_is_in_the_history_and_the_seller_is_told(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.call("2026-03-03T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")
    payment_id = f"{story.seller_id}-paid"
    story.payment("2026-03-04T12:00:00", "40.00", payment_id=payment_id)
    story.chargeback("2026-03-12T12:00:00", payment_id, fee="5.00")

    await story.play(until="2026-03-14")

    reversed_ = {"payment_id": payment_id, "amount": "40.00"}
    assert story.days("payment.reversed", **reversed_) == ["2026-03-12"]
    assert story.days("seller.told", about="chargeback") == ["2026-03-12"]
    case = await story.case()
    assert (case["stage"], case["open_amount"]) == ("canceled", "119.00")
