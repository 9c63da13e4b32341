"""R28: operators signal, cancel, terminate and find cases in the Temporal Web UI or in batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from dunning.case.plan import Plan
from tests.stories import Story
from tests.workflows.operating import (
    IN_THE_EVENING,
    REMINDER_SENT,
    opened,
    sweep,
    workflow_of,
)


async def signaled(story: Story, name: str, *given: Any) -> dict[str, Any]:
    """Send a signal; return the case afterwards."""
    await workflow_of(story).signal(name, args=given)
    await story.world.settle(story.case_id())
    return await story.case()


def entries(case: dict[str, Any], event: str) -> list[dict[str, Any]]:
    return [entry["detail"] for entry in case["history"] if entry["event"] == event]


def refused(case: dict[str, Any]) -> list[dict[str, Any]]:
    return entries(case, "request.refused")


async def test_r28_a_signal_does_what_a_sellers_request_does(story: Story) -> None:
    await opened(story)

    for verb in ("escalate", "resume", "withdraw", "start"):
        case = await signaled(story, verb)
        assert (case["stage"], refused(case)[-1]["request"]) == ("scheduled", verb)
    held = await signaled(story, "hold", {"until": "2026-03-20", "reason": "a promise"})
    stopped = await signaled(story, "stop")
    started = await signaled(story, "start", {"reason": "stopped by mistake"})

    assert (held["stage"], held["hold"]) == (
        "on_hold",
        {"since": "2026-03-02", "until": "2026-03-20", "reason": "a promise"},
    )
    assert (stopped["stage"], len(entries(stopped, "case.stopped"))) == ("stopped", 1)
    assert (started["stage"], started["next_step"]["kind"]) == ("scheduled", "payment_reminder")
    assert entries(started, "case.started") == [{"reason": "stopped by mistake"}]
    assert len(refused(started)) == 4


async def test_r28_an_unreadable_signal_is_refused_and_the_case_goes_on(
    story: Story,
) -> None:
    await opened(story)
    misspelt, no_day = {"untill": "2026-03-20"}, {"until": "tomorrow"}
    unreadable: list[Any] = ["2026-03-20", 20, ["2026-03-20"], misspelt, no_day]

    for given in (*unreadable, {"until": "2026-03-01"}):
        case = await signaled(story, "hold", given)

    assert case["stage"] == "scheduled"
    assert [detail["request"] for detail in refused(case)] == ["hold"] * 6
    assert not any("tomorrow" in detail["reason"] for detail in refused(case))
    assert refused(case)[-1]["reason"] == "until: lies in the past"


async def test_r18_an_operator_never_hands_over_despite_the_term(story: Story) -> None:
    story.seller("2026-03-02T08:00:00").settings("2026-03-02T08:01:00", dunning_option="court")
    had = [{"kind": "final_notice", "sent_on": "2026-03-08"}]
    story.order("2026-03-09T09:15:00", invoice_date="2026-02-01", notices_sent=had)
    await story.play(until="2026-03-09")

    await signaled(story, "escalate", {"reason": "insolvent"})
    case = await signaled(story, "escalate", {"reason": "insolvent", "despite_term": True})

    assert case["stage"] == "final_notice"
    term, unreadable = refused(case)
    assert term == {"request": "escalate", "reason": "term_running"}
    assert unreadable["reason"].startswith("despite_term")


async def test_r28_a_second_signal_counts_and_the_plan_says_what_the_case_waits_for(
    story: Story,
) -> None:
    workflow = await opened(story)
    await signaled(story, "hold", {"until": "2026-03-20"})

    case = await signaled(story, "hold", {"until": "2026-03-25"})

    assert [detail["until"] for detail in entries(case, "case.held")] == [
        "2026-03-20",
        "2026-03-25",
    ]
    assert Plan.model_validate(await workflow.query("plan")).words == (
        "stage: on_hold\n\n"
        "waits for: the end of a hold, since 2026-03-02, until the end of 2026-03-25\n\n"
        "next: end_hold at 2026-03-25 23:00 UTC"
    )


async def test_r28_a_requested_cancellation_does_not_end_a_case(story: Story) -> None:
    workflow = await opened(story)

    await workflow.cancel()
    await story.world.advance_order(story.seller_id, "A-1", later(REMINDER_SENT))

    assert (await story.case())["stage"] == "reminded"
    assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_r28_a_terminated_workflow_is_started_again_and_the_case_goes_on(
    story: Story,
) -> None:
    workflow = await opened(story)
    await workflow.terminate("by mistake")

    await sweep(story)
    await story.world.advance_order(story.seller_id, "A-1", later(REMINDER_SENT))

    sent = [detail["kind"] for detail in entries(await story.case(), "notice.sent")]
    assert sent == ["invoice_notice", "payment_reminder"]


async def test_r28_an_ended_case_is_found_by_its_end_and_is_not_started_again(
    story: Story,
) -> None:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    story.payment("2026-03-02T12:00:00", "119.00")
    await story.play(until=IN_THE_EVENING)
    before = await workflow_of(story).describe()

    await sweep(story)

    after = await workflow_of(story).describe()
    assert (await shown(story))["DunningStage"] == "paid"
    assert (after.run_id, after.status) == (before.run_id, WorkflowExecutionStatus.COMPLETED)


def later(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


async def shown(story: Story) -> dict[str, Any]:
    """The search attributes by which operators find the case."""
    described = await workflow_of(story).describe()
    return {pair.key.name: pair.value for pair in described.typed_search_attributes}


async def test_r28_cases_are_found_by_seller_order_stage_and_due_date(story: Story) -> None:
    await opened(story)

    found = await shown(story)

    assert found["DunningSeller"] == story.seller_id
    assert (found["DunningOrder"], found["DunningStage"]) == ("A-1", "scheduled")
    assert found["DunningDue"] == later("2026-03-02T00:00:00")
    assert "DunningBlockedBy" not in found


async def test_r28_cases_are_found_by_what_blocks_them_while_it_does(story: Story) -> None:
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
