"""The sweep, started by a Schedule: brings Temporal up to SQL."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sweep import SweepActivities
    from activities.webhooks import WebhookSweep
    from workflows import options


@workflow.defn(name="Sweep")
class SweepWorkflow:
    """The workflow that sends plans, wakes endpoints, renews Schedules and starts lost cases."""

    @workflow.run
    async def run(self) -> int:
        """Return how many cases were sent their plans or started."""
        sent = workflow.start_activity_method(SweepActivities.send_unsent, **options.SWEEP)
        await workflow.execute_activity_method(WebhookSweep.wake_webhooks, **options.SWEEP)
        await workflow.execute_activity_method(SweepActivities.renew_schedules, **options.SWEEP)
        count = await sent
        count += await workflow.execute_activity_method(
            SweepActivities.revive_cases, **options.SWEEP
        )
        return count
