"""R13: a chargeback is decided later if an address is missing or the case is on hold."""

from __future__ import annotations

from typing import Any

from tests.bodies import an_address
from tests.stories import Story

NO_NUMBER: dict[str, Any] = {"address": an_address(street="Hauptstr.")}


def with_chargeback(story: Story, **order: Any) -> Story:
    """An order that is due already, paid, and charged back two days later."""
    payment_id = f"{story.seller_id}-p"
    story.order("2026-03-06T09:00:00", invoice_date="2026-03-02", **order)
    story.payment("2026-03-08T09:00:00", "119.00", payment_id=payment_id)
    return story.chargeback("2026-03-10T09:00:00", payment_id)


async def test_r14_a_charged_back_case_without_an_address_goes_on_when_it_is_completed(
    story: Story,
) -> None:
    story.seller("2026-01-05T09:00:00").settings("2026-01-05T09:00:00", dunning_option="court")
    with_chargeback(story, customer=NO_NUMBER)
    address = {"address": an_address()}
    story.call("2026-03-11T21:00:00", "PATCH", "/v1/customers/{seller}/c-A-1", address)
    await story.play(until="2026-03-12")

    assert story.days("claim.submitted") == ["2026-03-11"]
    assert story.stages() == ["paid", "blocked", "scheduled", "handed_over"]


async def test_r19_r21_a_charged_back_case_on_hold_beyond_the_silence_is_decided_after_it(
    story: Story,
) -> None:
    story.seller("2026-03-06T08:00:00")
    with_chargeback(story).verb("2026-03-11T09:00:00", "hold", body={"until": "2026-03-19"})
    await story.play(until="2026-03-20")

    assert story.days("claim.submitted") == ["2026-03-19"]
    assert story.stages() == ["paid", "scheduled", "on_hold", "scheduled", "handed_over"]
