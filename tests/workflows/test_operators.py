"""R28: what an operator does in the Temporal Web UI, or by a batch job, to many cases at once."""

from __future__ import annotations

from typing import Any

import pytest

from starter.client import workflow_id_of
from tests.stories import Story


async def signaled(story: Story, name: str) -> dict[str, Any]:
    """The case after a signal without any input."""
    case_id = story.case_id()
    await story.world.temporal.get_workflow_handle(workflow_id_of(case_id)).signal(name)
    await story.world.settle(case_id)
    return await story.case()


@pytest.mark.parametrize(
    ("name", "stage", "event"),
    [
        ("stop", "stopped", "case.stopped"),
        ("hold", "on_hold", "case.held"),
        ("escalate", "reminded", "request.refused"),
        ("resume", "reminded", "request.refused"),
    ],
)
async def test_r28_a_signal_moves_a_case_as_a_sellers_request_would(
    story: Story, name: str, stage: str, event: str
) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    await story.play(until="2026-03-08")

    case = await signaled(story, name)

    assert case["stage"] == stage
    assert event in [entry["event"] for entry in case["history"]]


async def test_r28_cases_are_found_by_seller_order_and_stage(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    await story.play(until="2026-03-08")

    handle = story.world.temporal.get_workflow_handle(workflow_id_of(story.case_id()))
    described = await handle.describe()
    shown = {pair.key.name: pair.value for pair in described.typed_search_attributes}

    assert shown["DunningSeller"] == story.seller_id
    assert (shown["DunningOrder"], shown["DunningStage"]) == ("A-1", "reminded")
