"""R21: a seller is asked for its settings; its handoffs wait for the answer or the seventh day."""

from __future__ import annotations

from typing import Any

from tests.stories import Story

# An order from another system whose final notice was ten days ago: handed over today, if it may be.
OLD: dict[str, Any] = {
    "invoice_date": "2026-01-28",
    "notices_sent": [{"kind": "final_notice", "sent_on": "2026-02-20"}],
}


def about(story: Story, what: str) -> list[str]:
    return [
        f"{event['at'][:16]} {event['order_id']}"
        for event in story.events
        if event["event"] == "seller.told" and event["detail"]["about"] == what
    ]


def handed_over(story: Story) -> list[str]:
    return [event["at"][:16] for event in story.events if event["event"] == "claim.submitted"]


async def test_r21_a_silent_seller_is_asked_once_and_gets_the_defaults(
    story: Story,
) -> None:
    """Another setting than the switches and the option is no answer."""
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", payment_term_days=14)
    story.order("2026-03-02T09:15:00", "A-1")
    story.order("2026-03-03T09:15:00", "A-2", **OLD | {"invoice_date": "2026-01-14"})
    await story.play(until="2026-03-10")

    assert about(story, "settings_wanted") == ["2026-03-02T09:15 A-1"]
    assert about(story, "defaults_applied") == ["2026-03-09T23:00 A-1"]
    asked = [event for event in story.events if event["order_id"] == "A-1"]
    told = [event for event in asked if event["event"] == "seller.told"]
    assert {event["case_id"] for event in told} == {story.case_id("A-1")}
    assert {event["installment"] for event in told} == {None}
    [handed_over_at] = handed_over(story)
    assert "2026-03-10T08:00" <= handed_over_at < "2026-03-10T08:30"


async def test_r21_a_seller_that_set_a_switch_before_its_first_order_is_not_asked(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", auto_handoff=True)
    story.order("2026-03-02T09:15:00")
    await story.play(until="2026-03-10")

    assert story.days("seller.told") == []


async def test_r21_a_waiting_handoff_goes_on_with_the_answer_or_when_escalated(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T12:15:00", "A-1", **OLD).order("2026-03-02T12:16:00", "A-2", **OLD)
    story.verb("2026-03-03T20:00:00", "escalate", "A-1")
    story.settings("2026-03-04T15:30:00", auto_chargeback_handoff=True)
    await story.play(until="2026-03-10")

    assert handed_over(story) == ["2026-03-03T20:00", "2026-03-04T15:30"]
    assert about(story, "settings_wanted") == ["2026-03-02T12:15 A-1"]
    assert about(story, "defaults_applied") == []


async def test_r21_an_answer_in_the_last_minute_counts(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T12:15:00", **OLD)
    story.settings("2026-03-09T22:59:00", auto_handoff=False)
    await story.play(until="2026-03-10")

    assert handed_over(story) == []
    assert about(story, "defaults_applied") == []
    assert story.stages() == ["final_notice", "awaiting_approval"]


async def test_r21_the_option_is_locked_for_thirty_days(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T09:00:00", dunning_option="cancellation")
    story.settings("2026-03-31T21:59:00", dunning_option="court", payment_term_days=9)
    story.settings("2026-03-31T22:00:00", dunning_option="court")
    story.order("2026-04-02T09:00:00")
    await story.play(until="2026-04-02")

    assert story.reasons() == [(409, "option_locked")]
    case = await story.case()
    assert case["due_date"] == "2026-04-02"


async def test_r21_the_week_ends_once_though_calls_about_several_customers_come_at_once(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", payment_term_days=14)
    orders = [f"A-{number}" for number in range(3)]
    for order_id in orders:
        story.order("2026-03-02T09:15:00", order_id)
    for number, order_id in enumerate(orders):
        path = f"/v1/customers/{{seller}}/c-{order_id}"
        story.call(f"2026-03-12T09:0{number}:00", "PATCH", path, {"phone": f"+49 30 555{number}"})
    await story.play(until="2026-03-12")

    assert about(story, "defaults_applied") == ["2026-03-09T23:00 A-0"]
    assert story.reasons() == []
