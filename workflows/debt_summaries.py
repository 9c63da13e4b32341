"""Summaries of debts: checks once a day each seller that wants them (R24)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from activities.summaries import SummaryActivities
    from models.payloads import SendSummaries, SummariesSent
    from workflows import options

# So that the history of a seller with a million customers does not grow without end.
PAGES_OF_A_RUN: Final = 100
# The moment for which the Schedule planned the start, however late it was.
_PLANNED: Final = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


@workflow.defn(name="DebtSummaries")
class DebtSummariesWorkflow:
    """The workflow that goes through a seller's customers, some at a time.

    SQL alone knows who is to get a summary and who has got one: a fresh start does no harm.
    """

    @workflow.run
    async def run(self, task: SendSummaries) -> None:
        task = task.model_copy(update={"at": task.at or self._planned_at(task)})
        for _ in range(PAGES_OF_A_RUN):
            page: SummariesSent = await workflow.execute_activity_method(
                SummaryActivities.send_summaries, task, **options.SUMMARIES
            )
            if page.after_customer is None:
                return
            task = task.model_copy(update={"after_customer": page.after_customer})
        workflow.continue_as_new(task)

    def _planned_at(self, task: SendSummaries) -> datetime:
        planned = workflow.info().typed_search_attributes.get(_PLANNED)
        return planned or workflow.now() - task.clock_shift
