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
    ("deed", "stages"),
    [
        ({"to": "accepted"}, ["handed_over"]),
        ({"to": "legal"}, ["handed_over", "in_court"]),
        ({"to": "rejected"}, ["handed_over", "awaiting_approval"]),
        ({"to": "Closed:Paid"}, ["handed_over", "recovered"]),
        ({"to": "Closed:NoPayment"}, ["handed_over", "uncollectible"]),
    ],
)
async def test_r15_what_the_partner_does_moves_the_case(
    story: Story, deed: dict[str, str], stages: list[str]
) -> None:
    handed_over(story).partner("2026-04-10T12:00:00", **deed)

    await story.play(until="2026-04-12")

    assert story.stages()[3:] == stages
