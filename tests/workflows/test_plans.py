"""What a case's workflow makes of plans: late, lost, repeated, or not told at all."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.case.requests import apply_request
from dunning.requests import Request, Verb
from models.changes import change_case
from models.tables import CaseRow
from starter.delivery.client import workflow_id_of
from tests.stories import Story
from tests.workflows.test_operators import sweep

ON_THE_NEXT_DAY = datetime.fromisoformat("2026-03-09T12:00:00+00:00")
A_STEP_LATER = datetime.fromisoformat("2026-03-14T00:00:00+00:00")


async def reminded(story: Story) -> WorkflowHandle[Any, Any]:
    story.seller("2026-03-02T08:00:00").order("2026-03-02T09:15:00")
    await story.play(until="2026-03-08")
    return story.world.temporal.get_workflow_handle(workflow_id_of(story.case_id()))


async def plan_of(workflow: WorkflowHandle[Any, Any]) -> Plan:
    return Plan.model_validate(await workflow.query("plan"))


async def post(story: Story, path: str, body: Any = None) -> None:
    with story.world.clock.at(ON_THE_NEXT_DAY):
        answer = await story.world.api.post(path, json=body)
    assert answer.status_code in {200, 201}, answer.text
    await story.world.settle(story.case_id())


async def decided_and_not_told(story: Story, verb: Verb) -> None:
    """The row is changed, and then whoever changed it is gone before Temporal hears of it."""
    request = Request(verb=verb)
    async with story.world.database.writing() as session:
        await change_case(
            session,
            story.case_id(),
            lambda case, now: apply_request(case, request, now, ON_THE_NEXT_DAY),
            at=ON_THE_NEXT_DAY,
        )


async def notices(story: Story) -> list[str]:
    history = (await story.case())["history"]
    return [entry["detail"]["kind"] for entry in history if entry["event"] == "notice.sent"]


async def test_an_old_plan_that_arrives_last_changes_nothing(story: Story) -> None:
    workflow = await reminded(story)
    old = await plan_of(workflow)
    await post(story, f"/v1/cases/{story.case_id()}/hold")
    newer = await plan_of(workflow)

    await workflow.signal("changed", old)
    await story.world.settle(story.case_id())

    assert newer.version > old.version
    assert await plan_of(workflow) == newer
    await story.world.advance_order(story.seller_id, "A-1", A_STEP_LATER)
    assert await notices(story) == ["invoice_notice", "payment_reminder"]


@pytest.mark.parametrize("order", permutations(range(3)), ids=str)
async def test_plans_in_any_order_and_twice_lead_to_the_newest(
    story: Story, order: tuple[int, ...]
) -> None:
    workflow = await reminded(story)
    plans = []
    for verb in ("hold", "resume", "hold"):
        await post(story, f"/v1/cases/{story.case_id()}/{verb}")
        plans.append(await plan_of(workflow))

    for number in (*order, *order):
        await workflow.signal("changed", plans[number])
    await story.world.settle(story.case_id())

    assert await plan_of(workflow) == plans[-1]
    assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_a_plan_that_is_told_again_has_nothing_done_again(story: Story) -> None:
    workflow = await reminded(story)
    plan = await plan_of(workflow)

    for _ in range(3):
        await workflow.signal("changed", plan)
    await story.world.advance_order(story.seller_id, "A-1", A_STEP_LATER)

    assert await notices(story) == ["invoice_notice", "payment_reminder", "first_notice"]


async def test_r16_what_the_row_does_not_plan_any_more_is_not_done(story: Story) -> None:
    workflow = await reminded(story)
    await decided_and_not_told(story, Verb.STOP)
    assert (await plan_of(workflow)).actions[0].kind is ActionKind.FIRST_NOTICE

    await story.world.advance_order(story.seller_id, "A-1", A_STEP_LATER)
    await story.world.forward(story.case_id(), A_STEP_LATER)

    assert await notices(story) == ["invoice_notice", "payment_reminder"]
    assert (await plan_of(workflow)).stage == "stopped"


async def test_a_plan_that_was_never_told_is_told_by_the_next_sweep(story: Story) -> None:
    workflow = await reminded(story)
    await decided_and_not_told(story, Verb.HOLD)

    await sweep(story)

    assert (await plan_of(workflow)).stage == "on_hold"
    async with story.world.database.reading() as session:
        row = await session.get_one(CaseRow, story.case_id())
    assert row.told_version == row.version
