"""R20: a seller books a statement line after the handoff, and takes the booking back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.stories import Story

Document = dict[str, Any]
HEAD = "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;IBAN;Betrag;Währung"
HANDED_OVER = datetime(2026, 4, 2, 10, tzinfo=UTC)
HAD_FINAL_NOTICE = [{"kind": "final_notice", "sent_on": "2026-03-22"}]


class Clerk:
    """Imports a statement line of 119.00 EUR, books it for an order, and takes that back."""

    def __init__(self, story: Story, at: datetime) -> None:
        self._story = story
        self._at = at

    async def call(self, path: str, body: Any = None, content: bytes | None = None) -> Document:
        world = self._story.world
        with world.clock.at(self._at):
            answer = await world.api.post(
                f"/v1/sellers/{self._story.seller_id}{path}",
                json=body,
                content=content,
                headers={"Content-Type": "application/json"},
            )
        assert answer.is_success, answer.text
        await world.settle_order(self._story.seller_id, "A-4711")
        document: Document = answer.json()
        return document

    async def booked(self) -> str:
        """Import and book the line; return its id."""
        day = f"{self._at:%d.%m.%Y}"
        row = f"{day};{day};Ada Muster;A-4711;DE02120300000000202051;119,00;EUR"
        taken = await self.call("/statements", content=f"{HEAD}\r\n{row}\r\n".encode())
        [line] = taken["lines"]
        shares = [{"order_id": "A-4711", "amount": "119.00"}]
        await self.call(f"/lines/{line['line_id']}/book", shares)
        line_id: str = line["line_id"]
        return line_id

    async def takes_back(self, line_id: str) -> None:
        await self.call(f"/lines/{line_id}/take_back", {})


def reports(case: Document) -> list[str]:
    events = (one for one in case["history"] if one["event"] == "claim.payment_reported")
    return [one["detail"]["kind"] for one in events]


@pytest.mark.one_database
async def test_r20_the_partner_hears_of_a_booking_and_of_its_being_taken_back(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.settings("2026-03-02T08:01:00", dunning_option="court")
    story.order(
        "2026-03-30T09:15:00", "A-4711", invoice_date="2026-03-02", notices_sent=HAD_FINAL_NOTICE
    )
    await story.play(until="2026-04-01")
    clerk = Clerk(story, HANDED_OVER)
    assert (await story.case("A-4711"))["stage"] == "handed_over"

    line_id = await clerk.booked()
    settled = await story.case("A-4711")
    assert (settled["stage"], reports(settled)) == ("settled", ["payment"])
    await clerk.takes_back(line_id)

    case = await story.case("A-4711")
    assert (case["stage"], case["open_amount"]) == ("handed_over", "119.00")
    assert reports(case) == ["payment", "correction"]
    assert case["claim"]["status"] == "submitted"
