"""R24: what customers with several debts get, week by week and month by month."""

from __future__ import annotations

import json
import re
import zlib
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
from sqlmodel import col, select
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from models.debt_summaries import DebtSummaryRow
from models.payloads import SendSummaries
from tests.histories.debt_summaries import FILE
from tests.stories import Story
from tests.workflows.test_replay import texts
from worker import WORKFLOWS, sandbox
from workflows import CASES_QUEUE
from workflows.debt_summaries import DebtSummariesWorkflow

EVA: dict[str, Any] = {"customer": {"customer_id": "c-eva", "first_name": "Eva"}}


async def sent(story: Story) -> list[str]:
    """Each summary of the story: moment (UTC), customer, and how many receivables are in it."""
    async with story.world.database.reading() as session:
        query = (
            select(DebtSummaryRow)
            .where(DebtSummaryRow.seller_id == story.seller_id)
            .order_by(col(DebtSummaryRow.sent_at), col(DebtSummaryRow.customer_id))
        )
        rows = (await session.exec(query)).all()
    for row in rows:
        message = message_from_bytes(zlib.decompress(row.content), policy=SMTP)
        assert message["Date"].datetime == row.sent_at.replace(microsecond=0)
    return [f"{row.sent_at:%Y-%m-%d %H:%M} {row.customer_id} {row.items}" for row in rows]


def begun(story: Story, **settings: Any) -> Story:
    """Two orders of Eva's, a Monday; due at once, so overdue from the next day on."""
    story.seller("2026-03-02T06:00:00").settings(
        "2026-03-02T06:01:00", dunning_option="court", auto_handoff=False, **settings
    )
    story.order("2026-03-02T09:15:00", "A-1", **EVA)
    return story.order("2026-03-03T09:15:00", "A-2", **EVA)


async def test_r24_weekly_until_less_than_two_are_left(story: Story) -> None:
    begun(story, debt_summary="weekly")
    story.payment("2026-04-08T10:00:00", "119.00", "A-1")
    await story.play(until="2026-04-20")

    assert await sent(story) == [
        "2026-03-16 08:00 c-eva 2",
        "2026-03-30 07:00 c-eva 2",
        "2026-04-06 07:00 c-eva 2",
    ]


async def test_r24_none_beside_notices(story: Story) -> None:
    """Reminders on 7 and 8 March, first notices on the 12th and 13th, final ones ten days later."""
    begun(story, debt_summary="weekly")
    await story.play(until="2026-04-01")

    days = sorted({entry.partition(" ")[0] for entry in story.notices()})
    assert days[-6:] == [f"2026-03-{on}" for on in ("07", "08", "12", "13", "22", "23")]
    # Not on the 9th, the day after a reminder, and not on the 23rd.
    assert [line[:10] for line in await sent(story)] == ["2026-03-16", "2026-03-30"]


async def test_r24_a_notice_that_comes_when_a_hold_ends_is_near_too(story: Story) -> None:
    begun(story, debt_summary="weekly")
    story.order("2026-03-03T09:16:00", "A-3", **EVA)
    story.verb("2026-03-08T10:00:00", "hold", "A-1", {"until": "2026-03-12"})
    await story.play(until="2026-03-18")

    # After the hold the first notice of A-1 comes on the 17th.
    assert await sent(story) == []


async def test_r10_r24_what_the_partner_got_is_not_asked_for_again(story: Story) -> None:
    story.seller("2026-01-05T09:00:00").settings(
        "2026-01-05T09:00:00", dunning_option="court", debt_summary="weekly"
    )
    story.order("2026-03-02T09:00:00", "A-1", **EVA).order("2026-04-06T09:00:00", "A-2", **EVA)
    payment_id = f"{story.seller_id}-p"
    story.payment("2026-03-03T09:00:00", "40.00", payment_id=payment_id)
    story.partner("2026-04-10T09:00:00", to="Closed:Paid")
    story.chargeback("2026-04-12T09:00:00", payment_id)
    story.verb("2026-04-13T09:00:00", "start")
    await story.play(until="2026-05-05")

    assert await sent(story) == ["2026-05-04 07:00 c-eva 2"]
    async with story.world.database.reading() as session:
        query = select(DebtSummaryRow).where(DebtSummaryRow.seller_id == story.seller_id)
        row = (await session.exec(query.order_by(col(DebtSummaryRow.sent_at).desc()))).first()
    assert row is not None
    body = message_from_bytes(zlib.decompress(row.content), policy=SMTP).get_body(("plain",))
    assert body is not None
    amounts = re.findall(r"[0-9]+,[0-9]{2}", body.get_content())
    assert set(amounts) == {"40,00", "119,00", "159,00"}


async def test_r24_monthly_on_the_first_by_the_sellers_clock(story: Story) -> None:
    """Berlin's clocks go forward on 29 March."""
    begun(story, debt_summary="monthly", sending_window={"from": "07:30", "to": "12:00"})
    await story.play(until="2026-05-02")

    assert await sent(story) == ["2026-04-01 05:30 c-eva 2", "2026-05-01 05:30 c-eva 2"]


async def test_r24_what_is_on_hold_stopped_or_handed_over_is_in_none(story: Story) -> None:
    begun(story, debt_summary="weekly")
    story.order("2026-03-03T09:16:00", "A-3", **EVA)
    story.verb("2026-03-10T10:00:00", "hold", "A-1", {"until": "2026-03-19"})
    story.verb("2026-03-17T10:00:00", "stop", "A-2")
    story.verb("2026-04-07T10:00:00", "escalate", "A-3")
    await story.play(until="2026-04-21")

    assert await sent(story) == ["2026-03-16 08:00 c-eva 2", "2026-04-06 07:00 c-eva 2"]
    assert story.reasons() == []


async def test_r24_one_receivable_gets_none_and_customers_are_not_mixed(story: Story) -> None:
    story.seller("2026-03-02T06:00:00")
    story.settings("2026-03-02T06:01:00", dunning_option="court", debt_summary="weekly")
    story.order("2026-03-02T09:15:00", "A-1").order("2026-03-02T09:15:00", "A-2")
    await story.play(until="2026-03-24")

    assert await sent(story) == []


async def test_r10_what_was_paid_before_is_in_none(story: Story) -> None:
    begun(story, debt_summary="weekly")
    story.order("2026-03-03T09:16:00", "A-3", **EVA)
    story.payment("2026-03-16T07:59:00", "119.00", "A-1")
    story.payment("2026-03-16T07:59:59", "100.00", "A-2")
    await story.play(until="2026-03-17")

    assert await sent(story) == ["2026-03-16 08:00 c-eva 2"]


async def test_r24_the_settings_may_change_on_the_way(story: Story) -> None:
    begun(story)
    story.settings("2026-03-12T12:00:00", debt_summary="weekly")
    story.settings("2026-03-20T12:00:00", debt_summary="monthly")
    story.settings("2026-04-03T12:00:00", debt_summary="weekly", dunning_option="cancellation")
    story.settings("2026-04-10T12:00:00", debt_summary="off")
    await story.play(until="2026-05-20")

    assert await sent(story) == [
        "2026-03-16 08:00 c-eva 2",
        "2026-04-01 07:00 c-eva 2",
        "2026-04-06 07:00 c-eva 2",
    ]


async def test_r24_with_business_days_a_holiday_moves_it(story: Story) -> None:
    begun(story, debt_summary="weekly", business_days_only=True)
    story.settings("2026-04-11T12:00:00", debt_summary="off")
    await story.play(until="2026-04-14")

    assert (await sent(story))[-2:] == [
        "2026-03-30 07:00 c-eva 2",
        "2026-04-07 07:00 c-eva 2",  # after Easter Monday
    ]


async def test_r24_a_summary_is_no_entry_of_a_history(story: Story) -> None:
    begun(story, debt_summary="weekly")
    await story.play(until="2026-03-17")

    assert len(await sent(story)) == 1
    assert [entry for entry in story.notices() if "summary" in entry] == []


async def test_r16_a_double_run_mails_nobody_twice(story: Story) -> None:
    begun(story, debt_summary="weekly")
    await story.play(until="2026-03-17")
    (once,) = await sent(story)
    moment = story.calls[0].at.replace(day=16, hour=8)

    for number in range(2):
        task = SendSummaries(
            seller_id=story.seller_id,
            at=moment,
            clock_shift=story.world.clock.shift(moment),
        )
        await story.world.temporal.execute_workflow(
            DebtSummariesWorkflow.run,
            task,
            id=f"again/{story.seller_id}/{number}",
            task_queue=CASES_QUEUE,
        )

    assert await sent(story) == [once]


async def test_r24_many_pages_are_several_runs(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.summaries._A_PAGE", 1)
    monkeypatch.setattr("workflows.debt_summaries.PAGES_OF_A_RUN", 2)
    story.seller("2026-03-02T06:00:00")
    story.settings("2026-03-02T06:01:00", dunning_option="court", debt_summary="weekly")
    for number in range(3):
        for part in ("a", "b"):
            customer = {"customer_id": f"c-{number}"}
            story.order("2026-03-02T09:15:00", f"A-{number}{part}", customer=customer)
    await story.play(until="2026-03-17")

    assert [line[17:] for line in await sent(story)] == ["c-0 2", "c-1 2", "c-2 2"]
    handle = story.world.temporal.get_workflow_handle(f"debt-summary/{story.seller_id}/2026-03-16")
    [first, *_] = [event async for event in handle.fetch_history_events()]
    begun = first.workflow_execution_started_event_attributes
    assert begun.continued_execution_run_id


async def test_a_recorded_search_replays_and_names_nobody() -> None:
    recorded = FILE.read_text(encoding="utf-8")
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=sandbox(),
    )

    await replayer.replay_workflow(WorkflowHistory.from_json("sent", recorded))

    words = "\n".join(texts(json.loads(recorded)))
    assert "SendSummaries" in words or "send_summaries" in words
    for private in ("Ada", "Muster", "example.org", "Hauptstr", "10115"):
        assert private not in words
