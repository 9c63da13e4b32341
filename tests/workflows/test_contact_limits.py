"""R9: a customer in Chile gets messages from a seller in Berlin only as its law allows."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlmodel import select

from models.debt_summaries import DebtSummaryRow
from tests.factories import SANTIAGO
from tests.stories import Story

HOLIDAYS = {"2026-04-03", "2026-04-04", "2026-05-01"}
CHILE: dict[str, Any] = {
    "customer_id": "c-1",
    "address": {
        "street": "Moneda 970",
        "postal_code": "8320000",
        "city": "Santiago",
        "country": "CL",
    },
}


async def messages(story: Story) -> list[datetime]:
    """The moments of all messages that the law counts, by the clock in Santiago."""
    async with story.world.database.reading() as session:
        query = select(DebtSummaryRow).where(DebtSummaryRow.seller_id == story.seller_id)
        summaries = [row.sent_at for row in await session.exec(query)]
    notices = [
        datetime.fromisoformat(event["at"])
        for event in story.events
        if event["event"] == "notice.sent" and event["detail"]["kind"] != "invoice_notice"
    ]
    return sorted(at.astimezone(SANTIAGO).replace(tzinfo=None) for at in (*notices, *summaries))


async def test_r9_three_orders_of_one_customer_keep_its_law(story: Story) -> None:
    story.seller("2026-03-30T06:00:00")
    story.settings("2026-03-30T06:01:00", dunning_option="court", debt_summary="weekly")
    for number in range(3):
        story.order("2026-03-31T09:15:00", f"A-{number}", customer=CHILE)
    await story.play(until="2026-05-29")

    sent = await messages(story)
    assert [
        at
        for at in sent
        if at.weekday() == 6 or f"{at:%Y-%m-%d}" in HOLIDAYS or not time(8) <= at.time() < time(20)
    ] == []
    assert all(later - at >= timedelta(days=2) for at, later in pairwise(sent))
    assert all(later - at >= timedelta(days=7) for at, later in zip(sent, sent[2:], strict=False))
    kinds = [notice.partition(" ")[2] for notice in story.notices()]
    for kind in ("payment_reminder", "first_notice", "final_notice"):
        assert kinds.count(kind) == 3
    assert len(story.days("claim.submitted")) == 3
    # R8 counts from the day on which a step was taken.
    for order_id in ("A-0", "A-1", "A-2"):
        days = [
            datetime.fromisoformat(event["at"]).date()
            for event in story.events
            if event["order_id"] == order_id
            and event["event"] in ("notice.sent", "claim.submitted")
            and event["detail"].get("kind") != "invoice_notice"
        ]
        gaps = [(later - day).days for day, later in pairwise(days)]
        assert all(gap >= least for gap, least in zip(gaps, (5, 10, 10), strict=True))
