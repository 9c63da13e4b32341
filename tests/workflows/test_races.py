"""R17: whatever comes first by a millisecond, the answer given is what happened.

Many cases at once, each forwarded to its handoff while something else is asked of it, a little
sooner or later from case to case.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from simulation.world import World
from tests.examples import many
from tests.stories import Story

CASES = many(6)
LATER = 6
EVE = "2026-03-31"
HANDOFF_DAY = datetime(2026, 4, 1, 12, tzinfo=UTC)
ORDERS = [f"A-{number}" for number in range(CASES)]
Ask = Callable[[str], Awaitable[httpx.Response]]


async def on_the_eve(story: Story, **settings: Any) -> Story:
    """Many cases on the evening before their handoff day."""
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", auto_handoff=True, **settings)
    had = [{"kind": "final_notice", "sent_on": "2026-03-22"}]
    for order_id in ORDERS:
        # From another system, with its notices: the handoff is next.
        story.order("2026-03-30T09:15:00", order_id, invoice_date="2026-03-02", notices_sent=had)
    await story.play(until=EVE)
    return story


async def race(story: Story, ask: Ask) -> list[httpx.Response]:
    """Forward every case past its handoff, and ask something of it on the way."""

    async def one(number: int, order_id: str) -> httpx.Response:
        forward = asyncio.create_task(
            story.world.advance_order(story.seller_id, order_id, HANDOFF_DAY)
        )
        # From case to case a little later, at last just when the claim has been handed over.
        for _ in range(number * LATER):
            if (await story.case(order_id))["stage"] == "handed_over":
                break
        answer = await ask(order_id)
        await forward
        await story.world.settle_order(story.seller_id, order_id)
        return answer

    return await asyncio.gather(*(one(*each) for each in enumerate(ORDERS)))


async def post(story: Story, path: str, body: Any = None) -> httpx.Response:
    with story.world.clock.at(HANDOFF_DAY):
        return await story.world.api.post(path, json=body)


def verb(story: Story, name: str) -> Ask:
    return lambda order_id: post(story, f"/v1/cases/{story.case_id(order_id)}/{name}")


async def claim_at_partner(world: World, story: Story, order_id: str) -> dict[str, Any] | None:
    path = f"/cases/by-creditor-reference/{story.case_id(order_id)}-1"
    answer = await world.partner.http.get(path)
    found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return found


async def ends(story: Story) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each case as it is now, with its claim at the partner."""
    world = story.world
    return [
        (await story.case(order_id), await claim_at_partner(world, story, order_id))
        for order_id in ORDERS
    ]


def names(case: dict[str, Any]) -> Counter[str]:
    return Counter(event["event"] for event in case["history"])


async def test_r17_stop_against_handoff(story: Story) -> None:
    await on_the_eve(story)

    answers = await race(story, verb(story, "stop"))

    for answer, (case, claim) in zip(answers, await ends(story), strict=True):
        if answer.status_code == 200:
            assert (case["stage"], claim) == ("stopped", None)
            assert answer.json()["stage"] == "stopped"
        else:
            assert answer.json()["reason"] in {"handoff_begun", "handed_over"}
            assert case["stage"] == "handed_over"
            assert claim is not None
            assert names(case)["claim.submitted"] == 1


async def test_r10_payment_against_handoff(story: Story) -> None:
    await on_the_eve(story)

    def pay(order_id: str) -> Awaitable[httpx.Response]:
        payment = {
            "payment_id": f"{story.seller_id}-{order_id}",
            "seller_id": story.seller_id,
            "order_id": order_id,
            "amount": "119.00",
            "currency": "EUR",
            "paid_at": "2026-04-01T12:00:00+00:00",
        }
        return post(story, "/v1/payments", payment)

    answers = await race(story, pay)

    assert {answer.status_code for answer in answers} == {201}
    for case, claim in await ends(story):
        assert (case["stage"], claim is None) in {("paid", True), ("settled", False)}
        assert names(case)["claim.payment_reported"] == (0 if claim is None else 1)


async def test_r29_cancel_against_handoff(story: Story) -> None:
    await on_the_eve(story)

    answers = await race(
        story, lambda order_id: post(story, f"/v1/orders/{story.seller_id}/{order_id}/cancel")
    )

    assert {answer.status_code for answer in answers} == {200}
    for case, claim in await ends(story):
        assert (case["stage"], claim is None) in {("canceled", True), ("handed_over", False)}
        if claim is not None:
            chats = await story.world.partner.http.get(f"/cases/{claim['id']}/chats")
            assert len(chats.json()) == 1  # it is asked, once, to stop


async def test_r29_cancel_against_payment_the_books_and_the_case_agree(story: Story) -> None:
    await on_the_eve(story)

    async def both(order_id: str) -> httpx.Response:
        payment = {
            "payment_id": f"{story.seller_id}-{order_id}",
            "seller_id": story.seller_id,
            "order_id": order_id,
            "amount": "119.00",
            "currency": "EUR",
            "paid_at": "2026-04-01T12:00:00+00:00",
        }
        paid, _ = await asyncio.gather(
            post(story, "/v1/payments", payment),
            post(story, f"/v1/orders/{story.seller_id}/{order_id}/cancel"),
        )
        return paid

    answers = await race(story, both)

    for answer, (case, _) in zip(answers, await ends(story), strict=True):
        credit = answer.json()["credit"]
        paid_first = credit == "0.00"
        assert case["stage"] in ({"paid", "settled"} if paid_first else {"canceled", "handed_over"})
        assert case["credit"] == credit


async def test_r17_r18_two_browsers_press_stop_and_escalate_together(story: Story) -> None:
    await on_the_eve(story)
    granted = []

    async def both(order_id: str) -> httpx.Response:
        stopped, escalated = await asyncio.gather(
            verb(story, "stop")(order_id), verb(story, "escalate")(order_id)
        )
        granted.append((order_id, stopped.status_code == 200, escalated.status_code == 200))
        return stopped

    await race(story, both)

    assert len(granted) == CASES
    for order_id, was_stopped, was_escalated in granted:
        case = await story.case(order_id)
        claim = await claim_at_partner(story.world, story, order_id)
        assert not (was_stopped and was_escalated)
        assert (case["stage"] == "stopped") == was_stopped
        assert (claim is None) == was_stopped
