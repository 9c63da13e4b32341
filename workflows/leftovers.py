"""The safety net under the delivery of facts, started by a Temporal Schedule."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.leftovers import LeftoverActivities, ScheduleSweep
    from activities.webhooks import WebhookSweep
    from workflows import options


@workflow.defn(name="DeliverLeftovers")
class DeliverLeftoversWorkflow:
    """Facts are in SQL before Temporal hears of them: here goes what did not get any further."""

    @workflow.run
    async def run(self) -> int:
        facts = workflow.start_activity_method(
            LeftoverActivities.deliver_leftovers, **options.LEFTOVERS
        )
        await workflow.execute_activity_method(WebhookSweep.wake_webhooks, **options.LEFTOVERS)
        delivered = await facts
        await workflow.execute_activity_method(ScheduleSweep.renew_schedules, **options.LEFTOVERS)
        return delivered
