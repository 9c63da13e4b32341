"""Makes a link for signing in to the console, and mails it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sign_in import SignInActivities
    from models.payloads import MailSignInLink
    from workflows import options


@workflow.defn(name="SignInLink")
class SignInLinkWorkflow:
    """The workflow that sends one mail with a link; it tries for a quarter of an hour.

    Whoever has waited longer asks again.
    """

    @workflow.run
    async def run(self, asked: MailSignInLink) -> None:
        await workflow.execute_activity_method(
            SignInActivities.mail_sign_in_link, asked, **options.SIGN_IN
        )
