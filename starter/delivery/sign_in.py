"""Mailing the link with which one signs in to the console."""

from __future__ import annotations

import secrets

from temporalio.client import Client

from models.payloads import MailSignInLink
from starter.delivery.client import within_reach
from workflows import CASES_QUEUE
from workflows.sign_in import SignInLinkWorkflow


class SignInMails:
    """Starts the workflow that makes and mails a link; the link itself is never in a workflow."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def send(self, seller_id: str, path: str) -> None:
        """Have a link mailed. Raises `TemporalUnavailable`; then no mail is sent."""
        async with within_reach():
            await self._temporal.start_workflow(
                SignInLinkWorkflow.run,
                MailSignInLink(seller_id=seller_id, path=path),
                id=f"sign-in/{secrets.token_hex(8)}",
                task_queue=CASES_QUEUE,
            )
