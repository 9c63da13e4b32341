"""R28: what operators do in the Temporal Web UI, or by a batch job, to many cases at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy

from dunning.case.plan import Plan
from starter.delivery.client import workflow_id_of
from tests.stories import Story
from workflows import CASES_QUEUE
from workflows.sweep import SweepWorkflow

REMINDER_SENT = "2026-03-08"


async def reminded(story: Story, **customer: Any) -> WorkflowHandle[Any, Any]:
    """A case that has had its payment reminder, and its workflow."""
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00", customer=customer)
    await story.play(until=REMINDER_SENT)
    return workflow_of(story)


def workflow_of(story: Story) -> WorkflowHandle[Any, Any]:
    return story.world.temporal.get_workflow_handle(workflow_id_of(story.case_id()))


async def signaled(story: Story, name: str, *given: Any) -> dict[str, Any]:
    """The case after a signal."""
    await workflow_of(story).signal(name, args=given)
    await story.world.settle(story.case_id())
    return await story.case()


def entries(case: dict[str, Any], event: str) -> list[dict[str, Any]]:
    return [entry["detail"] for entry in case["history"] if entry["event"] == event]


async def sweep(story: Story) -> None:
    """What the Schedule has done every few minutes."""
    await story.world.temporal.execute_workflow(
        SweepWorkflow.run,
        id=f"sweep-of-{story.seller_id}",
        task_queue=CASES_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    await story.world.settle(story.case_id())


@pytest.mark.parametrize(
    ("name", "stage", "event"),
    [
        ("stop", "stopped", "case.stopped"),
        ("hold", "on_hold", "case.held"),
        ("start", "reminded", "request.refused"),
        ("escalate", "reminded", "request.refused"),
        ("resume", "reminded", "request.refused"),
        ("withdraw", "reminded", "request.refused"),
    ],
)
async def test_r28_a_signal_moves_a_case_as_a_sellers_request_would(
    story: Story, name: str, stage: str, event: str
) -> None:
    await reminded(story)

    case = await signaled(story, name)

    assert case["stage"] == stage
    assert len(entries(case, event)) == 1


async def test_r17_r28_a_stopped_case_is_started_again_by_a_signal(story: Story) -> None:
    await reminded(story)
    assert (await signaled(story, "stop"))["stage"] == "stopped"

    case = await signaled(story, "start", {"reason": "stopped by mistake"})

    assert (case["stage"], case["next_step"]["kind"]) == ("reminded", "first_notice")
    assert entries(case, "case.started") == [{"reason": "stopped by mistake"}]


async def test_r19_a_hold_takes_its_last_day_and_its_reason(story: Story) -> None:
    await reminded(story)

    case = await signaled(story, "hold", {"until": "2026-03-20", "reason": "a promise"})

    assert case["hold"] == {"since": "2026-03-09", "until": "2026-03-20", "reason": "a promise"}


@pytest.mark.parametrize(
    "given",
    ["2026-03-20", 20, ["2026-03-20"], {"until": "tomorrow"}, {"untill": "2026-03-20"}],
    ids=str,
)
async def test_r28_what_cannot_be_read_is_refused_and_the_case_goes_on(
    story: Story, given: Any
) -> None:
    await reminded(story)

    case = await signaled(story, "hold", given)

    [refused] = entries(case, "request.refused")
    assert (case["stage"], refused["request"]) == ("reminded", "hold")
    assert "tomorrow" not in refused["reason"]


async def test_r18_an_operator_never_hands_over_despite_the_term(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", dunning_option="court")
    had = [{"kind": "final_notice", "sent_on": "2026-03-08"}]
    story.order("2026-03-09T09:15:00", invoice_date="2026-02-01", notices_sent=had)
    await story.play(until="2026-03-09")

    await signaled(story, "escalate", {"reason": "insolvent"})
    case = await signaled(story, "escalate", {"reason": "insolvent", "despite_term": True})

    assert case["stage"] == "final_notice"
    term, unreadable = entries(case, "request.refused")
    assert term == {"request": "escalate", "reason": "term_running"}
    assert unreadable["reason"].startswith("despite_term")


async def test_r28_a_last_day_that_lies_in_the_past_is_refused(story: Story) -> None:
    await reminded(story)

    case = await signaled(story, "hold", {"until": "2026-03-01"})

    assert case["stage"] == "reminded"
    [refused] = entries(case, "request.refused")
    assert refused == {"request": "hold", "reason": "until: lies in the past"}


async def test_r28_a_signal_is_heeded_once_and_a_second_one_again(story: Story) -> None:
    await reminded(story)
    await signaled(story, "hold", {"until": "2026-03-20"})

    case = await signaled(story, "hold", {"until": "2026-03-25"})

    assert case["hold"]["until"] == "2026-03-25"
    assert [detail["until"] for detail in entries(case, "case.held")] == [
        "2026-03-20",
        "2026-03-25",
    ]


async def test_r28_a_requested_cancellation_does_not_end_a_case(story: Story) -> None:
    workflow = await reminded(story)

    await workflow.cancel()
    await story.world.advance_order(story.seller_id, "A-1", later("2026-03-13T12:00:00"))

    assert (await story.case())["stage"] == "first_notice"
    assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_r28_a_terminated_workflow_is_started_again_and_the_case_goes_on(
    story: Story,
) -> None:
    workflow = await reminded(story)
    await workflow.terminate("by mistake")

    await sweep(story)
    await story.world.advance_order(story.seller_id, "A-1", later("2026-03-13T12:00:00"))

    case = await story.case()
    sent = [detail["kind"] for detail in entries(case, "notice.sent")]
    assert sent == ["invoice_notice", "payment_reminder", "first_notice"]


async def test_r28_an_ended_case_is_not_started_again(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.payment("2026-03-08T09:15:00", "119.00")
    await story.play(until="2026-03-09")

    await sweep(story)

    described = await workflow_of(story).describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED


def later(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


async def shown(story: Story) -> dict[str, Any]:
    """By what operators find the case."""
    described = await workflow_of(story).describe()
    return {pair.key.name: pair.value for pair in described.typed_search_attributes}


async def test_r28_cases_are_found_by_seller_order_stage_and_due_date(story: Story) -> None:
    await reminded(story)

    found = await shown(story)

    assert found["DunningSeller"] == story.seller_id
    assert (found["DunningOrder"], found["DunningStage"]) == ("A-1", "reminded")
    assert found["DunningDue"] == later("2026-03-02T00:00:00")
    assert "DunningBlockedBy" not in found


async def test_r28_cases_are_found_by_what_blocks_them_until_it_does_not(story: Story) -> None:
    story.seller("2026-03-02T08:00:00")
    story.order("2026-03-02T09:15:00", customer={"email": "bounce+550@example.org"})
    await story.play(until="2026-03-08")
    assert (await shown(story))["DunningBlockedBy"] == "email"

    path = f"/v1/customers/{story.seller_id}/c-A-1"
    with story.world.clock.at(later("2026-03-08T12:00:00")):
        await story.world.api.patch(path, json={"email": "ada@example.org"})
    await story.world.settle(story.case_id())

    found = await shown(story)
    assert (found["DunningStage"], "DunningBlockedBy" in found) == ("scheduled", False)


async def test_r28_an_ended_case_is_found_by_its_end(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.payment("2026-03-08T09:15:00", "119.00")
    await story.play(until="2026-03-09")

    assert (await shown(story))["DunningStage"] == "paid"


async def test_r28_a_case_says_in_words_for_whom_it_waits_and_since_when(story: Story) -> None:
    await reminded(story)
    await signaled(story, "hold", {"until": "2026-03-20"})

    plan = Plan.model_validate(await workflow_of(story).query("plan"))

    assert plan.words == (
        "stage: on_hold\n\n"
        "waits for: the end of a hold, since 2026-03-09, until the end of 2026-03-20\n\n"
        "next: end_hold at 2026-03-20 23:00 UTC"
    )
