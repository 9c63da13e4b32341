"""R17: a stop and the handoff come at the same moment, and the answer says what happened.

`tests/activities/test_handoff_interrupted.py` has the other races, each at its exact moment.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.examples import many
from tests.stories import Story

ORDERS = [f"A-{number}" for number in range(many(6))]
LOOKS_MORE_EACH = 6
HANDOFF_DAY = datetime(2026, 4, 1, 12, tzinfo=UTC)


async def on_the_eve(story: Story) -> None:
    """Open orders that have had their notices elsewhere; the handoff is tomorrow."""
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", auto_handoff=True)
    had = [{"kind": "final_notice", "sent_on": "2026-03-22"}]
    for order_id in ORDERS:
        story.order("2026-03-30T09:15:00", order_id, invoice_date="2026-03-02", notices_sent=had)
    await story.play(until="2026-03-31")


async def stop(story: Story, order_id: str) -> httpx.Response:
    with story.world.clock.at(HANDOFF_DAY):
        return await story.world.api.post(f"/v1/cases/{story.case_id(order_id)}/stop")


async def hand_over(story: Story, order_id: str) -> None:
    await story.world.advance_order(story.seller_id, order_id, HANDOFF_DAY)


async def race(story: Story, number: int, order_id: str) -> httpx.Response:
    """Stop a case while it is handed over; each case somewhat later than the one before."""
    handing_over = asyncio.create_task(hand_over(story, order_id))
    for _ in range(number * LOOKS_MORE_EACH):
        if (await story.case(order_id))["stage"] == "handed_over":
            break
    answer = await stop(story, order_id)
    await handing_over
    return answer


async def claim_at_partner(story: Story, order_id: str) -> dict[str, Any] | None:
    path = f"/cases/by-creditor-reference/{story.case_id(order_id)}-1"
    answer = await story.world.partner.http.get(path)
    found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return found


async def test_r17_stop_against_handoff(story: Story) -> None:
    """The first is stopped before, the last afterwards, the others at the same moment."""
    await on_the_eve(story)
    first, *others, last = ORDERS

    answers = [await stop(story, first)]
    await hand_over(story, first)
    answers += await asyncio.gather(*(race(story, *one) for one in enumerate(others)))
    await hand_over(story, last)
    answers.append(await stop(story, last))

    assert (answers[0].status_code, answers[-1].status_code) == (200, 409)
    for order_id, answer in zip(ORDERS, answers, strict=True):
        await story.world.settle_order(story.seller_id, order_id)
        case, claim = await story.case(order_id), await claim_at_partner(story, order_id)
        submitted = [entry for entry in case["history"] if entry["event"] == "claim.submitted"]
        if answer.status_code == 200:
            assert (answer.json()["stage"], case["stage"]) == ("stopped", "stopped")
            assert (claim, submitted) == (None, [])
        else:
            assert answer.json()["reason"] in {"handoff_begun", "handed_over"}
            assert (case["stage"], len(submitted)) == ("handed_over", 1)
            assert claim is not None
