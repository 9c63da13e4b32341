"""R15: the partner's webhooks come in any order, twice, late or never; the case ends the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from standardwebhooks import Webhook

from models.tables import ClaimRow
from simulation.world import World
from tests.examples import IS_THOROUGH
from tests.stories import Story

# From another system, with its notices: the handoff is next.
NOTICED: dict[str, Any] = {
    "invoice_date": "2026-03-02",
    "notices_sent": [{"kind": "final_notice", "sent_on": "2026-03-22"}],
}
LIFE = (
    ("2026-04-03T10:00:00", {"to": "accepted"}),
    ("2026-04-09T10:00:00", {"to": "accepted", "amount": "19.00"}),
    ("2026-04-20T10:00:00", {"to": "legal"}),
    ("2026-05-04T10:00:00", {"to": "Closed:Paid", "amount": "100.00"}),
)
SENT_AT = datetime(2026, 5, 5, 10, tzinfo=UTC)
OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def silent_partner(world: World) -> AsyncIterator[None]:
    """Lose the partner's webhooks; a test replays those that are to arrive."""
    await world.partner.http.post("/test/webhooks/behavior", json={"lost": True})
    yield
    await world.partner.http.post("/test/webhooks/behavior", json={})


async def told(story: Story, order_id: str) -> list[dict[str, Any]]:
    """The partner's events about the claim of an order, oldest first."""
    partner_id = await partner_id_of(story, order_id)
    answer = await story.world.partner.http.get(f"/webhooks/events?caseId={partner_id}")
    events: list[dict[str, Any]] = answer.json()
    return events


async def partner_id_of(story: Story, order_id: str) -> str | None:
    async with story.world.database.reading() as session:
        claim = await session.get_one(ClaimRow, f"{story.case_id(order_id)}-1")
        return claim.partner_id


async def send_again(story: Story, order_id: str, events: Sequence[dict[str, Any]]) -> None:
    """Replay events one after the other, and let the case look into each."""
    world = story.world
    with world.clock.at(SENT_AT):
        for event in events:
            await world.partner.http.post(f"/webhooks/events/{event['id']}/replay")
            await world.partner.deliver()
    await world.settle_order(story.seller_id, order_id)


@pytest.mark.one_database
@pytest.mark.usefixtures("silent_partner")
async def test_r15_webhooks_in_any_order_lead_to_the_same_end(story: Story) -> None:
    """One order for each webhook that may come first; a thorough run takes all 24 orders."""
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", dunning_option="court")
    ways = list(permutations(range(len(LIFE))))[:: 1 if IS_THOROUGH else 6]
    orders = [f"A-{number}" for number in range(len(ways))]
    for order_id in orders:
        story.order("2026-03-30T09:15:00", order_id, **NOTICED)
        for at, action in LIFE:
            story.partner(at, order_id, **action)
    await story.play(until="2026-05-04")
    assert story.reasons() == []

    happened = [await told(story, order_id) for order_id in orders]
    kinds = [[event["eventType"] for event in events] for events in happened]
    assert kinds[0].count("payment.created") == 2
    for number, (order_id, events) in enumerate(zip(orders, happened, strict=True)):
        news = [event for event in events if event["eventType"] != "case.created"]
        sent_now = [news[place % len(news)] for place in ways[number]]
        # Some come twice, and some not at all.
        repeated = [*sent_now, *sent_now[: number % 3]][number % 2 :]
        await send_again(story, order_id, repeated)

    ends = []
    for order_id in orders:
        case = await story.case(order_id)
        ends.append((case["stage"], case["claim"]["status"], case["claim"]["close_code"]))
        closings = [e for e in case["history"] if e["event"] == "case.closed"]
        assert [closing["detail"]["outcome"] for closing in closings] == ["recovered"]
        updates = [e["detail"] for e in case["history"] if e["event"] == "claim.updated"]
        assert updates[-1]["collected"] == "119.00"
    assert set(ends) == {("recovered", "closed", "Paid")}


@pytest.mark.usefixtures("silent_partner")
async def test_r15_without_webhooks_the_case_asks_the_partner_and_ends(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", dunning_option="court")
    story.order("2026-03-30T09:15:00", **NOTICED)
    story.partner("2026-04-20T10:00:00", to="Closed:NoPayment")

    await story.play(until="2026-05-05")

    assert (await story.case())["stage"] == "uncollectible"
    [closed_on] = story.days("case.closed", outcome="uncollectible")
    assert closed_on > "2026-04-20"


# --- which webhooks are taken --------------------------------------------------------------------


def an_event(partner_id: str | None, **given: Any) -> bytes:
    event = {
        "specversion": "1.0",
        "id": "event-1",
        "type": "case.updated",
        "source": "urn:partner",
        "time": "2026-04-02T10:00:00+00:00",
        "data": {"caseId": partner_id or "nobody", "creditorReference": "nobody-1"},
    }
    return json.dumps(event | given).encode()


async def post(
    world: World, body: bytes, *, secret: str, at: datetime, claimed: datetime
) -> tuple[int, dict[str, Any]]:
    headers = {
        "Content-Type": "application/json",
        "webhook-id": "event-1",
        "webhook-timestamp": str(int(claimed.timestamp())),
        "webhook-signature": Webhook(secret).sign("event-1", claimed, body.decode()),
    }
    with world.clock.at(at):
        answer = await world.api.post("/v1/partner/webhooks", content=body, headers=headers)
    return answer.status_code, answer.json()


async def test_r15_a_webhook_with_another_signature_is_refused(story: Story) -> None:
    world, at = story.world, SENT_AT
    assert (await post(world, an_event(None), secret=OTHER, at=at, claimed=at))[0] == 401


async def test_r15_a_webhook_about_an_unknown_claim_is_answered_with_404(story: Story) -> None:
    world, at = story.world, SENT_AT
    secret = world.partner.secret
    assert secret is not None
    assert (await post(world, an_event(None), secret=secret, at=at, claimed=at))[0] == 404


async def test_r15_a_webhook_with_an_old_signature_is_refused(story: Story) -> None:
    world, at = story.world, SENT_AT
    secret = world.partner.secret
    assert secret is not None
    old = at.replace(hour=9)
    assert (await post(world, an_event(None), secret=secret, at=at, claimed=old))[0] == 401


async def test_r15_an_event_that_comes_twice_is_taken_once(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", dunning_option="court")
    story.order("2026-03-30T09:15:00", **NOTICED)
    await story.play(until="2026-04-02")
    partner_id = await partner_id_of(story, "A-1")
    world, at, secret = story.world, SENT_AT, story.world.partner.secret
    assert secret is not None
    body = an_event(partner_id, id=f"event-of-{partner_id}")

    answers = [await post(world, body, secret=secret, at=at, claimed=at) for _ in range(2)]

    assert answers == [(200, {"status": "taken"}), (200, {"status": "known"})]
    await world.settle_order(story.seller_id, "A-1")
    checks = [e for e in (await story.case())["history"] if e["event"] == "claim.updated"]
    assert checks == []
