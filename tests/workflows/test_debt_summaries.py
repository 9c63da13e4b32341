"""R24: customers with several debts get a summary of them, weekly or monthly."""

from __future__ import annotations

import json
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
from tests.histories.texts import texts
from tests.stories import Story
from worker import WORKFLOWS, without_import_checks
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


def eva_owes_two(story: Story, **settings: Any) -> Story:
    """Two orders of Eva's, invoiced on a Monday and the day after, and due at once."""
    _seller(story, **settings)
    story.order("2026-03-02T09:15:00", "A-1", **EVA)
    return story.order("2026-03-03T09:15:00", "A-2", **EVA)


def each_owes_two(story: Story, *customer_ids: str, **settings: Any) -> Story:
    """Two old orders of each customer, from another system, with all their notices."""
    _seller(story, **settings)
    had = [{"kind": "final_notice", "sent_on": "2026-02-22"}]
    for customer_id in customer_ids:
        for part in ("a", "b"):
            story.order(
                "2026-03-03T09:15:00",
                f"{customer_id}{part}",
                customer={"customer_id": customer_id},
                invoice_date="2026-02-02",
                notices_sent=had,
            )
    return story


def _seller(story: Story, **settings: Any) -> None:
    story.seller("2026-03-02T06:00:00").settings(
        "2026-03-02T06:01:00", dunning_option="court", auto_handoff=False, **settings
    )


async def test_r24_weekly_summaries_keep_clear_of_notices_and_need_two_debts(
    story: Story,
) -> None:
    eva_owes_two(story, debt_summary="weekly")
    story.payment("2026-04-08T10:00:00", "119.00", "A-1")
    await story.play(until="2026-04-14")

    notices = sorted({entry.partition(" ")[0] for entry in story.notices()})
    assert notices[-6:] == [f"2026-03-{day}" for day in ("07", "08", "12", "13", "22", "23")]
    # Not on the 9th, the day after a reminder, and not on the 23rd.
    assert await sent(story) == [
        "2026-03-16 08:00 c-eva 2",
        "2026-03-30 07:00 c-eva 2",
        "2026-04-06 07:00 c-eva 2",
    ]
    assert not any("summary" in f"{event['event']} {event['detail']}" for event in story.events)


async def test_r24_no_summary_goes_out_the_day_before_a_notice_that_a_hold_has_moved(
    story: Story,
) -> None:
    eva_owes_two(story, debt_summary="weekly")
    story.order("2026-03-03T09:16:00", "A-3", **EVA)
    story.verb("2026-03-08T10:00:00", "hold", "A-1", {"until": "2026-03-12"})
    await story.play(until="2026-03-16")

    # After the hold the first notice of A-1 would come on the 17th.
    assert await sent(story) == []


async def test_r24_monthly_summaries_go_out_on_the_first_by_the_sellers_clock(story: Story) -> None:
    """Berlin's clocks go forward on 29 March."""
    window = {"from": "07:30", "to": "12:00"}
    each_owes_two(story, "c-eva", debt_summary="monthly", sending_window=window)
    await story.play(until="2026-05-02")

    assert await sent(story) == ["2026-04-01 05:30 c-eva 2", "2026-05-01 05:30 c-eva 2"]


async def test_r24_a_changed_rhythm_counts_from_the_next_summary_on(story: Story) -> None:
    each_owes_two(story, "c-eva")
    story.settings("2026-03-12T12:00:00", debt_summary="weekly")
    story.settings("2026-03-20T12:00:00", debt_summary="monthly")
    story.settings("2026-04-03T12:00:00", debt_summary="weekly", dunning_option="cancellation")
    story.settings("2026-04-10T12:00:00", debt_summary="off")
    await story.play(until="2026-04-14")

    assert await sent(story) == [
        "2026-03-16 08:00 c-eva 2",
        "2026-04-01 07:00 c-eva 2",
        "2026-04-06 07:00 c-eva 2",
    ]


async def test_r16_a_repeated_run_mails_nobody_again(story: Story) -> None:
    each_owes_two(story, "c-eva", debt_summary="weekly")
    await story.play(until="2026-03-09")
    (once,) = await sent(story)
    moment = story.calls[0].at.replace(day=9, hour=8)

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


async def test_r24_many_pages_take_several_runs(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.summaries._A_PAGE", 1)
    monkeypatch.setattr("workflows.debt_summaries.PAGES_OF_A_RUN", 2)
    each_owes_two(story, "c-0", "c-1", "c-2", debt_summary="weekly")
    await story.play(until="2026-03-09")

    assert [line[17:] for line in await sent(story)] == ["c-0 2", "c-1 2", "c-2 2"]
    handle = story.world.temporal.get_workflow_handle(f"debt-summary/{story.seller_id}/2026-03-09")
    [first, *_] = [event async for event in handle.fetch_history_events()]
    begun = first.workflow_execution_started_event_attributes
    assert begun.continued_execution_run_id


async def test_a_recorded_search_replays_and_names_nobody() -> None:
    recorded = FILE.read_text(encoding="utf-8")
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=without_import_checks(),
    )

    await replayer.replay_workflow(WorkflowHistory.from_json("sent", recorded))

    words = "\n".join(texts(json.loads(recorded)))
    assert "send_summaries" in words
    for private in ("Ada", "Muster", "example.org", "Hauptstr", "10115"):
        assert private not in words
