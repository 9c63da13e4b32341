"""R13: a chargeback whose decision has to wait is decided when what it waits for has come."""

from __future__ import annotations

from typing import Any

import pytest

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
    await story.play(until="2026-03-15")

    assert story.days("claim.submitted") == ["2026-03-11"]
    assert story.stages() == ["paid", "blocked", "scheduled", "handed_over"]


@pytest.mark.parametrize("until", [None, "2026-03-19"])
async def test_r19_r21_a_charged_back_case_on_hold_beyond_the_silence_is_decided_after_it(
    story: Story, until: str | None
) -> None:
    story.seller("2026-03-06T08:00:00")
    with_chargeback(story).verb("2026-03-11T09:00:00", "hold", body={"until": until})
    if until is None:
        story.verb("2026-03-20T09:00:00", "resume")
    await story.play(until="2026-03-25")

    assert story.days("claim.submitted") == ["2026-03-20" if until is None else "2026-03-19"]
    assert story.stages() == ["paid", "scheduled", "on_hold", "scheduled", "handed_over"]


async def test_r10_what_the_partner_got_is_not_asked_for_again(story: Story) -> None:
    story.seller("2026-01-05T09:00:00").settings("2026-01-05T09:00:00", dunning_option="court")
    story.order("2026-03-02T09:00:00")
    payment_id = f"{story.seller_id}-p"
    story.payment("2026-03-03T09:00:00", "40.00", payment_id=payment_id)
    story.partner("2026-04-10T09:00:00", to="Closed:Paid")
    story.chargeback("2026-04-12T09:00:00", payment_id)
    story.verb("2026-04-13T09:00:00", "start")
    await story.play(until="2026-06-10")

    claimed = [e["detail"]["amount"] for e in story.events if e["event"] == "claim.submitted"]
    assert claimed == ["79.00", "40.00"]
    again = [
        entry["detail"]["open_amount"]
        for entry in story.events
        if entry["event"] == "notice.sent" and entry["at"] > "2026-04-13"
    ]
    assert again == ["40.00"] * 3


@pytest.mark.parametrize("is_automatic", [True, False])
async def test_r15_r17_a_charged_back_case_can_be_started_when_its_claim_was_rejected(
    story: Story, *, is_automatic: bool
) -> None:
    story.seller("2026-01-05T09:00:00").settings(
        "2026-01-05T09:00:00", dunning_option="court", auto_chargeback_handoff=is_automatic
    )
    with_chargeback(story)
    if not is_automatic:
        story.verb("2026-03-11T09:00:00", "escalate")
    story.partner("2026-03-12T09:00:00", to="rejected")
    story.verb("2026-03-13T09:00:00", "start")
    await story.play(until="2026-03-20")

    assert story.reasons() == []
    kinds = [notice[11:] for notice in story.notices()]
    assert kinds[-2:] == ["payment_reminder", "first_notice"]
