"""A case on its handoff day, and the activity that hands it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from activities.handoff import HandoffActivities
from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.ladder import LADDER, DunningOption, StepTaken
from models.outbox import CaseRef
from runtime.database import Database
from tests.activity_runs import act
from tests.factories import utc
from tests.seeded import case_of_an_open_order, set_case

OPENED = utc("2026-03-02T09:00:00")
HANDOFF_DAY = utc("2026-04-01T10:00:00")
TAKEN = tuple(
    StepTaken(kind=step.kind, on=OPENED.date() + timedelta(days=step.offset)) for step in LADDER[:3]
)


async def nobody(cases: Sequence[CaseRef]) -> None:
    """An order of one case has no others that could be told."""
    assert list(cases) == []


async def hand_over(handoff: HandoffActivities, case_id: str, attempt: int = 1) -> Plan:
    return await act(handoff.hand_over, case_id, ActionKind.HANDOFF, HANDOFF_DAY, attempt=attempt)


async def notices_sent(database: Database, *, begun: bool = False, **given: object) -> str:
    """A case on its handoff day."""
    case_id = await case_of_an_open_order(database, OPENED, **given)
    await set_case(
        database,
        case_id,
        invoice_notice_due=False,
        steps=TAKEN,
        option=DunningOption.COURT,
        handoff_begun=begun,
    )
    return case_id
