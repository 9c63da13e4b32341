"""Changing a case: everything goes through `change_case`, with one exception.

It locks the case, brings it up to the ledger, the settings and the customer, applies one change,
and writes the row, its history and its plan in one transaction. The exception:
`ActionContext.write_attempt` notes in `state` that a mail is about to be sent; version and plan
stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.actions import Action, ActionKind
from dunning.case.inputs import CaseInputs
from dunning.case.notices import with_unanswered_notice_counted
from dunning.case.overdue import open_again_on
from dunning.case.plan import Plan, plan_of
from dunning.case.planning import (
    first_ladder_action_after_hold,
    ladder_action,
    next_action,
    waits_for_statement,
)
from dunning.case.requests import possible_verbs
from dunning.case.seller_mails import with_old_statement_mail
from dunning.case.state import DunningCase
from dunning.case.update import brought_up
from dunning.history import Detail, Event, EventName
from dunning.stages import ENDS, BlockedBy, Stage
from models.histories import add_entries, entry_of, write_events
from models.locks import lock_case
from models.outbox import CaseRef
from models.snapshot import CaseSnapshot, load_snapshot
from models.tables import CaseRow

Change = Callable[[DunningCase, CaseInputs], DunningCase]
"""Changes a case that is up to date; may raise `Refused`."""

_NOT_A_NEXT_STEP: Final = frozenset(
    {
        ActionKind.INVOICE_NOTICE,
        ActionKind.END_HOLD,
        ActionKind.ASK_PARTNER,
        ActionKind.CANCELLATION_NOTICE,
    }
)
_HANDS_OVER: Final = frozenset({ActionKind.HANDOFF, ActionKind.DECIDE_CHARGEBACK})


@dataclass(frozen=True)
class ChangedCase:
    """A changed case and its plan; `is_unsent` if Temporal does not have the plan."""

    snapshot: CaseSnapshot
    case: DunningCase
    plan: Plan
    is_unsent: bool

    @property
    def unsent(self) -> list[CaseRef]:
        """The case, if Temporal does not have its plan."""
        row = self.snapshot.row
        return [CaseRef(row.seller_id, row.case_id)] if self.is_unsent else []


async def change_case(
    session: AsyncSession,
    case_id: str,
    change: Change | None = None,
    *,
    at: datetime,
    answers_workflow: bool = False,
) -> ChangedCase:
    """Bring a case up to a moment and apply a change; without one it is only brought up.

    `answers_workflow`: the caller is an activity of the case's own workflow and returns the plan to
    it. Time does not run backwards: a moment before the last change counts as that one.
    Raises what `change` raises; then nothing is written.
    """
    await lock_case(session, case_id)
    snapshot = await load_snapshot(session, case_id, locked=True)
    row, before = snapshot.row, snapshot.case
    at = max(at, row.updated_at)
    inputs = snapshot.inputs(at)
    case = brought_up(before, inputs, at)
    if change is not None:
        case = change(case, inputs)
    case = with_unanswered_notice_counted(case, at)
    case = with_old_statement_mail(case, inputs, at)
    last_plan = Plan.model_validate(row.plan)
    plan = plan_of(case, row.version + 1, at)
    says_nothing_new = plan.says_the_same_as(last_plan)
    # A plan that says nothing new counts as sent if the last one was.
    needs_no_sending = answers_workflow or (says_nothing_new and row.sent_version == row.version)
    if case == before and says_nothing_new:
        plan = last_plan
        row.is_behind = False
    else:
        await _write(session, row, case, plan, at=at)
    if needs_no_sending:
        row.sent_version = row.version
    session.add(row)
    await session.flush()
    return ChangedCase(snapshot, case, plan, is_unsent=row.sent_version < row.version)


async def add_cases(
    session: AsyncSession, cases: Iterable[tuple[DunningCase, str]], *, at: datetime
) -> None:
    """Insert the rows of new cases, each with its customer's id, and begin their histories."""
    rows, entries = [], []
    for case, customer_id in cases:
        receivable = case.receivable
        rows.append(
            {
                "case_id": case.case_id,
                "seller_id": receivable.seller_id,
                "order_id": receivable.order_id,
                "customer_id": customer_id,
                "installment": receivable.installment,
                "due_date": receivable.due_date,
                "sent_version": 0,
                "is_behind": False,
                **_columns(case, plan_of(case, 1, at), at),
            }
        )
        begins = (*case.events, *_what_follows(Stage.SCHEDULED, case, at))
        entries += [entry_of(case.case_id, event) for event in begins]
    if rows:
        connection = await session.connection()
        await connection.execute(insert(CaseRow), rows)
        await add_entries(session, entries)


async def _write(
    session: AsyncSession, row: CaseRow, case: DunningCase, plan: Plan, *, at: datetime
) -> None:
    """Write the row and its events, in the order of time, but none before the last change."""
    follows = _what_follows(Stage(row.stage), case, at)
    since = row.updated_at
    for name, value in _columns(case, plan, at).items():
        setattr(row, name, value)
    row.is_behind = False
    happened = sorted(case.events, key=lambda event: event.at)
    entries = (_not_before(since, event) for event in happened)
    await write_events(session, case.case_id, (*entries, *follows))


def _not_before(moment: datetime, event: Event) -> Event:
    return event if event.at >= moment else event.model_copy(update={"at": moment})


def _columns(case: DunningCase, plan: Plan, at: datetime) -> dict[str, Any]:
    """Return the columns of a case's row, as the case is now."""
    action = next_action(case, at)
    next_kind, next_at = _board_columns(ladder_action(case, at))
    ahead_kind, ahead_on = _upcoming_columns(case, first_ladder_action_after_hold(case, at))
    return {
        "stage": case.stage,
        "blocked_by": case.blocked_by,
        "dunning_option": case.option,
        "hold_since": case.hold.first_day if case.hold else None,
        "hold_until": case.hold.until if case.hold else None,
        "hold_reason": case.hold.reason if case.hold else None,
        "claim_reference": case.claim.reference if case.claim else case.last_claim,
        "handed_over_at": case.claim.at if case.claim else None,
        "actions": list(possible_verbs(case, at)),
        "escalate_from": case.term_ends_on,
        "open_again_on": open_again_on(case),
        "next_kind": next_kind,
        "next_at": next_at,
        "wakes_at": action.at if action else None,
        "waits_for_statement": waits_for_statement(case, at),
        "ahead_on": ahead_on,
        "ahead_kind": ahead_kind,
        "currency": case.owed.currency,
        "owed": case.owed.amount,
        "updated_at": at,
        "state": case.model_dump(mode="json", exclude_defaults=True),
        "version": plan.version,
        "plan": plan.model_dump(mode="json"),
    }


def _what_follows(before: Stage, case: DunningCase, at: datetime) -> Iterator[Event]:
    """Yield the events of a change of stage; after a block by an error, with its reason (R14)."""
    after = case.stage
    if before is after:
        return
    changed: Detail = {"from": before, "stage": after}
    if after is Stage.BLOCKED and case.blocked_by is BlockedBy.ERROR:
        changed["reason"] = case.error
    yield Event(at=at, name=EventName.STAGE_CHANGED, detail=changed)
    if after in ENDS:
        yield Event(at=at, name=EventName.CASE_CLOSED, detail={"outcome": after})


def _board_columns(action: Action | None) -> tuple[str | None, datetime | None]:
    """Return the next step that the board shows."""
    if action is None or action.kind in _NOT_A_NEXT_STEP:
        return None, None
    kind = ActionKind.HANDOFF if action.kind in _HANDS_OVER else action.kind
    return kind, action.at


def _upcoming_columns(case: DunningCase, action: Action | None) -> tuple[str | None, date | None]:
    """Return the first notice or other step that comes by itself, and its day."""
    if action is None or action.kind in _NOT_A_NEXT_STEP:
        return None, None
    return action.kind, case.terms.day_of(action.at)
