"""The question to a seller for its settings; seven days without answer bring the defaults (R21)."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.settings_mails import SettingsActivities
    from models.payloads import AskSeller
    from workflows import options


@workflow.defn(name="SellerSettings")
class SellerSettingsWorkflow:
    """The workflow that asks a seller and waits; without an answer it says that defaults apply.

    The answer itself is in SQL, and the seller's cases follow that, not this workflow.
    """

    @workflow.run
    async def run(self, asked: AskSeller) -> bool:
        """Return whether the seller was told that the defaults apply."""
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
