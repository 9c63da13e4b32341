"""A seller is asked for its settings; seven days of silence are an answer, too (R21)."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.settings import SettingsActivities
    from models.messages import AskSeller
    from workflows import options


@workflow.defn(name="SellerSettings")
class SellerSettingsWorkflow:
    """Asks, waits, and tells the seller that the defaults apply, unless it has answered.

    Whether it has answered stands in SQL: what its cases do follows from there, not from here.
    """

    @workflow.run
    async def run(self, asked: AskSeller) -> bool:
        """Whether the defaults were applied."""
        if not await workflow.execute_activity_method(
            SettingsActivities.ask_for_settings, asked, **options.MAIL
        ):
            return False
        wait = asked.until + asked.clock_shift - workflow.now()
        if wait.total_seconds() > 0:
            await workflow.sleep(wait, summary="the seller's answer")
        return await workflow.execute_activity_method(
            SettingsActivities.apply_defaults, asked, **options.MAIL
        )
