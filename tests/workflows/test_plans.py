"""A case's workflow goes by the newest plan: plans may come late, twice, in any order or never."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.case.requests import apply_request
from dunning.requests import Request, Verb
from models.changes import change_case
from models.tables import CaseRow
from tests.stories import Story
from tests.workflows.operating import opened, sweep, workflow_of

ON_THE_NEXT_DAY = datetime.fromisoformat("2026-03-03T12:00:00+00:00")
A_STEP_LATER = datetime.fromisoformat("2026-03-08T00:00:00+00:00")


async def plan_of(workflow: WorkflowHandle[Any, Any]) -> Plan:
    return Plan.model_validate(await workflow.query("plan"))


async def decided_and_not_sent(story: Story, verb: Verb, order_id: str = "A-1") -> Plan:
    """Change the row as if the process died before it told Temporal. Returns the new plan."""
    request = Request(verb=verb)
    async with story.world.database.writing() as session:
        changed = await change_case(
            session,
            story.case_id(order_id),
            lambda case, now: apply_request(case, request, now, ON_THE_NEXT_DAY),
            at=ON_THE_NEXT_DAY,
        )
    return changed.plan


async def notices(story: Story, order_id: str = "A-1") -> list[str]:
    history = (await story.case(order_id))["history"]
    return [entry["detail"]["kind"] for entry in history if entry["event"] == "notice.sent"]


async def test_the_newest_plan_counts_in_whatever_order_they_come(story: Story) -> None:
    """Six cases hear of a hold, its end and another hold, each in another order."""
    orders = {f"A-{number}": order for number, order in enumerate(permutations(range(3)))}
    await opened(story, *orders)
    for order_id, order in orders.items():
        workflow = workflow_of(story, order_id)
        plans = [
            await decided_and_not_sent(story, verb, order_id)
            for verb in (Verb.HOLD, Verb.RESUME, Verb.HOLD)
        ]

        for number in (*order, *order):
            await workflow.signal("changed", plans[number])
        await story.world.advance_order(story.seller_id, order_id, A_STEP_LATER)

        assert await plan_of(workflow) == plans[-1]
        assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING
        assert await notices(story, order_id) == ["invoice_notice"]


async def test_a_repeated_plan_repeats_no_action(story: Story) -> None:
    workflow = await opened(story)
    plan = await plan_of(workflow)

    for _ in range(3):
        await workflow.signal("changed", plan)
    await story.world.advance_order(story.seller_id, "A-1", A_STEP_LATER)

    assert await notices(story) == ["invoice_notice", "payment_reminder"]


async def test_r16_an_action_that_the_row_no_longer_plans_is_not_done(story: Story) -> None:
    workflow = await opened(story)
    await decided_and_not_sent(story, Verb.STOP)
    assert (await plan_of(workflow)).actions[0].kind is ActionKind.PAYMENT_REMINDER

    await story.world.advance_order(story.seller_id, "A-1", A_STEP_LATER)
    await story.world.forward(story.case_id(), A_STEP_LATER)

    assert await notices(story) == ["invoice_notice"]
    assert (await plan_of(workflow)).stage == "stopped"


async def test_the_next_sweep_tells_a_plan_that_was_never_told(story: Story) -> None:
    workflow = await opened(story)
    await decided_and_not_sent(story, Verb.HOLD)

    await sweep(story)

    assert (await plan_of(workflow)).stage == "on_hold"
    async with story.world.database.reading() as session:
        row = await session.get_one(CaseRow, story.case_id())
    assert row.sent_version == row.version
