"""After the handoff: what the partner or the seller's bank does, and what the case does then."""

from __future__ import annotations

from typing import Any

from tests.stories import Story

# From another system, with its notices: the handoff is next.
NOTICED: dict[str, Any] = {
    "invoice_date": "2026-03-02",
    "notices_sent": [{"kind": "final_notice", "sent_on": "2026-03-22"}],
}
STAGE_AFTER = {
    "accepted": "handed_over",
    "legal": "in_court",
    "rejected": "awaiting_approval",
    "Closed:Paid": "recovered",
    "Closed:NoPayment": "uncollectible",
}


async def test_r15_the_partners_actions_move_the_case_and_the_seller_hears_of_them(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", dunning_option="court")
    actions = {f"A-{number}": to for number, to in enumerate(STAGE_AFTER)}
    for order_id, to in actions.items():
        story.order("2026-03-30T09:15:00", order_id, **NOTICED)
        story.partner("2026-04-10T12:00:00", order_id, to=to)

    await story.play(until="2026-04-11")

    assert story.days("seller.told", about="handed_over") == ["2026-04-01"] * len(actions)
    for order_id, to in actions.items():
        assert (await story.case(order_id))["stage"] == STAGE_AFTER[to], to
    assert story.days("seller.told", about="claim_rejected") == ["2026-04-10"]
    assert story.days("seller.told", about="case_closed") == ["2026-04-10"] * 2


async def test_r11_r20_a_rejected_claim_can_be_paid_though_it_canceled_the_order(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="cancellation")
    story.order("2026-03-30T09:15:00", cancellation_costs="15.00", **NOTICED)
    story.partner("2026-04-10T12:00:00", to="rejected")
    story.payment("2026-04-12T12:00:00", "134.00")

    await story.play(until="2026-04-13")

    case = await story.case()
    assert story.stages() == ["final_notice", "handed_over", "awaiting_approval", "paid"]
    assert (case["paid"], case["credit"]) == ("134.00", "0.00")


async def test_r13_reversed_credit_is_in_the_history_and_the_seller_hears_of_it(
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
