"""The delivery of events to one endpoint of a backend."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.webhooks import WebhookActivities
    from models.payloads import SendWebhooks, WebhooksSent
    from workflows import options

# So that the history of an endpoint that is down for days, or always busy, does not grow without
# end.
TURNS_OF_A_RUN: Final = 100
WAKES_OF_A_RUN: Final = 1000


@workflow.defn(name="Webhooks")
class WebhooksWorkflow:
    """The workflow that sends the messages to one endpoint; it ends when none wait.

    Each endpoint has its own, and holds up no other. SQL alone knows which messages wait, and until
    when. Whoever queues one wakes this workflow.
    """

    @workflow.init
    def __init__(self, task: SendWebhooks) -> None:
        self._is_woken = False
        self._wakes = 0

    @workflow.signal(description="Something was put on its way to this endpoint")
    def wake(self) -> None:
        self._is_woken = True
        self._wakes += 1

    @workflow.run
    async def run(self, task: SendWebhooks) -> None:
        for _ in range(TURNS_OF_A_RUN):
            self._is_woken = False
            sent: WebhooksSent = await workflow.execute_activity_method(
                WebhookActivities.send_webhooks, task, **options.WEBHOOKS
            )
            if sent.next_due_at is not None:
                await self._sleep_until(sent.next_due_at)
            elif not self._is_woken:
                return
            if self._wakes >= WAKES_OF_A_RUN:
                break
        workflow.continue_as_new(task)

    async def _sleep_until(self, moment: datetime) -> None:
        """Wait for a moment, or until woken."""
        left = moment - workflow.now()
        workflow.set_current_details(f"next try: {moment:%Y-%m-%d %H:%M:%S} UTC")
        if left.total_seconds() <= 0:
            return
        try:
            await workflow.wait_condition(
                lambda: self._is_woken, timeout=left, timeout_summary="next try"
            )
        except TimeoutError:
            return
