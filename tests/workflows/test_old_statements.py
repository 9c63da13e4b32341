"""R20: a notice waits for a newer bank statement and goes out when it comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.factories import utc
from tests.stories import Story

HEAD = "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;IBAN;Betrag;Währung"


async def statement_of(story: Story, day: str, at: datetime) -> None:
    """Import a statement up to a day; none of its lines is about the story's orders."""
    row = f"{day};{day};Eva Fremd;Miete;DE44500105175407324931;1,00;EUR"
    with story.world.clock.at(at):
        answer = await story.world.api.post(
            f"/v1/sellers/{story.seller_id}/statements",
            content=f"{HEAD}\r\n{row}\r\n".encode(),
            headers={"Content-Type": "text/csv"},
        )
    assert answer.status_code == 201, answer.text
    await story.world.settle_order(story.seller_id, "A-1")


async def until(story: Story, moment: datetime) -> dict[str, Any]:
    await story.world.advance_all([(story.seller_id, "A-1")], moment)
    return await story.case("A-1")


@pytest.mark.one_database
async def test_r20_a_reminder_waits_for_a_newer_statement(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="court", hold_when_stale_days=2)
    story.order("2026-03-02T09:15:00", "A-1")
    await story.play(until="2026-03-02")
    await statement_of(story, "03.03.2026", utc("2026-03-04T10:00:00"))

    waiting = await until(story, utc("2026-03-08T12:00:00"))

    assert (waiting["stage"], waiting["next_step"]) == ("scheduled", None)
    told = [one["detail"] for one in waiting["history"] if one["event"] == "seller.told"]
    assert told[-1] == {"about": "statement_old"}

    await statement_of(story, "08.03.2026", utc("2026-03-09T10:00:00"))
    case = await until(story, utc("2026-03-09T12:00:00"))

    assert case["stage"] == "reminded"
    [sent] = [
        one["at"]
        for one in case["history"]
        if one["event"] == "notice.sent" and one["detail"]["kind"] == "payment_reminder"
    ]
    assert sent.startswith("2026-03-09T10:0")
